//! A merchant that is an attacker: others' ids, keys, cursors and envelopes; and whether names are told by time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waxseal_tests::VISA;
use waxseal_verifier::{
    clock::Timestamp,
    identity::{Scopes, check_operator, make_operator},
    rng::SystemRng,
};

use crate::{
    target::{Target, basic, session_request, text},
    wire::{ask, request},
};

#[test]
fn an_envelope_is_good_once_and_for_its_own_session() {
    let target = Target::start();
    let mut checkout = target.checkout(&target.owner);
    let envelope = checkout.fresh(VISA);
    for other in [
        target.checkout(&target.owner),
        target.checkout(&target.stranger),
    ] {
        let reply = target.submit(&other.token, &envelope);
        assert_eq!(reply.code(), "session_mismatch", "{}", reply.body);
    }
    assert_eq!(target.submit(&checkout.token, &envelope).status, 200);
    for _ in 0..3 {
        let reply = target.submit(&checkout.token, &envelope);
        assert!((400..500).contains(&reply.status), "{}", reply.body);
    }
    let cards = target
        .installation
        .database()
        .number("SELECT count(*) FROM card");
    assert_eq!(cards, 1);
}

#[test]
fn what_is_anothers_answers_as_what_is_not_there() {
    let target = Target::start();
    let mut checkout = target.checkout(&target.owner);
    let envelope = checkout.fresh(VISA);
    assert_eq!(target.submit(&checkout.token, &envelope).status, 200);
    let (owner, stranger) = (
        target.owner.authorization(),
        target.stranger.authorization(),
    );
    let session = format!("/v1/sessions/{}", checkout.session_id);
    let read = target.call("private", &owner, "GET", &session, None).json();
    let card = text(&read["card"], "id");
    let nobodys = |id: &str| {
        let (kind, _) = id.rsplit_once('_').unwrap();
        format!("{kind}_{}", "0".repeat(26))
    };
    for (id, of) in [(&checkout.session_id, "sessions"), (&card, "cards")] {
        let theirs = target.call("private", &stranger, "GET", &format!("/v1/{of}/{id}"), None);
        let none = target.call(
            "private",
            &stranger,
            "GET",
            &format!("/v1/{of}/{}", nobodys(id)),
            None,
        );
        assert_eq!((theirs.status, theirs.told()), (404, none.told()), "{of}");
        // Ids beside one's own are nobody's, for the owner either.
        let (head, last) = id.split_at(id.len() - 1);
        for next in "0123456789abcdefghjkmnpqrstvwxyz"
            .chars()
            .filter(|next| !last.contains(*next))
        {
            let reply = target.call(
                "private",
                &owner,
                "GET",
                &format!("/v1/{of}/{head}{next}"),
                None,
            );
            assert_eq!(reply.status, 404, "{of}");
        }
    }
    // A cursor is a place, not a key: whatever it says, one's own rows alone are shown.
    for cursor in [
        card.as_str(),
        &nobodys(&card),
        "card_live_1",
        "",
        "0",
        "-1",
        "x' OR '1'='1",
        "%00",
        "../cards",
    ] {
        for limit in ["1", "20", "0", "-1", "1000000", "1e3", "x"] {
            let path = format!(
                "/v1/cards?after={}&limit={limit}",
                crate::interface::percent_encoded(cursor)
            );
            let reply = target.call("private", &stranger, "GET", &path, None);
            assert!(
                reply.status < 500 && !reply.body.contains("last4"),
                "{path}: {}",
                reply.body
            );
        }
    }
}

#[test]
fn an_idempotency_key_is_its_merchants_own() {
    let target = Target::start();
    let create = |authorization: &str, body: &Value| {
        let headers = [
            ("authorization", authorization),
            ("content-type", "application/json"),
            ("idempotency-key", "order-1"),
        ];
        ask(
            target.private,
            &request("POST", "/v1/sessions", &headers, body.to_string()),
        )
    };
    let (owner, stranger) = (
        target.owner.authorization(),
        target.stranger.authorization(),
    );
    let first = create(&owner, &session_request()).json();
    let theirs = create(&stranger, &session_request()).json();
    assert_ne!(first["id"], theirs["id"]);
    assert_eq!(create(&owner, &session_request()).json()["id"], first["id"]);
    let mut other = session_request();
    other["amount"] = json!(1);
    assert_eq!(create(&owner, &other).code(), "idempotency_conflict");
}

#[test]
fn an_unknown_operator_costs_the_hash_that_a_wrong_secret_costs() {
    let now = Timestamp::from_millis(0);
    let made = make_operator(
        "Ann".to_owned(),
        &Scopes::parse("keys:read"),
        now,
        &SystemRng::default(),
    );
    let operator = made.unwrap().operator;
    // So long that the hash is nearly all of it.
    let secret = "x".repeat(4 << 20);
    let fastest = |known: bool| {
        let times = (0..9).map(|_| {
            let operator = known.then(|| operator.clone());
            let started = Instant::now();
            assert!(check_operator(operator, &secret).is_none());
            started.elapsed()
        });
        times.min().unwrap()
    };
    let (known, unknown) = (fastest(true), fastest(false));
    assert!(
        unknown > known / 2 && known > unknown / 2,
        "{known:?} {unknown:?}"
    );
}

/// How long a refusal takes, for a wrong secret and for an unknown client: medians.
fn refusals(target: &Target) -> [Duration; 2] {
    const SAMPLES: usize = 150;
    let (kind, _) = target.owner.client_id.rsplit_once('_').unwrap();
    let unknown = format!("{kind}_{}", "0".repeat(26));
    let wrong = format!("wxs_{}", "x".repeat(43));
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut told = Vec::new();
    for sample in 0..SAMPLES {
        // In turns, and each first as often: what slows the machine down slows both.
        for of in if sample % 2 == 0 { [0, 1] } else { [1, 0] } {
            let id = [&target.owner.client_id, &unknown][of];
            let started = Instant::now();
            let reply = target.call("private", &basic(id, &wrong), "GET", "/v1/cards", None);
            times[of].push(started.elapsed());
            told.push(reply.told());
        }
    }
    assert!(told.iter().all(|one| one.0 == 401 && *one == told[0]));
    times.map(|mut times| {
        times.sort_unstable();
        times[SAMPLES / 2]
    })
}

#[test]
fn an_unknown_client_is_refused_in_the_time_and_words_of_a_wrong_secret() {
    let target = Target::start();
    // What differs by itself differs each time; what a busy machine does, does not.
    let rounds: Vec<_> = (0..4).map(|_| refusals(&target)).collect();
    let is_alike =
        |[known, unknown]: &[Duration; 2]| *unknown * 2 > *known && *known * 2 > *unknown;
    assert!(rounds.iter().any(is_alike), "{rounds:?}");
}
