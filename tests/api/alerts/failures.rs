//! Five failed authentications within a minute.

use std::net::IpAddr;

use axum::{body::Body, http::Request};
use serde_json::json;
use waxseal_tests::{Browser, Consent, Person, Program, Staff, TestVerifier, get};
use waxseal_verifier::mode::Mode;

use super::alerts;

const KIND: &str = "auth_failures";
const SCOPES: &str = "alerts:read alerts:write";

async fn fail(verifier: &TestVerifier, times: usize) {
    for _ in 0..times {
        let answer = verifier.public(get("/v1/session", Some("x"))).await;
        assert_eq!(answer.problem(), "client_token_invalid");
    }
    verifier.look().await;
}

#[tokio::test]
async fn four_raise_none_and_five_raise_one() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    fail(&verifier, 4).await;
    assert!(alerts(&verifier, &staff, KIND).await.is_empty());
    fail(&verifier, 1).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0]["count"], 5);
    assert_eq!(raised[0]["state"], "open");
    assert_eq!(raised[0]["subject"]["kind"], "address");
    let pseudonym = raised[0]["subject"]["id"].as_str().unwrap();
    assert!(
        pseudonym.len() == 32 && !pseudonym.contains('.'),
        "{pseudonym}"
    );
    fail(&verifier, 10).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0]["count"], 15);
}

#[tokio::test]
async fn five_in_a_minute_and_a_second_raise_none() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    fail(&verifier, 1).await;
    verifier.clock.advance_millis(30_000);
    fail(&verifier, 3).await;
    verifier.clock.advance_millis(30_000);
    fail(&verifier, 1).await;
    assert!(alerts(&verifier, &staff, KIND).await.is_empty(), "60 s");
    verifier.clock.advance_millis(1000);
    assert!(alerts(&verifier, &staff, KIND).await.is_empty(), "61 s");
    // A millisecond before the first of these is out of the minute, there are five.
    verifier.clock.advance_millis(28_999);
    fail(&verifier, 1).await;
    assert_eq!(alerts(&verifier, &staff, KIND).await.len(), 1);
}

#[tokio::test]
async fn an_acknowledged_alert_counts_on_and_after_a_closed_one_comes_another() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    fail(&verifier, 5).await;
    let id = alerts(&verifier, &staff, KIND).await[0]["id"].clone();
    let path = |what: &str| format!("/v1/alerts/{}/{what}", id.as_str().unwrap());
    let call = async |what: &str| {
        let answer = staff
            .call(&verifier, "POST", &path(what), Some(json!({})))
            .await;
        assert_eq!(answer.status, 200);
        answer.json()["state"].clone()
    };
    assert_eq!(call("acknowledge").await, "acknowledged");
    verifier.clock.advance_millis(1000);
    fail(&verifier, 1).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(6)));
    assert_eq!(raised[0]["last_seen_at"], "2026-11-18T11:06:41Z");
    assert_eq!(call("close").await, "closed");
    verifier.clock.advance_millis(1);
    // What was before it was closed is dealt with.
    fail(&verifier, 4).await;
    assert_eq!(alerts(&verifier, &staff, KIND).await.len(), 1);
    fail(&verifier, 1).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!(raised.len(), 2);
    assert_eq!(
        (&raised[0]["state"], &raised[1]["state"]),
        (&json!("open"), &json!("closed"))
    );
    assert_eq!(raised[0]["count"], 5);
}

#[tokio::test]
async fn verifiers_of_one_database_count_together() {
    let first = TestVerifier::start().await;
    let staff = Staff::hire(&first, SCOPES).await;
    let second = first.beside().await;
    fail(&first, 3).await;
    fail(&second, 3).await;
    let raised = alerts(&first, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(6)));
    fail(&first, 1).await;
    fail(&second, 1).await;
    let raised = alerts(&first, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(8)));
}

#[tokio::test]
async fn a_client_is_counted_over_all_addresses_if_there_is_one() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for id in [shop.client_id(), "cli_test_01m8q4t1p0zzzzzzzzzzzzzzz1"] {
        for host in 1..=5 {
            let from: IpAddr = [192, 0, 2, host].into();
            let request = Request::get("/v1/cards").header("authorization", wrong(id));
            let answer = verifier.private_from(from, request.body(Body::empty()).unwrap());
            assert_eq!(answer.await.problem(), "unauthenticated");
        }
    }
    verifier.look().await;
    let raised = alerts(&verifier, &staff, KIND).await;
    let subjects: Vec<_> = raised.iter().map(|alert| &alert["subject"]).collect();
    assert_eq!(
        subjects,
        [&json!({ "kind": "client", "id": shop.client_id() })]
    );
}

/// Whose failures are counted.
#[derive(Clone, Copy, Debug)]
enum Who {
    Address,
    Client,
    Operator,
    User,
}

/// Everybody who can fail to be somebody.
struct Callers {
    verifier: TestVerifier,
    staff: Staff,
    client_id: String,
    operator_id: String,
    person: Person,
    program: Program,
}

impl Callers {
    async fn start() -> Self {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        Self {
            staff: Staff::hire(&verifier, SCOPES).await,
            client_id: shop.client_id().to_owned(),
            operator_id: Staff::hire(&verifier, "keys:read").await.id,
            person: Person::add(&verifier, "ann", None, "keys:read").await,
            program: Program::add(&verifier, "keys:read").await,
            verifier,
        }
    }

    fn id(&self, who: Who) -> Option<&str> {
        match who {
            Who::Address => None,
            Who::Client => Some(&self.client_id),
            Who::Operator => Some(&self.operator_id),
            Who::User => Some(&self.person.id),
        }
    }

    /// Fails once, from the address with that last number.
    async fn fail(&self, who: Who, host: u8) {
        let from: IpAddr = [192, 0, 2, host].into();
        let verifier = &self.verifier;
        let basic = |path: &str, id: &str| {
            let request = Request::get(path).header("authorization", wrong(id));
            request.body(Body::empty()).unwrap()
        };
        let answer = match who {
            Who::Address => {
                let request = get("/v1/session", Some("x"));
                verifier.public_from([192, 0, 2, 7].into(), request).await
            }
            Who::Client => {
                let request = basic("/v1/cards", &self.client_id);
                verifier.private_from(from, request).await
            }
            Who::Operator => {
                let request = basic("/v1/alerts", &self.operator_id);
                verifier.private_from(from, request).await
            }
            Who::User => {
                let mut browser = Browser::default();
                let path = Consent::of(&self.program, "keys:read").path();
                let page = browser.get(verifier, &path).await;
                let typed = [
                    ("step", "sign_in"),
                    ("name", "ann"),
                    ("password", "wrong horse battery staple"),
                    ("code", "000000"),
                ];
                browser.submit(verifier, &page, &typed).await
            }
        };
        assert!(matches!(answer.status.as_u16(), 401 | 422), "{who:?}");
        verifier.look().await;
    }

    /// Counts of the alerts about it, latest first.
    async fn counts(&self, who: Who) -> Vec<u64> {
        let kind = format!("{who:?}").to_lowercase();
        let all = alerts(&self.verifier, &self.staff, KIND).await;
        let about = all
            .iter()
            .filter(|alert| alert["subject"]["kind"] == kind.as_str());
        about
            .map(|alert| {
                if let Some(id) = self.id(who) {
                    assert_eq!(alert["subject"]["id"], id);
                }
                alert["count"].as_u64().unwrap()
            })
            .collect()
    }
}

#[tokio::test]
async fn of_a_client_an_operator_a_user_and_an_address_four_raise_none_and_five_raise_one() {
    for who in [Who::Address, Who::Client, Who::Operator, Who::User] {
        let callers = Callers::start().await;
        for host in 1..=4 {
            callers.fail(who, host).await;
        }
        callers.verifier.clock.advance_millis(59_999);
        assert_eq!(callers.counts(who).await, [0; 0], "{who:?}: four");
        callers.fail(who, 5).await;
        assert_eq!(callers.counts(who).await, [5], "{who:?}: five");
        callers.fail(who, 6).await;
        assert_eq!(callers.counts(who).await, [6], "{who:?}: not two");
    }
}

#[tokio::test]
async fn of_each_the_fifth_a_minute_after_the_first_raises_none() {
    for who in [Who::Address, Who::Client, Who::Operator, Who::User] {
        let callers = Callers::start().await;
        for host in 1..=4 {
            callers.fail(who, host).await;
        }
        callers.verifier.clock.advance_millis(60_000);
        callers.fail(who, 5).await;
        assert_eq!(callers.counts(who).await, [0; 0], "{who:?}");
    }
}

#[tokio::test]
async fn one_network_of_ipv6_is_one_address_whichever_of_its_addresses_it_uses() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    for (network, failures) in [(1, 5), (2, 4)] {
        for host in 0..failures {
            let from: IpAddr = format!("2001:db8:0:{network}:{host}::1").parse().unwrap();
            let request = get("/v1/session", Some("x"));
            verifier.public_from(from, request).await;
        }
    }
    verifier.look().await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(5)));
}

#[tokio::test]
async fn a_storm_from_everywhere_is_told_of_once_beyond_a_hundred_addresses() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    let storm = async |hosts: std::ops::Range<u32>| {
        for host in hosts {
            for _ in 0..5 {
                let from = IpAddr::from((0x0a00_0000 + host).to_be_bytes());
                verifier
                    .public_from(from, get("/v1/session", Some("x")))
                    .await;
            }
            if host % 50 == 49 {
                verifier.look().await;
            }
        }
        verifier.look().await;
    };
    let count = |about: &str| {
        let rows = format!("SELECT count(*) FROM alert WHERE subject_kind = '{about}'");
        verifier.database.number(&rows)
    };
    storm(0..100).await;
    assert_eq!((count("address"), count("all")), (100, 0));
    storm(100..150).await;
    assert_eq!((count("address"), count("all")), (100, 1));
    let all = "SELECT count FROM alert WHERE subject_kind = 'all'";
    assert_eq!(verifier.database.number(all), 250);
    // Those that are told of count on; whoever closes one has room for another.
    storm(0..1).await;
    assert_eq!((count("address"), count("all")), (100, 1));
    assert_eq!(verifier.database.number(all), 250);
    let id = alerts(&verifier, &staff, KIND).await;
    let id = id
        .iter()
        .find(|alert| alert["subject"]["kind"] == "address");
    let path = format!("/v1/alerts/{}/close", id.unwrap()["id"].as_str().unwrap());
    let closed = staff.call(&verifier, "POST", &path, Some(json!({}))).await;
    assert_eq!(closed.status, 200);
    storm(200..201).await;
    assert_eq!((count("address"), count("all")), (101, 1));
}

fn wrong(id: &str) -> String {
    let staff = Staff {
        id: id.to_owned(),
        secret: format!("wxs_{}", "A".repeat(43)),
    };
    staff.authorization()
}
