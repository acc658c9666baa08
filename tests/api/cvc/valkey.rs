//! CVCs in a real Valkey.

use std::{collections::HashMap, sync::Arc};

use redis::Commands;
use waxseal_protocol::card::Cvc;
use waxseal_tests::{SeededRng, ValkeyServer};
use waxseal_verifier::{
    mode::Mode,
    vault::cvc::{CvcHolder, HoldOutcome, Surroundings, Taken},
};

use super::{AMEX_CVC, Scene, choose, digits};

const HOLD_S: u32 = 900;

fn key(submission: &str) -> String {
    format!("waxseal:cvc:{submission}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_takers_over_two_connections_one_gets_the_code() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let other = CvcHolder::in_valkey(&server.url(), HOLD_S).await.unwrap();
    let (scene, other) = (Arc::new(scene), Arc::new(other));
    for _ in 0..5 {
        let submission = scene.submit().await;
        let takers: Vec<_> = (0..50)
            .map(|number| {
                let (scene, other) = (Arc::clone(&scene), Arc::clone(&other));
                let submission = submission.clone();
                tokio::spawn(async move {
                    let app = &scene.verifier.app;
                    let holder = if number % 2 == 0 { &app.cvc } else { &other };
                    let at = Surroundings {
                        keys: &app.keys_of(Mode::Test),
                        rng: &*app.rng,
                        now: scene.now(),
                    };
                    holder.take(at, &submission, &format!("pay_{number}")).await
                })
            })
            .collect();
        let mut codes = Vec::new();
        for taker in takers {
            codes.extend(taker.await.unwrap());
        }
        assert_eq!(codes.len(), 1);
        assert_eq!(digits(codes.first()), Some(AMEX_CVC));
    }
}

#[tokio::test]
async fn what_it_holds_is_encrypted_and_lives_for_fifteen_minutes() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let mut connection = server.connect();
    let mut submissions = Vec::new();
    for _ in 0..20 {
        submissions.push(scene.submit().await);
    }
    let keys: Vec<String> = connection.keys("*").unwrap();
    assert_eq!(keys.len(), submissions.len());
    for submission in &submissions {
        let ttl_ms: i64 = connection.pttl(key(submission)).unwrap();
        assert!((850_000..=900_000).contains(&ttl_ms), "{ttl_ms}");
        let value: Vec<u8> = connection.get(key(submission)).unwrap();
        let dump: Vec<u8> = redis::cmd("DUMP")
            .arg(key(submission))
            .query(&mut connection)
            .unwrap();
        for bytes in [&value, &dump] {
            let has = bytes
                .windows(AMEX_CVC.len())
                .any(|window| window == AMEX_CVC.as_bytes());
            assert!(!has, "the code itself");
        }
    }
    // Three digits and four take the same room.
    let length = |submission: &str| {
        server
            .connect()
            .strlen::<_, usize>(key(submission))
            .unwrap()
    };
    assert_eq!(
        scene.hold(scene.holder(), "sub_test_3", "123").await,
        HoldOutcome::Held
    );
    assert_eq!(length("sub_test_3"), length(&submissions[0]));

    // In use it holds no code at all, and the time goes on.
    let taken = scene
        .take(scene.holder(), &submissions[0], "pay_1")
        .await
        .unwrap();
    let value: String = connection.get(key(&submissions[0])).unwrap();
    assert!(
        value.starts_with('u') && value.ends_with(":pay_1"),
        "{value}"
    );
    let before: i64 = connection.pttl(key(&submissions[0])).unwrap();
    assert!(scene.put_back(scene.holder(), taken).await);
    let after: i64 = connection.pttl(key(&submissions[0])).unwrap();
    assert!((1..=before).contains(&after), "{before} {after}");
    scene.holder().consume(scene.now(), &submissions[0]).await;
    let value: String = connection.get(key(&submissions[0])).unwrap();
    assert_eq!(value, "c");
}

#[tokio::test]
async fn an_entry_that_was_moved_changed_cut_or_kept_does_not_open() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let mut connection = server.connect();
    let submission = scene.submit().await;
    let value: Vec<u8> = connection.get(key(&submission)).unwrap();
    let take = async |submission: &str| scene.take(scene.holder(), submission, "pay_1").await;

    let _: () = connection.set(key("sub_test_other"), &value).unwrap();
    assert!(take("sub_test_other").await.is_none());
    // Behind the state: deadline, format, key, nonce, code, tag.
    for at in 1..value.len() {
        let mut changed = value.clone();
        changed[at] ^= 1;
        let _: () = connection.set(key(&submission), &changed).unwrap();
        assert!(take(&submission).await.is_none(), "byte {at}");
        let _: () = connection.set(key(&submission), &value[..at]).unwrap();
        assert!(take(&submission).await.is_none(), "cut at {at}");
    }
    let _: () = connection.set(key(&submission), &value).unwrap();
    let under_other_keys = scene
        .with_keys_of(Mode::Live, async |at| {
            scene.holder().take(at, &submission, "pay_1").await
        })
        .await;
    assert!(under_other_keys.is_none());

    // A server that forgets that it gave it can give it again, but not past the deadline.
    let _: () = connection.set(key(&submission), &value).unwrap();
    assert_eq!(digits(take(&submission).await.as_ref()), Some(AMEX_CVC));
    scene.verifier.clock.advance_millis(15 * 60 * 1000);
    let _: () = connection.set(key(&submission), &value).unwrap();
    assert!(take(&submission).await.is_none());
}

#[tokio::test]
async fn only_the_attempt_that_took_it_puts_it_back_and_only_in_time() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let mut connection = server.connect();
    let submission = scene.submit().await;
    let taken = scene.take(scene.holder(), &submission, "pay_1").await;
    let value: String = connection.get(key(&submission)).unwrap();
    let until_ms: i64 = value[1..value.find(':').unwrap()].parse().unwrap();
    let (seconds, micros): (i64, i64) = redis::cmd("TIME").query(&mut connection).unwrap();
    let left_ms = until_ms - (seconds * 1000 + micros / 1000);
    assert!((50_000..=60_000).contains(&left_ms), "{left_ms}");

    let _: () = connection
        .set(key(&submission), value.replace("pay_1", "pay_2"))
        .unwrap();
    assert!(!scene.put_back(scene.holder(), taken.unwrap()).await);

    let late = scene.submit().await;
    let taken = scene.take(scene.holder(), &late, "pay_1").await;
    let over = format!("u{}:pay_1", seconds * 1000);
    let _: () = connection.set(key(&late), over).unwrap();
    assert!(!scene.put_back(scene.holder(), taken.unwrap()).await);
}

#[tokio::test]
async fn memory_and_valkey_answer_the_same_to_five_hundred_steps() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let memory = CvcHolder::in_memory(1000, HOLD_S);
    let rng = SeededRng::new(11);
    let mut hands: Vec<(Taken, Taken)> = Vec::new();
    let mut seen: HashMap<&str, u32> = HashMap::new();
    for step in 0..500 {
        let submission = format!("sub_test_{}", choose(&rng, 40));
        let attempt = format!("pay_{}", choose(&rng, 3));
        match choose(&rng, 8) {
            0 | 1 => {
                let code = format!("{:04}", choose(&rng, 10_000));
                assert!(Cvc::parse_kept(&code).is_ok());
                let outcome = scene.hold(scene.holder(), &submission, &code).await;
                assert_eq!(outcome, scene.hold(&memory, &submission, &code).await);
                *seen.entry(outcome.as_str()).or_default() += 1;
            }
            2..5 => {
                let taken = scene.take(scene.holder(), &submission, &attempt).await;
                let same = scene.take(&memory, &submission, &attempt).await;
                assert_eq!(digits(taken.as_ref()), digits(same.as_ref()), "step {step}");
                *seen
                    .entry(if taken.is_some() { "taken" } else { "none" })
                    .or_default() += 1;
                hands.extend(taken.zip(same));
            }
            5 | 6 => {
                if let Some((taken, same)) = hands.pop() {
                    let is_back = scene.put_back(scene.holder(), taken).await;
                    assert_eq!(is_back, scene.put_back(&memory, same).await);
                    *seen
                        .entry(if is_back { "back" } else { "not back" })
                        .or_default() += 1;
                }
            }
            _ => {
                scene.holder().consume(scene.now(), &submission).await;
                memory.consume(scene.now(), &submission).await;
            }
        }
    }
    assert_eq!(seen.len(), 6, "every answer was given: {seen:?}");
}
