//! Who checks a captcha or a proof of work.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// `[challenge]`
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    /// Where tokens are checked that come with a card (`siteverify` of reCAPTCHA, hCaptcha, Turnstile and others).
    pub verify_url: Option<String>,
    /// The file with the secret that the service gave.
    pub secret_file: Option<PathBuf>,
}

impl Challenge {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.verify_url.is_some() != self.secret_file.is_some() {
            return Err(ConfigError::new(
                "challenge.verify_url and challenge.secret_file: give both or neither",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_secret() {
        let url = || Some("https://captcha.example/siteverify".to_owned());
        for (verify_url, secret_file, is_good) in [
            (None, None, true),
            (url(), Some("secret".into()), true),
            (url(), None, false),
            (None, Some("secret".into()), false),
        ] {
            let config = Challenge {
                verify_url,
                secret_file,
            };
            assert_eq!(config.check().is_ok(), is_good);
        }
    }
}
