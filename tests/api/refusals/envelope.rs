//! Envelopes whose header does not fit, or that do not open.

use waxseal_tests::{Checkout, Database, SeededRng, TestVerifier, VISA, card, sealed};
use waxseal_verifier::{
    mode::Mode,
    vault::migration::{MigratedCard, Sealer, parse_vault_key},
};

use super::{ATTEMPT, LOGGED, Left, OPENED, ORIGIN, Scene, scene};

#[tokio::test]
async fn a_header_that_does_not_fit_is_refused_before_opening() {
    let mut scene = scene().await;
    let other = Checkout::open(&scene.verifier, &scene.shop).await;
    let header = scene.checkout.header.clone();
    let card = sealed(card(VISA));

    scene.checkout.header.sid.clone_from(&other.session_id);
    let envelope = scene.checkout.seal(&card);
    scene
        .refused(
            scene.checkout.request(&envelope),
            "session_mismatch",
            LOGGED,
        )
        .await;

    scene.checkout.header = header.clone();
    "https://evil.example".clone_into(&mut scene.checkout.header.org);
    let envelope = scene.checkout.seal(&card);
    scene
        .refused(scene.checkout.request(&envelope), "origin_mismatch", LOGGED)
        .await;

    for skew in [-600_i64, -301, 301, 600] {
        scene.checkout.header = header.clone();
        scene.checkout.header.iat = header.iat.checked_add_signed(skew).unwrap();
        let envelope = scene.checkout.seal(&card);
        scene
            .refused(scene.checkout.request(&envelope), "clock_skew", LOGGED)
            .await;
    }
}

#[tokio::test]
async fn five_minutes_of_clock_difference_are_taken() {
    for skew in [-300_i64, 300] {
        let mut scene = scene().await;
        let iat = scene.checkout.header.iat;
        scene.checkout.header.iat = iat.checked_add_signed(skew).unwrap();
        let envelope = scene.checkout.seal(&sealed(card(VISA)));
        assert_eq!(
            scene
                .checkout
                .submit(&scene.verifier, &envelope)
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn an_envelope_to_another_key_is_refused() {
    let mut scene = scene().await;
    let live = scene.verifier.shop(Mode::Live, ORIGIN).await;
    let live = Checkout::open(&scene.verifier, &live).await;
    scene.checkout.header.kid.clone_from(&live.key.kid);
    scene.checkout.key = live.key.clone();
    let envelope = scene.checkout.seal(&sealed(card(VISA)));
    scene
        .refused(scene.checkout.request(&envelope), "key_unknown", LOGGED)
        .await;
}

#[tokio::test]
async fn a_card_that_moves_between_vaults_is_no_envelope() {
    let scene = scene().await;
    let key = serde_json::to_string(&scene.checkout.key).unwrap();
    let rng = SeededRng::new(9);
    let merchant = &scene.shop.merchant_id;
    let mut sealer = Sealer::new(parse_vault_key(&key).unwrap(), merchant, &rng).unwrap();
    let card = format!(r#"{{"number":"{VISA}","reference":"a"}}"#);
    sealer
        .push(MigratedCard::parse(card.as_bytes()).unwrap(), &rng)
        .unwrap();
    let record = sealer.finish(&rng).unwrap().unwrap();
    let request = scene.checkout.request(&record);
    scene.refused(request, "envelope_invalid", ATTEMPT).await;
}

#[tokio::test]
async fn whatever_does_not_open_is_one_code_and_an_attempt() {
    let mut scene = scene().await;
    let good = scene.checkout.fresh(VISA);
    let parts: Vec<&str> = good.split('.').collect();
    let bad = [
        String::new(),
        "....".to_owned(),
        good[..good.len() - 2].to_owned(),
        format!(
            "{}.{}..{}A.",
            parts[0],
            parts[1],
            &parts[3][..parts[3].len() - 1]
        ),
        format!("{}.{}.AAAA.{}.", parts[0], parts[1], parts[3]),
        good.replace("eyJ", "eyI"),
    ];
    for envelope in bad {
        scene
            .refused(
                scene.checkout.request(&envelope),
                "envelope_invalid",
                ATTEMPT,
            )
            .await;
    }
}

#[tokio::test]
async fn an_envelope_that_holds_no_card_is_used_up_too() {
    let mut scene = scene().await;
    for text in [
        "",
        "{}",
        "{\"v\":1,\"card\":{\"number\":\"4242424242424242\"}}",
        "[]",
    ] {
        scene.checkout.fresh(VISA);
        let envelope = scene.checkout.seal_text(text);
        let request = scene.checkout.request(&envelope);
        scene.refused(request, "envelope_invalid", OPENED).await;
        let again = scene.checkout.request(&envelope);
        scene
            .refused(again, "envelope_invalid", Left { jti: 0, ..OPENED })
            .await;
    }
}

#[tokio::test]
async fn a_replayed_envelope_is_refused() {
    let mut scene = scene().await;
    // Of an expired card, so that the session stays open.
    let mut expired = card(VISA);
    expired.exp_year = 2025;
    let envelope = scene.checkout.seal(&sealed(expired));
    scene
        .refused(scene.checkout.request(&envelope), "card_expired", OPENED)
        .await;
    let again = scene.checkout.request(&envelope);
    scene
        .refused(again, "envelope_replayed", Left { jti: 0, ..OPENED })
        .await;
}

#[tokio::test]
async fn an_accepted_envelope_is_not_taken_twice() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    let first = scene.checkout.submit(&scene.verifier, &envelope).await;
    assert_eq!(first.status, 200);
    let again = scene.checkout.request(&envelope);
    scene
        .refused(again, "envelope_replayed", Left { jti: 0, ..OPENED })
        .await;
}

#[tokio::test]
async fn a_retired_key_opens_within_its_grace_and_a_revoked_one_never() {
    let retire = "UPDATE key SET state = 'retired', retired_at = 1795000000000 WHERE id = ?1";
    let revoke = "UPDATE key SET state = 'revoked' WHERE id = ?1";
    for (change, after_s, code) in [
        (retire, 0, None),
        (retire, 59, None),
        (retire, 60, Some("key_revoked")),
        (revoke, 0, Some("key_revoked")),
    ] {
        let verifier = TestVerifier::start_with(|config| config.keys.sealing_grace_s = 60).await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        let checkout = Checkout::open(&verifier, &shop).await;
        let verifier = verifier
            .restart(|database| replace_sealing_key(database, change))
            .await;
        verifier.clock.advance_millis(after_s * 1000);
        let mut scene = Scene {
            verifier,
            shop,
            checkout,
        };
        let envelope = scene.checkout.fresh(VISA);
        let request = scene.checkout.request(&envelope);
        match code {
            Some(code) => scene.refused(request, code, LOGGED).await,
            None => assert_eq!(scene.verifier.public(request).await.status, 200),
        }
        // New sessions have the new key, whose envelopes open.
        let mut next = Checkout::open(&scene.verifier, &scene.shop).await;
        assert_ne!(next.key.kid, scene.checkout.key.kid);
        assert_eq!(next.pay(&scene.verifier, VISA).await.status, 200);
    }
}

/// Takes the test mode's sealing key out of use by `change`, so that the next start makes another.
fn replace_sealing_key(database: &Database, change: &str) {
    let id = database.texts("SELECT id FROM key WHERE purpose = 'sealing' AND mode = 'test'");
    let change = change.replace("?1", &format!("'{}'", id[0]));
    assert_eq!(database.run(&[&change]), 1);
}
