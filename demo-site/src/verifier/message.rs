//! Bodies of the verifier's private listener, as far as this shop uses them.
//!
//! Members that the shop has no use for are left out, so that a newer verifier may add some.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use waxseal_protocol::{card::Brand, message::SessionStatus};

use crate::{country::Country, money::Cents};

/// `POST /v1/sessions`.
#[derive(Clone, Debug, Serialize)]
pub struct NewSession<'a> {
    /// To be paid, computed by this backend.
    pub amount: Cents,
    /// ISO 4217.
    pub currency: &'static str,
    /// This shop's own number for the order.
    pub order_id: &'a str,
    /// The origin of this shop's pages.
    pub origin: &'a str,
    /// Where the goods go.
    pub shipping_country: Country,
}

/// What lets the page mount the frame for one session.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct IssuedToken {
    /// A JWT that can do one thing: submit a sealed card for its session.
    pub client_token: String,
    /// When it ends, RFC 3339 UTC.
    pub client_token_expires_at: String,
}

/// The answer to `POST /v1/sessions`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CreatedSession {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) token: IssuedToken,
}

/// `PATCH /v1/sessions/{id}`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SessionChange {
    pub(super) rev: u32,
    pub(super) amount: Cents,
    pub(super) shipping_country: Country,
}

/// `GET /v1/sessions/{id}`: the session, its card masked, and the decision.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SessionRecord {
    /// Session id.
    pub id: String,
    /// `test` or `live`.
    pub mode: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// To be paid.
    pub amount: Cents,
    /// ISO 4217.
    pub currency: String,
    /// This shop's own number for the order.
    pub order_id: String,
    /// Where the goods go.
    pub shipping_country: Option<String>,
    /// How often amount or country changed.
    pub rev: u32,
    /// Envelopes tried so far.
    pub attempts: u32,
    /// The card that was taken or declined.
    pub card: Option<CardRecord>,
    /// What the verifier decided, and why.
    pub decision: Option<Decision>,
}

/// A card as its merchant may know it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CardRecord {
    /// `card_…`, the primary reference.
    pub id: String,
    /// As long as the card number, same last four, never valid as one.
    pub token: String,
    /// Brand.
    pub brand: Brand,
    /// Last four digits.
    pub last4: String,
    /// Month of expiry.
    pub exp_month: u8,
    /// Year of expiry.
    pub exp_year: u16,
}

/// What the verifier decided about a submission.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Decision {
    /// `allow`, `challenge`, `review`, `reject`, or an outcome that a later verifier adds.
    pub outcome: String,
    /// Sum of the reasons' points.
    #[serde(default)]
    pub points: i64,
    /// Each rule that had something to say.
    pub reasons: Vec<Reason>,
    /// Version of the rules.
    #[serde(default)]
    pub rule_set: String,
}

/// One rule's contribution.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Reason {
    /// The rule.
    pub rule: String,
    /// What it found.
    pub code: String,
    /// What it asks for: `none`, `flag`, `review`, `reject`.
    #[serde(default)]
    pub effect: String,
    /// What that counts.
    #[serde(default)]
    pub points: i64,
    /// What it read.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
}
