//! The attributes of one submission, gathered inside its transaction, and the decision on them.

use iso_currency::Currency;
use waxseal_engine::attribute::{Attribute, Attributes};

use super::{
    assessed::Assessed, decide::decide, device, envelope::Opened, store_card::Prepared,
    submit::Attempt,
};
use crate::{
    clock::Timestamp,
    risk::{VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S, country::CountryCode},
    store::{
        StoreError, Tx,
        cards::CardRow,
        device_visits::DeviceVisit,
        sessions::Session,
        velocity::{self, VelocityEvent},
    },
};

/// Gathers the attributes and decides. The event is what this session adds to later sums, the visit what its
/// device is recognised by.
pub(super) fn assess(
    attempt: &Attempt,
    tx: &Tx<'_>,
    session: &Session,
    opened: &Opened,
    prepared: &Prepared,
    card: &CardRow,
) -> Result<(Assessed, VelocityEvent, Option<DeviceVisit>), StoreError> {
    let app = &attempt.app;
    let ip = attempt.peer.ip;
    let currency = Currency::from_code(&session.currency);
    let ip_digest = app.ip_digest(attempt.token.mode, ip);
    let event = VelocityEvent {
        session_id: session.id.clone(),
        card_id: card.id.clone(),
        address: velocity::address(&ip_digest, &session.merchant_id)?,
        usd_micros: currency
            .and_then(|currency| app.usd_rates.usd_micros(session.amount, currency)),
        at: attempt.now,
    };
    let since = attempt.now.plus_seconds(-VELOCITY_WINDOW_S);
    let others = velocity::sum_usd_micros(tx, &event, since, VELOCITY_LIMIT_USD_MICROS)?;
    let mut attributes = Attributes::default();
    of_session(&mut attributes, session, attempt.now);
    // EXPOSE: the first eight digits, of a shorter number too, to look up the issuer's country.
    let digits = prepared.valid.pan.digits();
    attributes.set(Attribute::CardBin, digits.get(..6));
    attributes.set(Attribute::CardBinCountry, app.bin_countries.lookup(digits));
    attributes.set(Attribute::CardBrand, card.brand.as_str());
    attributes.set(Attribute::CardId, card.id.as_str());
    attributes.set(Attribute::IpAddress, ip);
    attributes.set(Attribute::IpCountry, app.ip_countries.lookup(ip));
    attributes.set(Attribute::SessionAmountUsdMicros, event.usd_micros);
    attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, others);
    let is_known = app.known_builds.contains(&opened.header.bld);
    attributes.set(Attribute::SdkBuildKnown, is_known);
    attributes.set(Attribute::SignalsUnknown, opened.card.signals.unknown());
    let recognised =
        device::recognise_device(attempt, tx, &mut attributes, &prepared.device, session)?;
    let merchant_id = &session.merchant_id;
    let assessed = decide(app, merchant_id, attributes, recognised.reason, attempt.now);
    Ok((assessed, event, recognised.visit))
}

/// What the merchant's server said of it.
fn of_session(attributes: &mut Attributes, session: &Session, now: Timestamp) {
    let shipping = session.shipping_country.as_deref();
    let shipping = shipping.and_then(|country| CountryCode::parse(country).ok());
    let age_s = (now.millis() - session.created_at.millis()) / 1_000;
    attributes.set(Attribute::CustomerId, session.customer_id.as_deref());
    attributes.set(Attribute::SessionAgeS, age_s);
    attributes.set(Attribute::SessionAmountMinor, session.amount);
    attributes.set(Attribute::SessionAttempts, session.attempts);
    attributes.set(Attribute::SessionCurrency, session.currency.as_str());
    attributes.set(Attribute::SessionPurpose, session.purpose.as_str());
    attributes.set(Attribute::SessionShippingCountry, shipping);
}
