//! On which decisions rules are tried, as callers say it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    http::{Misfit, MisfitReason},
    mode::Mode,
    store::may_be_id,
};

/// Days that are looked at where nobody says since when.
const DAYS: i64 = 30;

/// Body of `POST /v1/rules/backtest`: a text or a stored version.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rule_set": "rls_01m8q4t1p0zzzzzzzzzzzzzzzz", "since": "2026-11-01T00:00:00Z" }))]
pub struct BacktestRequest {
    /// The rules.
    #[serde(default)]
    pub text: Option<String>,
    /// Id of a stored version.
    #[serde(default)]
    pub rule_set: Option<String>,
    /// Id of the merchant on whose decisions to try them; on everybody's if left out.
    #[serde(default)]
    pub merchant: Option<String>,
    /// On decisions of which mode, without a merchant; live if left out.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// From when on, RFC 3339; 30 days ago if left out.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// Up to when, RFC 3339; now if left out.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// Whose decisions, and when.
#[derive(Clone, Debug)]
pub struct Range {
    /// A merchant's alone.
    pub merchant_id: Option<String>,
    /// Of which mode.
    pub mode: Mode,
    /// From when on.
    pub since: Timestamp,
    /// Up to when.
    pub until: Timestamp,
}

impl Range {
    /// As a request has it.
    ///
    /// # Errors
    /// Which member is not as it has to be.
    pub fn of(
        merchant_id: Option<String>,
        mode: Option<Mode>,
        (since, until): (Option<&str>, Option<&str>),
        now: Timestamp,
    ) -> Result<Self, Misfit> {
        let parsed = |member, text: Option<&str>, otherwise| match text {
            None => Ok(otherwise),
            Some(text) => {
                let at = Timestamp::parse_rfc3339(text).filter(|at| at.millis() >= 0);
                at.ok_or(Misfit::of(member, MisfitReason::Format))
            }
        };
        if !merchant_id.as_deref().is_none_or(may_be_id) {
            return Err(Misfit::of("merchant", MisfitReason::Format));
        }
        let mode = match &merchant_id {
            Some(id) => Mode::of_id(id),
            None => mode.unwrap_or(Mode::Live),
        };
        Ok(Self {
            merchant_id,
            mode,
            since: parsed("since", since, now.plus_seconds(-DAYS * 24 * 60 * 60))?,
            until: parsed("until", until, now)?,
        })
    }
}
