//! Who has signed in at their issuer is signed in here.

use axum::http::header;
use serde_json::json;
use waxseal_tests::{Browser, DpopKey, query_of};

use super::{DEPARTED, SESSION, Scene, issuer::published, onward};

#[tokio::test]
async fn who_is_bound_there_is_signed_in_and_consents() {
    let scene = Scene::open().await;
    let (mut browser, answer) = scene.sign_in().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(browser.cookies().contains_key(SESSION));
    assert!(!browser.cookies().contains_key(DEPARTED));
    let verifier = &scene.verifier;
    let page = browser.get(verifier, &onward(&answer)).await;
    assert!(page.text.contains("Allow Console?") && page.text.contains("ann"));
    let allowed = browser.submit(verifier, &page, &[("step", "allow")]).await;
    assert!(query_of(&allowed)["code"].starts_with("cod_"));
    assert!(scene.failures().is_empty());
    let audited = verifier
        .database
        .texts("SELECT operator_id FROM audit WHERE action = 'login.succeeded'");
    assert_eq!(audited, [scene.person.id.as_str()]);
}

#[tokio::test]
async fn no_page_lets_a_form_lead_to_the_issuer() {
    let scene = Scene::open().await;
    let mut browser = Browser::default();
    let page = browser.get(&scene.verifier, &scene.path()).await;
    let typed = [("step", "elsewhere"), ("provider", "Example")];
    let answer = browser.submit(&scene.verifier, &page, &typed).await;
    for answer in [page, answer] {
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.ends_with("form-action 'self'"), "{policy}");
    }
    // A provider that is none is nobody's.
    let page = browser.get(&scene.verifier, &scene.path()).await;
    for typed in [
        &[("step", "elsewhere"), ("provider", "Other")][..],
        &[("step", "elsewhere")],
    ] {
        let answer = browser.submit(&scene.verifier, &page, typed).await;
        assert_eq!(answer.problem(), "request_invalid");
    }
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_at_once_but_once_a_minute() {
    let scene = Scene::open().await;
    let signs_in = async || scene.sign_in().await.1.status.as_u16();
    assert_eq!(signs_in().await, 200);
    assert_eq!(signs_in().await, 200);
    assert_eq!(scene.issuer.said().fetched, 1);
    scene.issuer.rotate("second");
    assert_eq!(signs_in().await, 422, "within the minute");
    assert_eq!(scene.issuer.said().fetched, 1);
    scene.verifier.clock.advance_millis(60_000);
    assert_eq!(signs_in().await, 200);
    assert_eq!(scene.issuer.said().fetched, 2);
    // One that the issuer does not have: it is asked again after a minute, not each time.
    scene.issuer.said().header["kid"] = json!("nobody's");
    for (pause_ms, fetched) in [(0, 2), (60_000, 3), (59_999, 3), (1, 4)] {
        scene.verifier.clock.advance_millis(pause_ms);
        assert_eq!(signs_in().await, 422);
        assert_eq!(scene.issuer.said().fetched, fetched);
    }
    assert!(
        scene
            .failures()
            .iter()
            .all(|reason| reason == "id_token_key")
    );
    // What it took back is good no longer than an hour.
    scene.issuer.said().header["kid"] = json!("second");
    assert_eq!(signs_in().await, 200);
    scene.issuer.said().jwks = vec![published(&DpopKey::make(), "third")];
    scene.verifier.clock.advance_millis(60 * 60_000);
    assert_eq!(signs_in().await, 422);
}

#[tokio::test]
async fn of_several_keys_the_token_has_to_name_one() {
    let scene = Scene::open().await;
    let without = json!({ "alg": "ES256" });
    scene.issuer.said().header = without;
    assert_eq!(scene.sign_in().await.1.status, 200);
    let other = published(&DpopKey::make(), "other");
    scene.issuer.said().jwks.push(other);
    scene.verifier.clock.advance_millis(60 * 60_000);
    assert_eq!(scene.sign_in().await.1.status, 422);
    assert_eq!(scene.failures(), ["id_token_key"]);
}
