//! Codes for tokens.

use serde_json::Value;
use waxseal_tests::{DpopKey, Program};

use super::{Scene, error, text};

#[tokio::test]
async fn a_person_signs_in_and_the_program_acts_for_them_with_what_they_granted() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    assert_eq!(tokens["token_type"], "DPoP");
    assert_eq!(tokens["expires_in"], 900);
    assert_eq!(tokens["scope"], "keys:read");
    let token = text(&tokens, "access_token");
    let listed = scene.list_keys(token).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    // Not granted, though the person may.
    let verifier = &scene.verifier;
    let answer = verifier
        .call_with_proof(&scene.key, token, "POST", "/v1/keys/1/retire")
        .await;
    assert_eq!(answer.problem(), "forbidden");
    // An operator is no merchant's server.
    let answer = verifier
        .call_with_proof(&scene.key, token, "GET", "/v1/cards")
        .await;
    assert_eq!(answer.problem(), "unauthenticated");
    let logged = verifier.database.texts(
        "SELECT action || coalesce(' ' || reason, '') FROM audit WHERE operator_id IS NOT NULL ORDER BY seq",
    );
    assert_eq!(
        logged,
        [
            "login.succeeded",
            "consent.given",
            "token.issued authorization_code"
        ]
    );
}

/// What is wrong, and what the audit says of it.
type Wrong = (&'static str, fn(&mut Vec<(String, String)>), &'static str);

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    let field = fields.iter_mut().find(|(other, _)| other == name);
    value.clone_into(&mut field.unwrap().1);
}

#[tokio::test]
async fn a_code_with_anything_wrong_gives_nothing_and_is_used_up() {
    let wrong: [Wrong; 4] = [
        (
            "verifier",
            |fields| set(fields, "code_verifier", &"w".repeat(43)),
            "code_verifier",
        ),
        (
            "redirect URI",
            |fields| set(fields, "redirect_uri", "https://console.example/callback/"),
            "code_redirect_uri",
        ),
        (
            "secret",
            |fields| {
                let code = fields[3].1.clone();
                set(fields, "code", &format!("{}A", &code[..code.len() - 1]));
            },
            "code_unknown",
        ),
        (
            "form",
            |fields| set(fields, "code", "cod_1"),
            "code_malformed",
        ),
    ];
    let mut scene = Scene::open().await;
    for (what, change, reason) in wrong {
        let (consent, code) = scene.code().await;
        let right = consent.redemption(&scene.program, &code);
        let mut fields = right.clone();
        change(&mut fields);
        let verifier = &scene.verifier;
        let answer = verifier.ask_for_token(&fields, Some(&scene.key)).await;
        assert_eq!(error(&answer), "invalid_grant", "{what}");
        assert_eq!(answer.status, 400);
        assert_eq!(scene.failures().last().unwrap(), reason);
        let knows_code = !matches!(reason, "code_unknown" | "code_malformed");
        let again = verifier.ask_for_token(&right, Some(&scene.key)).await;
        assert_eq!(again.status.is_success(), !knows_code, "{what}");
    }
    let (consent, code) = scene.code().await;
    let fields = consent.redemption(&scene.program, &code);
    let without = |name: &str| -> Vec<_> {
        fields
            .iter()
            .filter(|(other, _)| other != name)
            .cloned()
            .collect()
    };
    let verifier = &scene.verifier;
    for name in ["code", "code_verifier", "redirect_uri", "grant_type"] {
        let answer = verifier
            .ask_for_token(&without(name), Some(&scene.key))
            .await;
        assert_eq!(error(&answer), "invalid_request", "without {name}");
    }
    let answer = verifier
        .ask_for_token(&without("client_id"), Some(&scene.key))
        .await;
    assert_eq!(error(&answer), "invalid_client");
    let answer = verifier.ask_for_token(&fields, None).await;
    assert_eq!(error(&answer), "invalid_dpop_proof");
    // What lacked something has used nothing up.
    let answer = verifier.ask_for_token(&fields, Some(&scene.key)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_code_that_is_used_twice_takes_its_tokens_back() {
    let mut scene = Scene::open().await;
    let (consent, code) = scene.code().await;
    let fields = consent.redemption(&scene.program, &code);
    let tokens = scene
        .verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await;
    let tokens = tokens.json();
    let token = text(&tokens, "access_token");
    assert_eq!(scene.list_keys(token).await.status, 200);
    let again = scene
        .verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await;
    assert_eq!(error(&again), "invalid_grant");
    assert_eq!(scene.list_keys(token).await.problem(), "unauthenticated");
    let refreshed = scene.refresh(text(&tokens, "refresh_token")).await;
    assert_eq!(error(&refreshed), "invalid_grant");
    assert_eq!(
        scene.failures(),
        ["code_reused", "grant_revoked", "grant_revoked"]
    );
}

#[tokio::test]
async fn a_code_is_its_programs_for_a_minute() {
    let mut scene = Scene::open().await;
    let (consent, code) = scene.code().await;
    let other = Program::add(&scene.verifier, super::OPERATOR).await;
    let fields = consent.redemption(&other, &code);
    let answer = scene
        .verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await;
    assert_eq!(error(&answer), "invalid_grant");
    let (consent, code) = scene.code().await;
    scene.verifier.clock.advance_millis(60_000);
    let fields = consent.redemption(&scene.program, &code);
    let answer = scene
        .verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await;
    assert_eq!(error(&answer), "invalid_grant");
    assert_eq!(scene.failures(), ["code_client", "code_expired"]);
}

#[tokio::test]
async fn a_code_that_names_a_key_is_for_that_key() {
    let mut scene = Scene::open().await;
    for (key, status) in [(DpopKey::make(), 400), (DpopKey::make(), 200)] {
        scene.verifier.clock.advance_millis(30_000);
        let named = if status == 200 {
            &key.jkt
        } else {
            &scene.key.jkt
        };
        let consent = waxseal_tests::Consent::of(&scene.program, "keys:read");
        let consent = consent.with("dpop_jkt", Some(named));
        scene.browser = waxseal_tests::Browser::default();
        let (browser, person) = (&mut scene.browser, &scene.person);
        let code = browser.consent(&scene.verifier, person, &consent).await;
        let fields = consent.redemption(&scene.program, &code);
        let answer = scene.verifier.ask_for_token(&fields, Some(&key)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert_eq!(scene.failures(), ["code_key"]);
}

#[tokio::test]
async fn nothing_of_it_is_kept_as_it_was_sent() {
    let mut scene = Scene::open().await;
    let (consent, code) = scene.code().await;
    let fields = consent.redemption(&scene.program, &code);
    let tokens = scene
        .verifier
        .ask_for_token(&fields, Some(&scene.key))
        .await;
    let tokens: Value = tokens.json();
    let cookies = scene.browser.cookies().values().cloned();
    let mut secrets: Vec<String> = cookies.collect();
    secrets.push(code);
    secrets.extend(["access_token", "refresh_token"].map(|name| text(&tokens, name).to_owned()));
    let (_, seed) = scene.person.factor_uri.split_once("secret=").unwrap();
    secrets.push(seed.split('&').next().unwrap().to_owned());
    secrets.push(waxseal_tests::PASSWORD.to_owned());
    let kept = kept(&scene);
    for secret in &secrets {
        let (_, random) = secret.split_once('.').unwrap_or(("", secret));
        assert!(!kept.contains(random), "{secret}");
    }
    // The control: what is not secret is found.
    assert!(kept.contains(&scene.person.id));
}

/// All that the database holds, or its files.
fn kept(scene: &Scene) -> String {
    let database = &scene.verifier.database;
    if database.file().is_some() {
        let files = waxseal_tests::folder_files(&[scene.verifier.folder.path()]);
        let texts = files
            .iter()
            .map(|(_, bytes)| String::from_utf8_lossy(bytes));
        return texts.collect();
    }
    let tables = database.tables().into_iter();
    let rows =
        tables.flat_map(|table| database.texts(&format!("SELECT {table}::text FROM {table}")));
    rows.collect()
}
