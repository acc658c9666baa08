//! What proves that a person or an honest browser submits a card: a captcha or proof of work that somebody else checks.
//!
//! The frame, or whatever the merchant puts beside it, gets a token from the service; the verifier asks the service about it, in the form
//! that such services have in common (`siteverify`: reCAPTCHA, hCaptcha, Turnstile, and proofs of work that speak it).

use std::{path::Path, time::Duration};

use axum::http::{HeaderValue, StatusCode};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::{
    config,
    outbound::{Bounds, Call, Destination, Outbound},
};

/// Longest token that is passed on, in bytes.
pub const MAX_TOKEN: usize = 4_096;

/// A submission waits for it.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(3),
    answer_bytes: 16 * 1024,
};
/// Of services that give a score instead of a puzzle, from 0 (a program) to 1 (a person): what is enough.
const ENOUGH: f64 = 0.5;
/// Longest secret, in bytes.
const MAX_SECRET: usize = 1_024;

/// Who is asked whether a token is good.
pub struct Verification {
    to: Destination,
    secret: Zeroizing<String>,
}

/// A service's answer. It has more members, each its own.
#[derive(Deserialize)]
struct Verdict {
    success: bool,
    hostname: Option<String>,
    score: Option<f64>,
}

impl Verification {
    /// The service that the configuration names, if it names one.
    ///
    /// # Errors
    /// When its URL or secret is none, in one line.
    pub fn open(config: &config::Challenge) -> Result<Option<Self>, String> {
        let (Some(url), Some(file)) = (&config.verify_url, &config.secret_file) else {
            return Ok(None);
        };
        let to =
            Destination::parse(url).map_err(|error| format!("challenge.verify_url: {error}"))?;
        Ok(Some(Self {
            to,
            secret: read_secret(file)?,
        }))
    }

    /// Whether a token is good, for a form on `origin`; `None` when the service does not say.
    pub async fn ask(&self, outbound: &Outbound, token: &str, origin: &str) -> Option<bool> {
        // EXPOSE: to the service that gave it.
        let body = Serializer::new(String::new())
            .append_pair("secret", &self.secret)
            .append_pair("response", token)
            .finish();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let called = outbound.call(Call::post(self.to.clone(), form, body), BOUNDS);
        let verdict = match called.await {
            Ok(answer) if answer.status == StatusCode::OK => {
                serde_json::from_slice::<Verdict>(&answer.body).ok()
            }
            Ok(_) => None,
            Err(error) => {
                tracing::error!(event = "challenge_not_verified", %error);
                None
            }
        };
        let passed = verdict.map(|verdict| verdict.is_good_for(origin));
        let outcome = match passed {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "unknown",
        };
        metrics::counter!("waxseal_challenges_total", "outcome" => outcome).increment(1);
        passed
    }
}

impl Verdict {
    /// A token of another page is none: it may have been solved there.
    fn is_good_for(&self, origin: &str) -> bool {
        let host = url::Url::parse(origin).ok();
        let host = host.as_ref().and_then(url::Url::host_str);
        let is_of_page = self
            .hostname
            .as_deref()
            .is_none_or(|hostname| Some(hostname) == host);
        self.success && is_of_page && self.score.is_none_or(|score| score >= ENOUGH)
    }
}

fn read_secret(file: &Path) -> Result<Zeroizing<String>, String> {
    let failed =
        |what: &dyn std::fmt::Display| format!("challenge.secret_file {}: {what}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error.kind()))?;
    let text = Zeroizing::new(text);
    let secret = Zeroizing::new(text.trim().to_owned());
    let is_secret = (1..=MAX_SECRET).contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_graphic());
    match is_secret {
        true => Ok(secret),
        false => Err(failed(&"give the service's secret alone")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_page_alone_and_with_a_score_that_is_enough() {
        for (answer, is_good) in [
            (r#"{"success":true}"#, true),
            (
                r#"{"success":true,"hostname":"shop.example","action":"pay"}"#,
                true,
            ),
            (r#"{"success":true,"hostname":"other.example"}"#, false),
            (r#"{"success":true,"hostname":""}"#, false),
            (r#"{"success":true,"score":0.5}"#, true),
            (r#"{"success":true,"score":0.49}"#, false),
            (
                r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#,
                false,
            ),
        ] {
            let verdict: Verdict = serde_json::from_str(answer).unwrap();
            assert_eq!(
                verdict.is_good_for("https://shop.example"),
                is_good,
                "{answer}"
            );
        }
        for other in ["{}", "[]", r#"{"success":"true"}"#, r#"{"success":null}"#] {
            assert!(serde_json::from_str::<Verdict>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        assert!(read_secret(&file).is_err());
        for (text, is_secret) in [("0x4AAA\n", true), ("", false), ("two words", false)] {
            std::fs::write(&file, text).unwrap();
            match read_secret(&file) {
                Ok(secret) => assert!(is_secret && *secret == text.trim()),
                Err(error) => assert!(!is_secret && !error.contains("words")),
            }
        }
    }
}
