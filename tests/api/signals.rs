//! How much the card form may collect of a browser that asks not to be profiled.

use axum::http::HeaderValue;
use serde_json::json;
use waxseal_protocol::message::SignalLevel;
use waxseal_tests::{Checkout, TestVerifier, get};
use waxseal_verifier::mode::Mode;

#[tokio::test]
async fn global_privacy_control_lowers_the_level_as_configured_and_never_raises_it() {
    for (configured, lowered) in [
        (None, ["minimal", "minimal", "off"]),
        (Some(SignalLevel::Full), ["full", "minimal", "off"]),
        (Some(SignalLevel::Minimal), ["minimal", "minimal", "off"]),
        (Some(SignalLevel::Off), ["off", "off", "off"]),
    ] {
        let verifier = TestVerifier::start_with(|config| {
            if let Some(level) = configured {
                config.signals.global_privacy_control = level;
            }
        })
        .await;
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        for (level, lowered) in ["full", "minimal", "off"].into_iter().zip(lowered) {
            let mut request = shop.session_request();
            request["signals"] = json!(level);
            let checkout = Checkout::open_with(&verifier, &shop, request).await;
            for (header, expected) in [
                (None, level),
                (Some("1"), lowered),
                // Global Privacy Control, section 3.2: nothing but 1 asks for it.
                (Some("0"), level),
                (Some("1, 1"), level),
            ] {
                let mut request = get("/v1/session", Some(&checkout.token));
                if let Some(value) = header {
                    let value = HeaderValue::from_static(value);
                    request.headers_mut().insert("sec-gpc", value);
                }
                let view = verifier.public(request).await.json();
                assert_eq!(
                    view["signals"], expected,
                    "{configured:?} {level} {header:?}"
                );
                let under_gpc = configured.unwrap_or(SignalLevel::Minimal);
                assert_eq!(view["signals_under_gpc"], under_gpc.as_str());
            }
            // The merchant reads what it asked for.
            let path = format!("/v1/sessions/{}", checkout.session_id);
            let session = verifier.call(&shop, "GET", &path, None).await.json();
            assert_eq!(session["signals"], level);
        }
    }
}
