//! Bodies that the two sides exchange over HTTP, besides the envelope itself.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::card::Brand;

/// How much the frame may collect for a session.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignalLevel {
    /// Every registered signal.
    #[default]
    Full,
    /// Only what is compared with the countries of card, shipping and address.
    Minimal,
    /// None.
    Off,
}

impl SignalLevel {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Minimal => "minimal",
            Self::Off => "off",
        }
    }

    /// The one of two levels that collects less.
    #[must_use]
    pub const fn lesser(self, other: Self) -> Self {
        match (self, other) {
            (Self::Off, _) | (_, Self::Off) => Self::Off,
            (Self::Minimal, _) | (_, Self::Minimal) => Self::Minimal,
            (Self::Full, Self::Full) => Self::Full,
        }
    }

    /// The level of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Full, Self::Minimal, Self::Off]
            .into_iter()
            .find(|level| level.as_str() == name)
    }
}

/// Where a session stands, as the browser may know it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// A card was taken; the decision is not a rejection.
    Accepted,
    /// A card was taken and the decision was to reject; another attempt may follow.
    Declined,
    /// No card yet.
    Open,
}

impl SessionStatus {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Open => "open",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Declined, Self::Open]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// `GET /v1/session`: what the frame needs to show and to seal.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Session id, `cs_test_…` or `cs_live_…`.
    pub id: String,
    /// Name of the merchant, to be shown.
    pub merchant_name: String,
    /// The only origin that may mount the frame.
    pub origin: String,
    /// Amount in minor units of `currency`.
    pub amount: u64,
    /// ISO 4217 alphabetic code.
    pub currency: String,
    /// Digits after the decimal point of `currency` (ISO 4217): 2 for USD, 0 for JPY.
    pub currency_exponent: u8,
    /// Revision of the session, to be bound into the envelope.
    pub rev: u32,
    /// Brands that the merchant takes.
    pub accepted_brands: Vec<Brand>,
    /// BCP 47 language tag to show the form in, if the merchant chose one.
    pub locale: Option<String>,
    /// How much may be collected.
    pub signals: SignalLevel,
    /// How much may be collected of a browser that asks not to be profiled (Global Privacy Control), if
    /// that is less.
    #[serde(default)]
    pub signals_under_gpc: SignalLevel,
    /// Whether a card has been taken.
    pub status: SessionStatus,
    /// RFC 7638 thumbprint of the key to seal to.
    pub kid: String,
    /// The server's clock, seconds since the Unix epoch.
    pub now: u64,
}

/// `POST /v1/session/card`: a sealed card.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// A compact JWE, see [`crate::seal`].
    pub envelope: String,
    /// What a captcha or a proof of work gave the browser, if the verifier's operator has one checked: 1 to 4,096 printable
    /// ASCII characters. It is good for one question, so that it need not be sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

/// The masked answer to a [`SubmitRequest`]: all that the browser learns.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmitResponse {
    /// Whether the card was taken or declined.
    pub status: SessionStatus,
    /// The card's brand.
    pub brand: Brand,
    /// The last four digits of the PAN, if it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
}

/// A public sealing key as `/.well-known/jwks.json` lists it (RFC 7517).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealingJwk {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// Base64url of the x coordinate, 32 bytes.
    pub x: String,
    /// Base64url of the y coordinate, 32 bytes.
    pub y: String,
    /// Always `enc`.
    #[serde(rename = "use")]
    pub usage: String,
    /// Always `HPKE-7`.
    pub alg: String,
    /// RFC 7638 thumbprint of the key.
    pub kid: String,
    /// `pending`, `active` or `retired`.
    pub state: String,
    /// When the key was made, RFC 3339 UTC.
    pub created_at: String,
    /// When it became active, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub activated_at: Option<String>,
    /// When it was retired, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retired_at: Option<String>,
}

/// `/.well-known/jwks.json`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealingJwks {
    /// Every key that may be sealed to, or is about to be.
    pub keys: Vec<SealingJwk>,
}
