//! What is put to a person, what is not, and how a program is answered.

use waxseal_tests::{Answer, Browser, CONSOLE_ORIGIN, Consent, Person, TestVerifier, query_of};
use waxseal_verifier::mode::Mode;

use super::Scene;

async fn ask(scene: &mut Scene, consent: &Consent) -> Answer {
    scene.browser.get(&scene.verifier, &consent.path()).await
}

#[tokio::test]
async fn a_request_without_a_known_program_and_its_own_uri_leads_nowhere() {
    let mut scene = Scene::open().await;
    let evil = "https://evil.example/callback";
    for (name, value) in [
        ("client_id", None),
        ("client_id", Some("app_1")),
        ("client_id", Some("cli_test_1")),
        ("redirect_uri", None),
        ("redirect_uri", Some(evil)),
        ("redirect_uri", Some("https://console.example/callback/")),
        ("redirect_uri", Some("https://console.example/callback?a=b")),
        ("redirect_uri", Some("https://console.example/CALLBACK")),
        ("redirect_uri", Some("http://console.example/callback")),
        ("redirect_uri", Some("https://console.example:443/callback")),
        ("redirect_uri", Some("https://console.example/./callback")),
        (
            "redirect_uri",
            Some("https://console.example@evil.example/callback"),
        ),
    ] {
        let consent = Consent::of(&scene.program, "keys:read").with(name, value);
        let answer = ask(&mut scene, &consent).await;
        assert_eq!(answer.status, 400, "{name} {value:?}");
        assert!(!answer.headers.contains_key("location"), "{name} {value:?}");
        assert!(!answer.text.contains("evil"), "nothing is repeated");
    }
    // Twice the same parameter is no request at all.
    let consent = Consent::of(&scene.program, "keys:read");
    let twice = format!("{}&redirect_uri={evil}", consent.path());
    assert_eq!(scene.browser.get(&scene.verifier, &twice).await.status, 400);
    let revoked = "UPDATE public_client SET revoked_at = 1";
    scene.verifier.database.run(&[revoked]);
    assert_eq!(ask(&mut scene, &consent).await.status, 400);
}

#[tokio::test]
async fn a_request_that_is_not_safe_is_answered_without_asking_anybody() {
    let mut scene = Scene::open().await;
    for (name, value, wanted) in [
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", Some("s256"), "invalid_request"),
        ("response_type", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        (
            "response_type",
            Some("code token"),
            "unsupported_response_type",
        ),
        ("response_mode", Some("fragment"), "invalid_request"),
        ("scope", Some("keys:read everything"), "invalid_scope"),
        ("scope", Some("cards:read"), "invalid_scope"),
        ("dpop_jkt", Some("x"), "invalid_request"),
        ("resource", Some("https://other.example"), "invalid_target"),
    ] {
        let consent = Consent::of(&scene.program, "keys:read").with(name, value);
        let answer = ask(&mut scene, &consent).await;
        assert_eq!(answer.status, 303, "{name} {value:?}");
        let query = query_of(&answer);
        assert_eq!(query["error"], wanted, "{name} {value:?}");
        assert_eq!(query["state"], "the state");
        assert_eq!(query["iss"], CONSOLE_ORIGIN);
        assert_eq!(query.len(), 3);
    }
}

#[tokio::test]
async fn the_answer_names_its_issuer_and_the_programs_state() {
    let mut scene = Scene::open().await;
    let consent = Consent::of(&scene.program, "keys:read");
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    let page = browser
        .sign_in(verifier, &scene.person, &consent.path())
        .await;
    for wanted in ["Console", "ann", "List keys", "keys:read"] {
        assert!(page.text.contains(wanted), "{wanted}");
    }
    assert!(!page.text.contains("keys:write"));
    let allowed = browser.submit(verifier, &page, &[("step", "allow")]).await;
    let location = allowed.headers["location"].to_str().unwrap();
    assert!(location.starts_with("https://console.example/callback?code=cod_"));
    let query = query_of(&allowed);
    assert_eq!(
        (query["state"].as_str(), query["iss"].as_str()),
        ("the state", CONSOLE_ORIGIN)
    );
    let denied = browser.submit(verifier, &page, &[("step", "deny")]).await;
    let query = query_of(&denied);
    assert_eq!(query["error"], "access_denied");
    assert!(!query.contains_key("code"));
    // Signed in once: the next request is asked at once.
    let page = browser.get(verifier, &consent.path()).await;
    assert!(page.text.contains("Allow Console?"));
    let out = browser
        .submit(verifier, &page, &[("step", "sign_out")])
        .await;
    assert_eq!(out.status, 303);
    assert!(!browser.cookies().contains_key("__Host-waxseal-session"));
    let page = browser.get(verifier, &consent.path()).await;
    assert!(page.text.contains("Sign in"));
}

#[tokio::test]
async fn nobody_grants_more_than_they_may_do() {
    let mut scene = Scene::open().await;
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let program = waxseal_tests::Program::add(&verifier, "cards:read cards:delete keys:read").await;
    let person = Person::add(&verifier, "bob", Some(&shop.merchant_id), "cards:read").await;
    let consent = Consent::of(&program, "cards:read cards:delete");
    let code = scene.browser.consent(&verifier, &person, &consent).await;
    let fields = consent.redemption(&program, &code);
    let tokens = verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await
        .json();
    assert_eq!(tokens["scope"], "cards:read");
    let token = super::text(&tokens, "access_token");
    let listed = verifier
        .call_with_proof(&scene.key, token, "GET", "/v1/cards")
        .await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let erased = verifier
        .call_with_proof(&scene.key, token, "DELETE", "/v1/cards/card_test_1")
        .await;
    assert_eq!(erased.problem(), "forbidden");
    // A merchant's person is no operator, whatever a row says.
    verifier
        .database
        .run(&["UPDATE user_account SET scopes = 'keys:read'"]);
    verifier.clock.advance_millis(30_000);
    let consent = Consent::of(&program, "keys:read");
    let mut browser = Browser::default();
    let code = browser.consent(&verifier, &person, &consent).await;
    let fields = consent.redemption(&program, &code);
    let tokens = verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await
        .json();
    let token = super::text(&tokens, "access_token");
    let answer = verifier
        .call_with_proof(&scene.key, token, "GET", "/v1/keys")
        .await;
    assert_eq!(answer.problem(), "unauthenticated");
}

#[tokio::test]
async fn who_may_nothing_of_it_can_only_say_no() {
    let mut scene = Scene::open().await;
    scene
        .verifier
        .database
        .run(&["UPDATE user_account SET scopes = 'keys:write'"]);
    let consent = Consent::of(&scene.program, "keys:read");
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    let page = browser
        .sign_in(verifier, &scene.person, &consent.path())
        .await;
    assert!(!page.text.contains("value=\"allow\""));
    let answer = browser.submit(verifier, &page, &[("step", "allow")]).await;
    assert_eq!(query_of(&answer)["error"], "access_denied");
}
