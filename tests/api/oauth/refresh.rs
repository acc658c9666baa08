//! Refresh tokens: each is used once, by who holds the key.

use waxseal_tests::DpopKey;

use super::{Scene, error, text};

#[tokio::test]
async fn each_refresh_gives_the_next_token() {
    let mut scene = Scene::open().await;
    let mut tokens = scene.tokens().await;
    let first = text(&tokens, "refresh_token").to_owned();
    let access = text(&tokens, "access_token").to_owned();
    for _ in 0..3 {
        scene.verifier.clock.advance_millis(15 * 60_000 - 1);
        let answer = scene.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let next = answer.json();
        assert_ne!(next["refresh_token"], tokens["refresh_token"]);
        tokens = next;
        assert_eq!(
            scene.list_keys(text(&tokens, "access_token")).await.status,
            200
        );
    }
    let old = scene.list_keys(&access).await;
    assert_eq!(old.problem(), "unauthenticated", "its 15 minutes are over");
    // However long ago it was used.
    assert_eq!(error(&scene.refresh(&first).await), "invalid_grant");
    assert_eq!(scene.failures().last().unwrap(), "refresh_reused");
    let last = scene.refresh(text(&tokens, "refresh_token")).await;
    assert_eq!(error(&last), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_takes_the_family_back() {
    let mut scene = Scene::open().await;
    let stolen = scene.tokens().await;
    let other_family = scene.tokens().await;
    let next = scene.refresh(text(&stolen, "refresh_token")).await.json();
    assert_eq!(
        scene.list_keys(text(&next, "access_token")).await.status,
        200
    );
    let again = scene.refresh(text(&stolen, "refresh_token")).await;
    assert_eq!(error(&again), "invalid_grant");
    // Nothing that came of it is good any more, the thief's or the owner's.
    for tokens in [&stolen, &next] {
        let answer = scene.list_keys(text(tokens, "access_token")).await;
        assert_eq!(answer.problem(), "unauthenticated");
    }
    let last = scene.refresh(text(&next, "refresh_token")).await;
    assert_eq!(error(&last), "invalid_grant");
    assert_eq!(scene.failures()[0], "refresh_reused");
    let other = scene.list_keys(text(&other_family, "access_token")).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn two_at_once_do_not_both_get_the_next_token() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let token = text(&tokens, "refresh_token");
    let (one, two) = tokio::join!(scene.refresh(token), scene.refresh(token));
    let good = [one, two]
        .iter()
        .filter(|answer| answer.status == 200)
        .count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_refresh_token_is_of_no_use_without_its_key_or_after_its_time() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let token = text(&tokens, "refresh_token").to_owned();
    let own = std::mem::replace(&mut scene.key, DpopKey::make());
    assert_eq!(error(&scene.refresh(&token).await), "invalid_grant");
    scene.key = own;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", &scene.program.id),
        ("refresh_token", &token),
    ];
    let without = scene.verifier.ask_for_token(&fields, None).await;
    assert_eq!(error(&without), "invalid_dpop_proof");
    let more = [fields.as_slice(), &[("scope", "keys:read keys:write")]].concat();
    let more = scene.verifier.ask_for_token(&more, Some(&scene.key)).await;
    assert_eq!(error(&more), "invalid_scope");
    scene.verifier.clock.advance_millis(15 * 60_000);
    assert_eq!(error(&scene.refresh(&token).await), "invalid_grant");
    assert_eq!(
        scene.failures(),
        ["refresh_key", "dpop_missing", "refresh_expired"]
    );
}

#[tokio::test]
async fn after_twelve_hours_the_person_is_asked_again() {
    let mut scene = Scene::open().await;
    let mut tokens = scene.tokens().await;
    let mut refreshed = 0;
    loop {
        scene.verifier.clock.advance_millis(14 * 60_000);
        let answer = scene.refresh(text(&tokens, "refresh_token")).await;
        if answer.status != 200 {
            break;
        }
        tokens = answer.json();
        refreshed += 1;
    }
    assert_eq!(refreshed, 12 * 60 / 14);
}

#[tokio::test]
async fn what_signing_in_left_behind_is_swept() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let next = scene.refresh(text(&tokens, "refresh_token")).await.json();
    let token = text(&next, "access_token");
    let fields = [("client_id", scene.program.id.as_str()), ("token", token)];
    let taken_back = super::revoke::revoke(&scene.verifier, None, &fields).await;
    assert_eq!(taken_back.status, 200);
    let tables = [
        "login_session",
        "oauth_code",
        "oauth_grant",
        "refresh_token",
        "revoked_token",
        "used_proof",
    ];
    let count = |scene: &Scene| {
        let counts = scene.verifier.row_counts();
        let count = |table: &str| counts.iter().find(|(name, _)| name == table).unwrap().1;
        tables.map(count)
    };
    assert!(count(&scene).iter().all(|rows| *rows > 0));
    let day = 24 * 60 * 60_000;
    scene.verifier.clock.advance_millis(day / 2);
    let pause = std::time::Duration::ZERO;
    let swept = waxseal_verifier::upkeep::sweep(&scene.verifier.app, pause).await;
    assert!(swept.unwrap() > 0);
    let left = count(&scene);
    assert_eq!(left[5], 0, "proofs go as soon as they are too old");
    assert!(left[..5].iter().all(|rows| *rows > 0));
    scene.verifier.clock.advance_millis(day / 2 + 1000);
    let swept = waxseal_verifier::upkeep::sweep(&scene.verifier.app, pause).await;
    assert!(swept.unwrap() > 0);
    assert_eq!(count(&scene), [0; 6]);
}
