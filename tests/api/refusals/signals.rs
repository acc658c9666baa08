//! Signals that lie about their types or sizes.

use serde_json::{Value, json};
use waxseal_tests::{VISA, card, sealed};

use super::{OPENED, scene};

/// A purchase's plaintext, with one signal as it stands here.
fn with(name: &str, reading: &Value) -> String {
    let sealed = sealed(card(VISA));
    let signals = json!({
        "platform": { "value": "Linux x86_64", "us": 1 },
        "headless": [1, 0],
        (name): reading,
    });
    json!({ "v": 1, "card": sealed.card, "browser": sealed.browser, "signals": signals })
        .to_string()
}

#[tokio::test]
async fn signals_that_lie_about_types_or_sizes_are_refused_and_leave_nothing() {
    for lies in [
        [
            ("canvas", json!([1, "a text"])),
            ("canvas", json!([1, ["x".repeat(12)]])),
            ("fields", json!([1, vec![0; 61]])),
            ("fields", json!([1, [1e3]])),
            ("headless", json!([1, 256])),
            ("headless", json!([1, "0"])),
            ("device_token", json!([1, ["\"".repeat(22)]])),
            ("privacy", json!([-1, "brave"])),
        ],
        [
            ("media", json!([1, "1x"])),
            ("webgl", json!([1, [["nested"]]])),
            ("window", json!([1, [i64::MAX]])),
            ("audio", json!({ "value": "x", "us": 1 })),
            ("audio", json!({ "s": 10_000_000 })),
            ("audio", json!([])),
            ("platform", json!([1, "short"])),
            ("platform", json!({ "value": "x".repeat(65), "us": 1 })),
        ],
    ] {
        let mut scene = scene().await;
        for (name, reading) in lies {
            scene.checkout.fresh(VISA);
            let envelope = scene.checkout.seal_text(&with(name, &reading));
            let request = scene.checkout.request(&envelope);
            scene.refused(request, "envelope_invalid", OPENED).await;
        }
        // The session goes on as if nothing had been.
        scene.checkout.fresh(VISA);
        let envelope = scene
            .checkout
            .seal_text(&with("canvas", &json!([1, ["a", "b"]])));
        let answer = scene.checkout.submit(&scene.verifier, &envelope).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}
