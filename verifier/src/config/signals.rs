//! What the card form collects of the customer's device.

use schemars::JsonSchema;
use serde::Deserialize;
use waxseal_protocol::message::SignalLevel;

/// `[signals]`
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Signals {
    /// What is collected at most of a browser that asks not to be profiled (Global Privacy Control,
    /// `Sec-GPC: 1`): `full`, which ignores it, `minimal` or `off`. A session that says less stays at that.
    #[schemars(with = "String")]
    pub global_privacy_control: SignalLevel,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            global_privacy_control: SignalLevel::Minimal,
        }
    }
}
