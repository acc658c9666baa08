//! What an issuer, or somebody in its place, may not say.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use waxseal_tests::{Browser, DpopKey};
use waxseal_verifier::{clock::Clock, identity::people::lock};

use super::{SESSION, SUBJECT, Scene};

impl Scene {
    /// Why nobody is signed in.
    async fn refusal(&self) -> String {
        let before = self.failures().len();
        let (mut browser, answer) = self.sign_in().await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(answer.text.contains("You were not signed in there"));
        assert!(!browser.cookies().contains_key(SESSION));
        let failures = self.failures();
        assert_eq!(failures.len(), before + 1);
        failures[before].clone()
    }

    fn count(&self, sql: &str) -> u64 {
        self.verifier.database.number(sql)
    }
}

#[tokio::test]
async fn each_claim_has_to_be_as_it_was_asked_for() {
    let scene = Scene::open().await;
    let now_s = scene.verifier.clock.now().seconds();
    let good = scene.issuer.said().claims.clone();
    for (claim, value, reason) in [
        ("iss", json!("https://other.example"), "id_token_issuer"),
        (
            "iss",
            json!(format!("{}/", scene.issuer.origin)),
            "id_token_issuer",
        ),
        ("aud", json!("other"), "id_token_audience"),
        ("aud", json!(["other"]), "id_token_audience"),
        (
            "aud",
            json!([super::CLIENT_ID, "other"]),
            "id_token_audience",
        ),
        ("aud", json!([]), "id_token_audience"),
        ("azp", json!("other"), "id_token_audience"),
        ("nonce", json!("another one"), "id_token_nonce"),
        ("nonce", json!(null), "id_token_nonce"),
        ("exp", json!(now_s), "id_token_expired"),
        ("exp", json!(null), "id_token_signature"),
        ("iat", json!(now_s + 61), "id_token_lifetime"),
        ("iat", json!(now_s - 601), "id_token_lifetime"),
        ("nbf", json!(now_s + 61), "id_token_lifetime"),
        ("auth_time", json!(null), "id_token_auth_time"),
        ("auth_time", json!(now_s - 961), "id_token_auth_time"),
        ("amr", json!(["pwd"]), "second_factor"),
        ("amr", json!([]), "second_factor"),
        ("sub", json!("somebody else"), "subject_unknown"),
        ("sub", json!("ANN at the issuer"), "subject_unknown"),
        ("sub", json!(""), "id_token_subject"),
        ("sub", json!("a".repeat(256)), "id_token_subject"),
        ("sub", json!("ann\u{0}"), "id_token_subject"),
    ] {
        let mut claims = good.clone();
        claims[claim] = value.clone();
        scene.issuer.said().claims = claims;
        assert_eq!(scene.refusal().await, reason, "{claim}: {value}");
    }
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("amr");
    scene.issuer.said().claims = without;
    assert_eq!(scene.refusal().await, "second_factor");
    // One audience in a list is one.
    let mut listed = good;
    listed["aud"] = json!([super::CLIENT_ID]);
    scene.issuer.said().claims = listed;
    assert_eq!(scene.sign_in().await.1.status, 200);
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}")
}

/// Signed with what everybody knows: the issuer's public key, in each of its forms.
fn by_public_key(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = unsigned(header, claims);
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
    format!("{message}.{}", signature.unwrap())
}

#[tokio::test]
async fn only_the_issuers_signature_is_one() {
    let scene = Scene::open().await;
    let sign = |sign: fn(&DpopKey, Value, Value) -> String| {
        scene.issuer.said().sign = Box::new(sign);
    };
    sign(|_, _, claims| format!("{}.", unsigned(&json!({ "alg": "none" }), &claims)));
    assert_eq!(scene.refusal().await, "id_token_malformed");
    sign(|_, header, claims| format!("{}.", unsigned(&header, &claims)));
    assert_eq!(scene.refusal().await, "id_token_signature");
    sign(|_, header, claims| DpopKey::make().sign_with(&header, &claims));
    assert_eq!(scene.refusal().await, "id_token_signature");
    // The key of the header is nobody's.
    sign(|_, mut header, claims| {
        let own = DpopKey::make();
        header["jwk"] = own.jwk.clone();
        own.sign_with(&header, &claims)
    });
    assert_eq!(scene.refusal().await, "id_token_signature");
    sign(|key, _, claims| {
        let header = json!({ "alg": "HS256", "kid": "first" });
        let x = URL_SAFE_NO_PAD.decode(key.jwk["x"].as_str().unwrap());
        by_public_key(&header, &claims, &x.unwrap())
    });
    assert_eq!(scene.refusal().await, "id_token_algorithm");
    sign(|key, _, claims| {
        let header = json!({ "alg": "HS256", "kid": "first" });
        by_public_key(&header, &claims, key.jwk.to_string().as_bytes())
    });
    assert_eq!(scene.refusal().await, "id_token_algorithm");
    sign(|_, _, claims| {
        let header = json!({ "alg": "HS256", "kid": "first" });
        by_public_key(&header, &claims, super::CLIENT_SECRET.as_bytes())
    });
    assert_eq!(scene.refusal().await, "id_token_algorithm");
    sign(|key, mut header, claims| {
        header["alg"] = json!("RS256");
        key.sign_with(&header, &claims)
    });
    assert_eq!(scene.refusal().await, "id_token_key");
    sign(|key, mut header, claims| {
        header["crit"] = json!(["exp"]);
        key.sign_with(&header, &claims)
    });
    assert_eq!(scene.refusal().await, "id_token_malformed");
    sign(|_, _, _| "x.y.z".to_owned());
    assert_eq!(scene.refusal().await, "id_token_malformed");
}

#[tokio::test]
async fn a_state_is_good_once_in_its_own_browser_for_ten_minutes() {
    let scene = Scene::open().await;
    let verifier = &scene.verifier;
    let mut browser = Browser::default();
    let back = scene.travel(&mut browser).await;
    // Somebody else's browser, one that was sent with another state, and one that was never sent.
    let mut other = Browser::default();
    let others = scene.travel(&mut other).await;
    for answer in [
        other.get(verifier, &back).await,
        Browser::default().get(verifier, &back).await,
        browser.get(verifier, &others).await,
        browser
            .get(verifier, "/oauth/callback/Example?code=x")
            .await,
        browser
            .get(verifier, &back.replace("state=pnd_", "state=pnd_0"))
            .await,
    ] {
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    let elsewhere = back.replace("/Example", "/Other");
    assert_eq!(browser.get(verifier, &elsewhere).await.status, 400);
    // None of them has used it up.
    let departed = browser.cookies()[super::DEPARTED].clone();
    assert_eq!(browser.get(verifier, &back).await.status, 200);
    let mut replayed = Browser::default();
    let name = super::DEPARTED.to_owned();
    replayed.cookies().insert(name, departed);
    assert_eq!(replayed.get(verifier, &back).await.status, 400);
    assert!(!replayed.cookies().contains_key(SESSION));
    assert_eq!(scene.failures(), ["login_state"; 6]);
    for (pause_ms, status) in [(10 * 60_000 - 1, 200), (10 * 60_000, 400)] {
        let mut browser = Browser::default();
        let uri = scene.depart(&mut browser).await;
        verifier.clock.advance_millis(pause_ms);
        let back = scene.issuer.authorize(&uri, verifier.clock.now());
        assert_eq!(browser.get(verifier, &back).await.status, status);
    }
    scene.depart(&mut Browser::default()).await;
    assert!(scene.count("SELECT count(*) FROM pending_login") > 0);
    verifier.clock.advance_millis(11 * 60_000);
    let pause = std::time::Duration::ZERO;
    waxseal_verifier::upkeep::sweep(&verifier.app, pause)
        .await
        .unwrap();
    assert_eq!(scene.count("SELECT count(*) FROM pending_login"), 0);
}

#[tokio::test]
async fn the_answer_has_to_name_its_issuer_where_that_names_itself() {
    let scene = Scene::open().await;
    let come_back = async |more: &str| {
        let mut browser = Browser::default();
        let back = scene.travel(&mut browser).await;
        let answer = browser.get(&scene.verifier, &format!("{back}{more}")).await;
        answer.status.as_u16()
    };
    let own = format!("&iss={}", scene.issuer.origin);
    assert_eq!(come_back(&own).await, 200);
    assert_eq!(come_back("&iss=https://other.example").await, 422);
    assert_eq!(come_back("&error=access_denied").await, 422);
    let names_itself = "authorization_response_iss_parameter_supported";
    scene.issuer.said().metadata[names_itself] = json!(true);
    scene.verifier.clock.advance_millis(60 * 60_000);
    assert_eq!(come_back("").await, 422);
    assert_eq!(come_back(&own).await, 200);
    let wanted = ["provider_issuer", "provider_refused", "provider_issuer"];
    assert_eq!(scene.failures(), wanted);
}

#[tokio::test]
async fn who_is_locked_out_or_bound_no_more_is_not_signed_in() {
    let scene = Scene::open().await;
    let (mut browser, _) = scene.sign_in().await;
    assert!(!scene.bind(SUBJECT).await, "it is somebody already");
    assert!(scene.unbind(SUBJECT).await);
    assert!(!scene.unbind(SUBJECT).await);
    let page = browser.get(&scene.verifier, &scene.path()).await;
    assert!(
        page.text.contains("Sign in with Example"),
        "the session is over"
    );
    assert_eq!(scene.refusal().await, "subject_unknown");
    assert!(scene.bind(SUBJECT).await);
    let (store, user) = (&scene.verifier.app.store, scene.user().await);
    let now = scene.verifier.clock.now();
    lock(store, &user, now).await.unwrap();
    assert_eq!(scene.refusal().await, "user_locked");
    let whose =
        "SELECT count(*) FROM audit WHERE reason = 'user_locked' AND operator_id LIKE 'usr_%'";
    assert_eq!(scene.count(whose), 1);
}

#[tokio::test]
async fn an_issuer_that_speaks_for_another_or_is_not_there_signs_nobody_in() {
    let scene = Scene::open().await;
    let depart = async || {
        let mut browser = Browser::default();
        let page = browser.get(&scene.verifier, &scene.path()).await;
        let typed = [("step", "elsewhere"), ("provider", "Example")];
        browser.submit(&scene.verifier, &page, &typed).await.status
    };
    let own = scene.issuer.said().metadata["issuer"].clone();
    scene.issuer.said().metadata["issuer"] = json!("https://other.example");
    assert_eq!(depart().await, 422);
    scene.issuer.said().metadata["issuer"] = own;
    assert_eq!(depart().await, 200);
    assert_eq!(scene.failures(), ["provider_metadata"]);
}
