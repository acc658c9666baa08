//! Whether a device is recognised, and what is kept of it.

use std::time::Duration;

use serde_json::{Value, json};
use waxseal_protocol::{
    seal::SealedCard,
    signal::{Outcome, Reading, SignalName, SignalValue},
};
use waxseal_tests::{Checkout, MASTERCARD, Shop, TestVerifier, VISA, card, sealed};
use waxseal_verifier::{mode::Mode, upkeep};

use crate::customers::{Scene, scene};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A card from a device of that model, which may have kept a token.
fn from_device(number: &str, model: i32, token: Option<&str>) -> SealedCard {
    let mut sealed = sealed(card(number));
    let text = |name: &str| SignalValue::Text(format!("{name}{model}"));
    let texts =
        |texts: &[&str]| SignalValue::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    let drawn = [format!("s{model}"), format!("t{model}")];
    let mut values = vec![
        (SignalName::Audio, text("a")),
        (SignalName::Canvas, texts(&[&drawn[0], &drawn[1]])),
        (SignalName::DeviceMemory, SignalValue::Int(1_024 * model)),
        (SignalName::Fonts, text("f")),
        (SignalName::HardwareConcurrency, SignalValue::Int(2 * model)),
        (SignalName::Languages, texts(&["de-DE", "en"])),
        (
            SignalName::Media,
            SignalValue::Text("1110111101313".to_owned()),
        ),
        (SignalName::Platform, text("Linux ")),
        (SignalName::TimeZone, text("Etc/")),
        (SignalName::Voices, SignalValue::Int(model)),
        (SignalName::Webgl, texts(&["vendor", &text_of(model)])),
        (SignalName::WebglLimits, text("l")),
        (
            SignalName::Window,
            SignalValue::Ints(vec![400, 300, 900 + model, 800, 1, 1]),
        ),
    ];
    if let Some(token) = token {
        values.push((SignalName::DeviceToken, texts(&[token, "", "3"])));
    }
    for (name, value) in values {
        let reading = Reading::new(Outcome::Value(value), 1);
        assert!(sealed.signals.insert(name, reading), "{name:?}");
    }
    sealed
}

fn text_of(model: i32) -> String {
    format!("renderer {model}")
}

/// Submits in a session; gives the reason that tells of the device.
async fn submit(scene: &Scene, shop: &Shop, checkout: &mut Checkout, card: &SealedCard) -> Value {
    let envelope = checkout.seal(card);
    let answer = checkout.submit(&scene.verifier, &envelope).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = scene.verifier.call(shop, "GET", &path, None).await.json();
    let reasons = session["decision"]["reasons"].as_array().unwrap();
    let mut of_device = reasons.iter().filter(|reason| reason["rule"] == "device");
    of_device.next().cloned().unwrap_or(Value::Null)
}

/// Declines every card, so that each session may be submitted again.
async fn declining() -> Scene {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["127.0.0.0/8".parse().unwrap()];
    });
    Scene::of(verifier.await).await
}

async fn visit(scene: &Scene, customer: Option<&str>, card: &SealedCard) -> Value {
    let mut checkout = scene.open(customer).await;
    submit(scene, &scene.shop, &mut checkout, card).await
}

#[tokio::test]
async fn a_device_is_new_then_the_same_with_its_token_and_likely_without() {
    let scene = scene().await;
    for (token, code, sessions) in [
        (Some(TOKEN), "device_new", 0),
        (Some(TOKEN), "device_same", 1),
        (None, "device_likely", 2),
        (Some(TOKEN), "device_same", 3),
    ] {
        let reason = visit(&scene, None, &from_device(VISA, 3, token)).await;
        assert_eq!(reason["code"], code, "{reason}");
        assert_eq!(
            reason["values"]["device.known_sessions"], sessions,
            "{reason}"
        );
        assert_eq!(
            (&reason["effect"], &reason["points"]),
            (&json!("none"), &json!(0))
        );
    }
    // A copied token on another machine.
    let reason = visit(&scene, None, &from_device(VISA, 9, Some(TOKEN))).await;
    assert_eq!(reason["code"], "device_new", "{reason}");
    assert_eq!(scene.rows("device_visit"), 5);
}

/// Devices of one model: each visit has a token or none; what comes of it, and how many sessions the device had.
async fn judged(visits: &[(Option<&str>, &str, u32)]) -> Scene {
    let scene = scene().await;
    for (place, (token, code, sessions)) in visits.iter().enumerate() {
        let reason = visit(&scene, None, &from_device(VISA, 3, *token)).await;
        let known = &reason["values"]["device.known_sessions"];
        assert_eq!(
            (&reason["code"], known),
            (&json!(code), &json!(sessions)),
            "visit {place}: {reason}"
        );
    }
    scene
}

const DEVICES: &str = "(SELECT DISTINCT device FROM device_visit) AS devices";
const A: Option<&str> = Some(TOKEN);
const B: Option<&str> = Some("BBBBBBBBBBBBBBBBBBBBBB");

#[tokio::test]
async fn twins_with_their_own_tokens_are_two() {
    let scene = judged(&[
        (A, "device_new", 0),
        (B, "device_likely", 1),
        (B, "device_same", 1),
        (None, "device_none", 0),
    ])
    .await;
    assert_eq!(scene.rows(DEVICES), 3);
    let scene = judged(&[
        (A, "device_new", 0),
        (B, "device_likely", 1),
        (A, "device_same", 1),
        (B, "device_same", 1),
        (A, "device_same", 2),
    ])
    .await;
    assert_eq!(scene.rows(DEVICES), 2);
}

#[tokio::test]
async fn a_visit_without_a_token_makes_no_twin_the_same() {
    for visits in [
        // The first comes without one, then the second with its own.
        &[
            (None, "device_new", 0),
            (B, "device_likely", 1),
            (B, "device_same", 1),
            (None, "device_none", 0),
            (A, "device_none", 0),
            (A, "device_same", 1),
            (B, "device_same", 2),
        ][..],
        // The second comes without one, then with its own.
        &[
            (A, "device_new", 0),
            (None, "device_likely", 1),
            (B, "device_likely", 2),
            (B, "device_same", 1),
            (A, "device_same", 2),
        ],
        &[
            (None, "device_new", 0),
            (None, "device_likely", 1),
            (None, "device_likely", 2),
            (None, "device_likely", 3),
        ],
    ] {
        judged(visits).await;
    }
}

#[tokio::test]
async fn a_twin_that_tries_again_in_the_same_session_is_another() {
    let scene = declining().await;
    let mut checkout = scene.open(None).await;
    submit(&scene, &scene.shop, &mut checkout, &from_device(VISA, 3, A)).await;
    assert_eq!(
        visit(&scene, None, &from_device(VISA, 3, A)).await["code"],
        "device_same"
    );
    checkout.fresh(VISA);
    let again = submit(&scene, &scene.shop, &mut checkout, &from_device(VISA, 3, B)).await;
    assert_eq!(again["code"], "device_likely", "{again}");
    let reason = visit(&scene, None, &from_device(VISA, 3, B)).await;
    assert_eq!(reason["code"], "device_same", "{reason}");
    assert_eq!(
        reason["values"]["device.known_sessions"], 1,
        "it is counted with the first: {reason}"
    );
    assert_eq!(scene.rows(DEVICES), 2);
}

#[tokio::test]
async fn a_device_is_nobody_to_another_merchant() {
    let scene = scene().await;
    let device = from_device(VISA, 3, Some(TOKEN));
    visit(&scene, None, &device).await;
    let other = scene
        .verifier
        .shop(Mode::Test, "https://shop.example")
        .await;
    let mut checkout = Checkout::open(&scene.verifier, &other).await;
    let reason = submit(&scene, &other, &mut checkout, &device).await;
    assert_eq!(reason["code"], "device_new", "{reason}");
    // Nor do the rows have anything in common.
    for column in ["told", "token", "graphics", "device"] {
        let same = format!(
            "device_visit AS a JOIN device_visit AS b ON a.{column} = b.{column} AND a.session_id <> b.session_id"
        );
        assert_eq!(scene.rows(&same), 0, "{column}");
    }
}

#[tokio::test]
async fn a_session_counts_once_however_often_it_is_submitted() {
    let scene = declining().await;
    let mut checkout = scene.open(None).await;
    for number in [VISA, VISA] {
        let device = from_device(number, 3, Some(TOKEN));
        let reason = submit(&scene, &scene.shop, &mut checkout, &device).await;
        assert_eq!(reason["code"], "device_new", "{reason}");
        checkout.fresh(number);
    }
    assert_eq!(scene.rows("device_visit"), 1);
}

#[tokio::test]
async fn without_signals_nothing_is_told_and_nothing_kept() {
    let scene = scene().await;
    assert_eq!(visit(&scene, None, &sealed(card(VISA))).await, Value::Null);
    assert_eq!(scene.rows("device_visit"), 0);
}

#[tokio::test]
async fn a_device_goes_with_the_customer_and_with_the_card() {
    let scene = scene().await;
    visit(&scene, Some("c-1"), &from_device(VISA, 3, Some(TOKEN))).await;
    visit(&scene, Some("c-2"), &from_device(MASTERCARD, 4, None)).await;
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
    assert_eq!(scene.rows("device_visit"), 1);
    let cards = scene.read("/v1/cards?customer=c-2").await.json();
    let path = format!("/v1/cards/{}", cards["data"][0]["id"].as_str().unwrap());
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(scene.rows("device_visit"), 0);
    let reason = visit(&scene, None, &from_device(VISA, 3, Some(TOKEN))).await;
    assert_eq!(reason["code"], "device_new", "{reason}");
}

#[tokio::test]
async fn a_device_is_forgotten_after_ninety_days() {
    let scene = scene().await;
    visit(&scene, None, &from_device(VISA, 3, Some(TOKEN))).await;
    let sweep = async || {
        upkeep::sweep(&scene.verifier.app, Duration::ZERO)
            .await
            .unwrap()
    };
    scene.verifier.clock.advance_millis(90 * DAY_MS);
    sweep().await;
    assert_eq!(scene.rows("device_visit"), 1);
    scene.verifier.clock.advance_millis(1);
    sweep().await;
    assert_eq!(scene.rows("device_visit"), 0);
}
