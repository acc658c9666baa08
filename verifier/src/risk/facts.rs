//! The attributes that a merchant's server has always seen of a decision, under the names that it has for them.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_engine::{
    attribute::{Attribute, Attributes, Value},
    rules::ListHit,
};

use super::{country::CountryCode, engine::BLOCKED_IPS};

/// Width of the velocity window.
pub const VELOCITY_WINDOW_S: i64 = 3600;
/// What may be spent in it: 5,000.00 US dollars.
pub const VELOCITY_LIMIT_USD_MICROS: i64 = 5_000_000_000;

/// The facts of one submission.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Facts {
    /// The block-list entry that the client's address is in.
    #[schema(value_type = Option<String>)]
    pub ip_blocked_by: Option<IpNet>,
    /// Country of the client's address.
    pub ip_country: Option<CountryCode>,
    /// Country of the card's issuer.
    pub bin_country: Option<CountryCode>,
    /// Country that goods are shipped to; `None` when nothing is shipped.
    pub shipping_country: Option<CountryCode>,
    /// This session's amount in millionths of a US dollar; `None` where the currency has no rate.
    pub usd_micros: Option<i64>,
    /// The same for the merchant's other sessions in the window with this card or address. Counting
    /// stops once it is above the limit.
    pub other_usd_micros: i64,
    /// Whether the envelope names an SDK build that this verifier knows.
    pub sdk_build_known: bool,
    /// Signals whose names this verifier does not know, and dropped.
    pub unknown_signals: u32,
}

impl Facts {
    /// Reads them off what the rules read and found.
    pub fn of(attributes: &Attributes, list_hits: &[ListHit]) -> Self {
        let country = |attribute| match attributes.get(attribute) {
            Value::Country(country) => Some(*country),
            _ => None,
        };
        let integer = |attribute| match attributes.get(attribute) {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        };
        let blocked = list_hits.iter().find(|hit| hit.list == BLOCKED_IPS);
        let unknown_signals = integer(Attribute::SignalsUnknown).unwrap_or(0);
        Self {
            ip_blocked_by: blocked.and_then(|hit| hit.entry.as_deref()?.parse().ok()),
            ip_country: country(Attribute::IpCountry),
            bin_country: country(Attribute::CardBinCountry),
            shipping_country: country(Attribute::SessionShippingCountry),
            usd_micros: integer(Attribute::SessionAmountUsdMicros),
            other_usd_micros: integer(Attribute::VelocityCardOrIpSumUsdMicros1h).unwrap_or(0),
            sdk_build_known: *attributes.get(Attribute::SdkBuildKnown) == Value::Boolean(true),
            unknown_signals: u32::try_from(unknown_signals).unwrap_or(u32::MAX),
        }
    }
}
