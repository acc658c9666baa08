//! Card numbers that operators see.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use waxseal_tests::{AMEX, Answer, Checkout, MASTERCARD, Shop, Staff, TestVerifier, Tweak, VISA};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, rotate},
    mode::Mode,
    store::reveals,
    upkeep,
    vault::inspect,
};

const ORIGIN: &str = "https://shop.example";
const REASON: &str = "Chargeback 4711, asked by the bank";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    staff: Staff,
    card: String,
}

async fn scene() -> Scene {
    scene_with(|_| ()).await
}

async fn scene_with(tweak: Tweak) -> Scene {
    let verifier = TestVerifier::start_with(tweak).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let staff = Staff::hire(&verifier, "cards:reveal").await;
    let card = buy(&verifier, &shop, VISA).await;
    Scene {
        verifier,
        shop,
        staff,
        card,
    }
}

async fn buy(verifier: &TestVerifier, shop: &Shop, number: &str) -> String {
    let mut checkout = Checkout::open(verifier, shop).await;
    assert_eq!(checkout.pay(verifier, number).await.status, 200);
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(shop, "GET", &path, None).await.json();
    session["card"]["id"].as_str().unwrap().to_owned()
}

impl Scene {
    async fn reveal(&self, card: &str, reason: &str) -> Answer {
        self.ask(card, json!({ "reason": reason })).await
    }

    async fn ask(&self, card: &str, body: Value) -> Answer {
        reveal(&self.verifier, &self.staff, card, body).await
    }

    fn count(&self, query: &str) -> u64 {
        self.verifier.database.number(query)
    }
}

async fn reveal(verifier: &TestVerifier, staff: &Staff, card: &str, body: Value) -> Answer {
    let path = format!("/v1/cards/{card}/reveal");
    staff.call(verifier, "POST", &path, Some(body)).await
}

#[tokio::test]
async fn the_number_is_shown_with_the_latest_expiry_and_kept_nowhere() {
    let scene = scene().await;
    let answer = scene.reveal(&scene.card, REASON).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let expected = json!({
        "number": VISA, "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["content-type"], "application/json");

    // A later submission with another expiry.
    scene.verifier.clock.advance_millis(1000);
    let mut checkout = Checkout::open(&scene.verifier, &scene.shop).await;
    let mut card = waxseal_tests::card(VISA);
    (card.exp_month, card.exp_year) = (3, 2031);
    let envelope = checkout.seal(&waxseal_tests::sealed(card));
    assert_eq!(
        checkout.submit(&scene.verifier, &envelope).await.status,
        200
    );
    let answer = scene.reveal(&scene.card, REASON).await.json();
    assert_eq!(
        (&answer["exp_month"], &answer["exp_year"]),
        (&3.into(), &2031.into())
    );
}

#[tokio::test]
async fn a_card_without_a_submission_has_no_expiry() {
    let scene = scene().await;
    scene.verifier.database.run(&["DELETE FROM submission"]);
    let answer = scene.reveal(&scene.card, REASON).await.json();
    assert_eq!(answer["number"], VISA);
    assert_eq!(
        (&answer["exp_month"], &answer["exp_year"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn the_audit_names_operator_card_and_merchant_and_the_reason_is_encrypted() {
    let scene = scene().await;
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 200);
    let entry = format!(
        "SELECT count(*) FROM audit WHERE action = 'card.revealed' AND operator_id = '{}' AND card_id = '{}'
             AND merchant_id = id_bytes('{}') AND ip_digest IS NOT NULL AND length(request_id) = 16",
        scene.staff.id, scene.card, scene.shop.merchant_id
    );
    assert_eq!(scene.count(&entry), 1);
    let all = scene
        .verifier
        .app
        .store
        .read(|connection| reveals::after(connection, "", 10));
    let [row] = all.await.unwrap().try_into().ok().unwrap();
    let is_about = reveals::is_about(&scene.staff.id, &scene.card);
    let place = reveals::place(&row.id, &scene.shop.merchant_id, &is_about);
    let keys = scene.verifier.app.keys_of(Mode::Test);
    let reason = keys.deks.decrypt(place, &row.reason_enc).unwrap();
    assert_eq!(&**reason, REASON.as_bytes());
    // To another's reveal, or another card's, it cannot be moved.
    for (id, operator, card) in [
        ("rvl_test_1", &scene.staff.id, &scene.card),
        (&row.id, &"opr_1".to_owned(), &scene.card),
        (&row.id, &scene.staff.id, &"card_test_1".to_owned()),
    ] {
        let is_about = reveals::is_about(operator, card);
        let place = reveals::place(id, &scene.shop.merchant_id, &is_about);
        assert!(keys.deks.decrypt(place, &row.reason_enc).is_err());
    }
    let logged = scene.verifier.database.texts(
        "SELECT action || coalesce(code, '') || coalesce(reason, '') || coalesce(id_text('mch', merchant_id), '')
             || coalesce(operator_id, '') || coalesce(card_id, '') FROM audit",
    );
    let sealed = String::from_utf8_lossy(&row.reason_enc).into_owned();
    for text in logged.iter().chain([&sealed]) {
        assert!(!text.contains(REASON) && !text.contains(VISA), "{text}");
    }
    // Neither reason, number nor secret lies in a file of SQLite's.
    for file in std::fs::read_dir(scene.verifier.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() {
            std::fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        for wanted in [REASON, VISA, &scene.staff.secret] {
            let found = bytes
                .windows(wanted.len())
                .any(|window| window == wanted.as_bytes());
            assert!(!found, "{wanted} in {}", path.display());
        }
    }
}

#[tokio::test]
async fn no_log_holds_number_reason_or_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    // What the verifier itself writes, of whatever level, and of every thread: the store has some of its own.
    let own = tracing_subscriber::EnvFilter::new("off,waxseal_verifier=trace");
    tracing_subscriber::fmt()
        .with_env_filter(own)
        .with_writer(move || writer.clone())
        .init();
    let scene = scene_with(|config| config.limits.reveals_per_operator_hour = 1).await;
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 200);
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 429);
    assert_eq!(scene.reveal(VISA, REASON).await.status, 404);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/v1/cards/{id}/reveal") && text.contains("reveals_of_operator"));
    for secret in [VISA, REASON, &scene.staff.secret, &scene.card] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_no_reason_shows_nothing_and_is_in_the_audit() {
    let scene = scene().await;
    let bad = [
        json!({}),
        json!({ "reason": "" }),
        json!({ "reason": "too short" }),
        json!({ "reason": "  too short  " }),
        json!({ "reason": "x".repeat(201) }),
        json!({ "reason": "Chargeback\n4711" }),
        json!({ "reason": "Chargeback\u{202e}4711" }),
        json!({ "reason": 4_711_471_147_u64 }),
        json!({ "reason": REASON, "number": VISA }),
    ];
    for body in &bad {
        let answer = scene.ask(&scene.card, body.clone()).await;
        assert_eq!(answer.problem(), "request_invalid", "{body}");
        assert!(!answer.text.contains(VISA));
    }
    let refused = format!(
        "SELECT count(*) FROM audit WHERE action = 'card.reveal_refused' AND code = 'request_invalid'
             AND operator_id = '{}' AND card_id = '{}'",
        scene.staff.id, scene.card
    );
    assert_eq!(scene.count(&refused), bad.len() as u64);
    assert_eq!(scene.count("SELECT count(*) FROM reveal"), 0);
}

#[tokio::test]
async fn a_card_that_is_not_there_is_not_found_and_its_name_is_kept_only_if_it_is_one() {
    let scene = scene().await;
    let unknown = "card_test_00000000000000000000000000";
    let other_mode = scene.card.replace("test", "live");
    for card in [unknown, &other_mode, VISA, "card_test_4242424242424242"] {
        assert_eq!(scene.reveal(card, REASON).await.problem(), "not_found");
    }
    let named = scene.verifier.database.texts(
        "SELECT coalesce(card_id, '-') FROM audit
         WHERE action = 'card.reveal_refused' AND code = 'not_found' ORDER BY seq",
    );
    assert_eq!(named, [unknown, &other_mode, "-", "-"]);
    assert_eq!(scene.count("SELECT count(*) FROM reveal"), 0);
}

#[tokio::test]
async fn a_row_that_was_tampered_with_shows_no_other_number() {
    let scene = scene().await;
    buy(&scene.verifier, &scene.shop, MASTERCARD).await;
    let swap = format!(
        "UPDATE card SET pan_enc = (SELECT pan_enc FROM card AS other WHERE other.brand = 'mastercard')
         WHERE id = id_bytes('{}')",
        scene.card
    );
    assert_eq!(scene.verifier.database.run(&[&swap]), 1);
    let answer = scene.reveal(&scene.card, REASON).await;
    assert_eq!(answer.problem(), "internal");
    let tried = "SELECT count(*) FROM audit WHERE action = 'card.revealed'";
    assert_eq!(
        scene.count(tried),
        1,
        "the audit knows before anything is decrypted"
    );
}

#[tokio::test]
async fn an_operators_limit_holds_for_an_hour_over_a_restart_and_raises_one_alert() {
    let scene = scene_with(|config| config.limits.reveals_per_operator_hour = 2).await;
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 200);
    scene.verifier.clock.advance_millis(600_500);
    // What is refused does not count.
    assert_eq!(scene.reveal(&scene.card, "short").await.status, 400);
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 200);
    let limited = scene.reveal(&scene.card, REASON).await;
    assert_eq!(limited.problem(), "rate_limited");
    assert_eq!(limited.status, 429);
    // 3,600 less 600.5, rounded up.
    assert_eq!(limited.headers["retry-after"], "3000");
    assert!(!limited.text.contains(VISA));

    let Scene {
        verifier,
        staff,
        card,
        ..
    } = scene;
    let verifier = verifier.restart(|_| ()).await;
    let again = async || reveal(&verifier, &staff, &card, json!({ "reason": REASON })).await;
    verifier.clock.advance_millis(2_999_499);
    let limited = again().await;
    assert_eq!(limited.problem(), "rate_limited");
    assert_eq!(limited.headers["retry-after"], "1");
    // Another operator has a limit of its own.
    let other = Staff::hire(&verifier, "cards:reveal").await;
    let answer = reveal(&verifier, &other, &card, json!({ "reason": REASON })).await;
    assert_eq!(answer.status, 200);

    verifier.clock.advance_millis(1);
    assert_eq!(again().await.status, 200, "the first one no longer counts");
    assert_eq!(again().await.problem(), "rate_limited");
    let alerts = verifier.database.texts("SELECT kind FROM alert");
    assert_eq!(alerts, ["reveals_of_operator"], "one an hour");
    let refused = format!(
        "SELECT count(*) FROM audit WHERE action = 'card.reveal_refused' AND code = 'rate_limited'
             AND operator_id = '{}' AND card_id = '{card}' AND merchant_id IS NOT NULL",
        staff.id
    );
    assert_eq!(verifier.database.number(&refused), 3);
}

#[tokio::test]
async fn all_operators_together_have_a_limit_too() {
    let scene = scene_with(|config| config.limits.reveals_per_hour = 3).await;
    let other = Staff::hire(&scene.verifier, "cards:reveal").await;
    let body = json!({ "reason": REASON });
    for staff in [&scene.staff, &other, &scene.staff] {
        let answer = reveal(&scene.verifier, staff, &scene.card, body.clone()).await;
        assert_eq!(answer.status, 200);
    }
    for staff in [&scene.staff, &other] {
        let answer = reveal(&scene.verifier, staff, &scene.card, body.clone()).await;
        assert_eq!(answer.problem(), "rate_limited");
        assert_eq!(answer.headers["retry-after"], "3600");
    }
    let alerts = scene.verifier.database.texts("SELECT kind FROM alert");
    assert_eq!(alerts, ["reveals_of_all"]);
    scene.verifier.clock.advance_millis(3_600_000);
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 200);
}

#[tokio::test]
async fn of_calls_at_the_same_time_no_more_are_answered_than_the_limit_says() {
    let scene = scene_with(|config| config.limits.reveals_per_operator_hour = 3).await;
    let calls = (0..12).map(|_| scene.reveal(&scene.card, REASON));
    let answers = futures_util::future::join_all(calls).await;
    let shown = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(shown, 3);
}

#[tokio::test]
async fn reasons_move_to_a_new_key_and_are_inspected() {
    let scene = scene().await;
    buy(&scene.verifier, &scene.shop, AMEX).await;
    assert_eq!(scene.reveal(&scene.card, REASON).await.status, 200);
    let app = &scene.verifier.app;
    let (kek, kind) = (app.keys.kek(), (Purpose::Dek, Mode::Test));
    let now = scene.verifier.clock.now();
    rotate(&app.store, kek, kind, true, &*app.rng, now)
        .await
        .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    let moved = upkeep::move_rows(app, std::time::Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(moved, 5, "two cards, two submissions, one reveal");
    let keyring = app.keyring();
    let found = app
        .store
        .read(move |connection| inspect(connection, &keyring))
        .await
        .unwrap();
    assert_eq!((found.reveals, found.damaged), (1, 0));

    let tampering = "UPDATE reveal SET operator_id = 'opr_other'";
    scene.verifier.database.run(&[tampering]);
    let keyring = app.keyring();
    let found = app
        .store
        .read(move |connection| inspect(connection, &keyring))
        .await
        .unwrap();
    assert_eq!((found.reveals, found.damaged), (0, 1));
    assert!(found.first_damaged.unwrap().starts_with("rvl_test_"));
}
