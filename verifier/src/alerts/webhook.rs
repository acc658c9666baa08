//! Where alerts are posted to, and how one can tell that they come from here: Standard Webhooks 1.0.0, a signature
//! by HMAC-SHA256 over id, time and body.

use std::{path::Path, time::Duration};

use aws_lc_rs::hmac;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::{
    clock::Timestamp,
    config,
    outbound::{Bounds, Call, CallError, Destination, Outbound},
    store::alert_deliveries::AlertDelivery,
};

/// Bytes that a secret has.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What a call may cost. Nothing of the answer is read but its status.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(10),
    answer_bytes: 16 * 1024,
};

/// A receiver of alerts.
pub struct Webhook {
    to: Destination,
    key: hmac::Key,
}

impl Webhook {
    /// The one that the configuration names, if it names any.
    ///
    /// # Errors
    /// When its URL or secret is none, in one line.
    pub fn open(config: &config::Alerts) -> Result<Option<Self>, String> {
        let (Some(url), Some(file)) = (&config.webhook, &config.webhook_secret_file) else {
            return Ok(None);
        };
        let to = Destination::parse(url).map_err(|error| format!("alerts.webhook: {error}"))?;
        Ok(Some(Self {
            to,
            key: read_secret(file)?,
        }))
    }

    /// Posts it once.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) async fn post(
        &self,
        outbound: &Outbound,
        delivery: &AlertDelivery,
        now: Timestamp,
    ) -> Result<StatusCode, CallError> {
        let json = HeaderValue::from_static("application/json");
        let mut call = Call::post(self.to.clone(), json, delivery.payload.clone());
        for (name, value) in self.headers(delivery, now) {
            let value = HeaderValue::try_from(value).map_err(|_| CallError::UrlRefused)?;
            call = call.with_header(HeaderName::from_static(name), value);
        }
        Ok(outbound.call(call, BOUNDS).await?.status)
    }

    fn headers(&self, delivery: &AlertDelivery, now: Timestamp) -> [(&'static str, String); 3] {
        let (id, at_s) = (&delivery.id, now.seconds());
        let signed = format!("{id}.{at_s}.{}", delivery.payload);
        let signature = STANDARD.encode(hmac::sign(&self.key, signed.as_bytes()));
        [
            ("webhook-id", id.clone()),
            ("webhook-timestamp", at_s.to_string()),
            ("webhook-signature", format!("v1,{signature}")),
        ]
    }
}

fn read_secret(file: &Path) -> Result<hmac::Key, String> {
    let failed = |what: &dyn std::fmt::Display| {
        format!("alerts.webhook_secret_file {}: {what}", file.display())
    };
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    let text = Zeroizing::new(text);
    let encoded = text.trim().strip_prefix("whsec_");
    let secret = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
    let secret = secret.map(Zeroizing::new);
    match secret.filter(|secret| SECRET_BYTES.contains(&secret.len())) {
        Some(secret) => Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret)),
        None => Err(failed(
            &"give whsec_ and the base64 of 24 to 64 random bytes",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(secret: &str) -> Result<Webhook, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, secret).unwrap();
        let config = config::Alerts {
            webhook: Some("https://a.example/hook".to_owned()),
            webhook_secret_file: Some(file),
            ..config::Alerts::default()
        };
        Webhook::open(&config).map(Option::unwrap)
    }

    /// The example of the Standard Webhooks reference libraries' tests.
    #[test]
    fn the_reference_librarys_example_is_signed_as_there() {
        let webhook = open("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let delivery = AlertDelivery {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
            payload: r#"{"test": 2432232314}"#.to_owned(),
            attempts: 0,
            due_at: Timestamp::from_millis(0),
        };
        let headers = webhook.headers(&delivery, Timestamp::from_millis(1_614_265_330_000));
        assert_eq!(headers[1].1, "1614265330");
        assert_eq!(
            headers[2].1,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_said() {
        for secret in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_!",
            "whsec_c2hvcnQ=",
        ] {
            let Err(message) = open(secret) else {
                panic!("{secret}");
            };
            assert!(message.contains("webhook_secret_file") && message.lines().count() == 1);
            assert!(secret.is_empty() || !message.contains(secret));
        }
    }
}
