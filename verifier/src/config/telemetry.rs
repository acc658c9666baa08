//! Traces of requests.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// Longest service name, in bytes.
const MAX_NAME: usize = 255;

/// `[telemetry]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Base URL of an OpenTelemetry collector that takes OTLP over HTTP with protobuf, such as
    /// `https://collector.example:4318`; `/v1/traces` is added. Without one no trace is made. `[outbound]` says whether
    /// it may be called.
    pub otlp_endpoint: Option<String>,
    /// What the verifier is called in traces (`service.name`).
    pub service_name: String,
    /// Share of the traces begun here that are recorded, from 0 to 1. Of those that a server has begun, it says so.
    pub sample_ratio: f64,
}

impl Telemetry {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Err(ConfigError::new("telemetry.sample_ratio: give 0 to 1"));
        }
        if !(1..=MAX_NAME).contains(&self.service_name.len()) {
            return Err(ConfigError::new(
                "telemetry.service_name: give 1 to 255 bytes",
            ));
        }
        Ok(())
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            service_name: "waxseal-verifier".to_owned(),
            sample_ratio: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(), ConfigError> {
        let telemetry: Telemetry =
            toml::from_str(text).map_err(|error| ConfigError::new(error.to_string()))?;
        telemetry.check()
    }

    #[test]
    fn what_makes_no_sense_refuses_to_start() {
        for good in [
            "",
            "sample_ratio = 0.0",
            "sample_ratio = 1",
            "service_name = \"a\"",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "sample_ratio = -0.1",
            "sample_ratio = 1.1",
            "sample_ratio = nan",
            "sample_ratio = inf",
            "service_name = \"\"",
            "endpoint = \"https://a.example\"",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
