//! When somebody is told of what, and where.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// `[alerts]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// Failed authentications of one client, user or address that raise an alert, within
    /// `failed_authentications_s`.
    pub failed_authentications: u32,
    /// Seconds within which they are counted; an hour at most.
    pub failed_authentications_s: u32,
    /// Seconds after somebody's first request in which every country is taken for usual.
    pub country_learning_s: u32,
    /// Kilometres an hour that nobody travels.
    pub travel_km_per_h: u32,
    /// Kilometres that an address may be misplaced by: less is no travel.
    pub travel_km: u32,
    /// Minutes before the one that is looked at, to which it is compared; a day at most.
    pub baseline_min: u32,
    /// A minute has so many times as many requests as usual, or so many times fewer, to raise an alert.
    pub rate_factor: u32,
    /// Fewer requests a minute than this are no anomaly, and no baseline to fall from.
    pub rate_requests: u32,
    /// Minutes in which refused and failed requests are counted.
    pub error_min: u32,
    /// Of a hundred requests so many have to be refused or fail,
    pub error_percent: u32,
    /// and so many times as many as usual,
    pub error_factor: u32,
    /// of at least so many requests.
    pub error_requests: u32,
    /// Days left at which one is told that a certificate, revocation list or key ends.
    pub days_left: Vec<u32>,
    /// Days that a key which is rotated by hand is used; 0 for ever.
    pub key_days: u32,
    /// Where alerts are posted to.
    pub webhook: Option<String>,
    /// The file with the secret that they are signed with: `whsec_` and base64.
    pub webhook_secret_file: Option<PathBuf>,
}

impl Alerts {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (option, value, range) in [
            (
                "failed_authentications",
                self.failed_authentications,
                2..=1000,
            ),
            (
                "failed_authentications_s",
                self.failed_authentications_s,
                1..=3600,
            ),
            ("travel_km_per_h", self.travel_km_per_h, 1..=100_000),
            ("baseline_min", self.baseline_min, 5..=1440),
            ("rate_factor", self.rate_factor, 2..=1000),
            ("rate_requests", self.rate_requests, 1..=u32::MAX),
            ("error_min", self.error_min, 1..=60),
            ("error_percent", self.error_percent, 1..=100),
            ("error_factor", self.error_factor, 1..=100),
            ("error_requests", self.error_requests, 1..=u32::MAX),
        ] {
            if !range.contains(&value) {
                let (least, most) = (range.start(), range.end());
                return Err(ConfigError::new(format!(
                    "alerts.{option} = {value}: give {least} to {most}"
                )));
            }
        }
        if self.webhook.is_some() != self.webhook_secret_file.is_some() {
            return Err(ConfigError::new(
                "alerts.webhook and alerts.webhook_secret_file: give both or neither",
            ));
        }
        Ok(())
    }
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            failed_authentications: 5,
            failed_authentications_s: 60,
            country_learning_s: 14 * 24 * 60 * 60,
            travel_km_per_h: 900,
            travel_km: 500,
            baseline_min: 60,
            rate_factor: 5,
            rate_requests: 300,
            error_min: 5,
            error_percent: 20,
            error_factor: 3,
            error_requests: 100,
            days_left: vec![30, 14, 3],
            key_days: 365,
            webhook: None,
            webhook_secret_file: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_allowed_and_what_is_beyond_the_bounds_is_not() {
        let with = |change: fn(&mut Alerts)| {
            let mut alerts = Alerts::default();
            change(&mut alerts);
            alerts.check()
        };
        assert!(with(|_| ()).is_ok());
        for change in [
            (|alerts| alerts.failed_authentications = 1) as fn(&mut Alerts),
            |alerts| alerts.failed_authentications_s = 3601,
            |alerts| alerts.travel_km_per_h = 0,
            |alerts| alerts.baseline_min = 1441,
            |alerts| alerts.error_percent = 101,
            |alerts| alerts.webhook = Some("https://a.example/".to_owned()),
            |alerts| alerts.webhook_secret_file = Some("secret".into()),
        ] {
            assert!(with(change).is_err());
        }
    }
}
