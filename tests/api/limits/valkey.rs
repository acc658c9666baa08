//! Counts in a real Valkey, by the clock that a test moves.

use std::sync::Arc;

use redis::Commands;
use waxseal_tests::{SeededRng, ValkeyServer};
use waxseal_verifier::{
    clock::{Clock, MockClock, Timestamp},
    limits::{CallerKey, Limit, Limiter, Rate, Rates, SharedCounts, Standing},
    rng::Rng,
    valkey::ValkeyError,
};

use super::{RATE, ip};

const LIMIT: Limit = Limit::Card;

struct Scene {
    clock: Arc<MockClock>,
    limiter: Limiter,
}

impl Scene {
    async fn on(server: &ValkeyServer, rate: Rate) -> Self {
        let clock = Arc::new(MockClock::new(Timestamp::from_millis(1_795_000_000_000)));
        let counts = SharedCounts::open(&server.url()).await.unwrap();
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let limiter = Limiter::shared(rates(rate), counts, 2, &time);
        Self { clock, limiter }
    }

    async fn admit(&self, caller: &str) -> Standing {
        let caller = CallerKey::of_address(ip(caller));
        let pseudonym = || *caller.as_bytes();
        let now = self.clock.now();
        self.limiter.admit(LIMIT, caller, now, pseudonym).await
    }

    async fn admitted(&self, caller: &str, tries: usize) -> usize {
        let mut admitted = 0;
        for _ in 0..tries {
            admitted += usize::from(self.admit(caller).await.is_admitted);
        }
        admitted
    }
}

fn rates(rate: Rate) -> Rates {
    let mut rates = Rates::default();
    rates.set(LIMIT, rate);
    rates
}

#[tokio::test]
async fn of_requests_in_one_instant_21_are_answered_and_then_one_each_100_ms() {
    let server = ValkeyServer::start();
    let scene = Scene::on(&server, RATE).await;
    for remaining in (0..21).rev() {
        let standing = scene.admit("203.0.113.9").await;
        assert_eq!(
            (standing.is_admitted, standing.remaining),
            (true, remaining)
        );
    }
    assert_eq!(scene.admitted("203.0.113.9", 5).await, 0);
    scene.clock.advance_millis(99);
    assert_eq!(scene.admitted("203.0.113.9", 5).await, 0);
    scene.clock.advance_millis(1);
    assert_eq!(scene.admitted("203.0.113.9", 5).await, 1);
    assert_eq!(
        scene.admitted("203.0.113.8", 30).await,
        21,
        "another caller"
    );
    scene.clock.advance_millis(2100);
    assert_eq!(scene.admitted("203.0.113.9", 30).await, 21);
}

#[tokio::test]
async fn valkey_and_process_answer_the_same_to_two_thousand_requests() {
    let server = ValkeyServer::start();
    let rng = SeededRng::new(7);
    let rng: &dyn Rng = &rng;
    let mut seen = [0, 0];
    for (per_s, burst) in [(10, 20), (3, 0), (7, 4), (900, 2), (1_000_000, 1)] {
        let _: () = redis::cmd("FLUSHALL").query(&mut server.connect()).unwrap();
        let rate = Rate::per_second(per_s, burst);
        let scene = Scene::on(&server, rate).await;
        let time = Arc::clone(&scene.clock) as Arc<dyn Clock>;
        let own = Limiter::in_process(rates(rate), &time);
        for step in 0..400 {
            let [pause, who, ..]: [u8; 2] = rng.array().unwrap();
            if who > 127 {
                scene.clock.advance_millis(i64::from(pause));
            }
            let caller = format!("203.0.113.{}", who % 3);
            let shared = scene.admit(&caller).await;
            let key = CallerKey::of_address(ip(&caller));
            let same = own.admit(LIMIT, key, scene.clock.now(), || [0; 16]).await;
            assert_eq!(shared, same, "{per_s} {burst} step {step}");
            seen[usize::from(same.is_admitted)] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 300), "{seen:?}");
}

#[tokio::test]
async fn what_is_counted_goes_by_itself_and_a_refusal_writes_nothing() {
    let server = ValkeyServer::start();
    let scene = Scene::on(&server, RATE).await;
    let mut connection = server.connect();
    scene.admitted("203.0.113.9", 21).await;
    let keys: Vec<String> = connection.keys("waxseal:limit:card:*").unwrap();
    assert_eq!(keys.len(), 1);
    let ttl_ms: i64 = connection.pttl(&keys[0]).unwrap();
    assert!((50_000..=62_100).contains(&ttl_ms), "{ttl_ms}");
    let value: String = connection.get(&keys[0]).unwrap();
    assert_eq!(scene.admitted("203.0.113.9", 9).await, 0);
    let after: String = connection.get(&keys[0]).unwrap();
    assert_eq!(after, value);
    assert_eq!(value, (1_795_000_000_000_000_u64 + 2_100_000).to_string());
}

#[tokio::test]
async fn a_valkey_that_does_not_allow_it_is_refused_and_one_that_is_away_is_not() {
    let open = async |url: &str| SharedCounts::open(url).await;
    let mut server = ValkeyServer::start_with(&["--appendonly", "yes"]);
    assert!(open(&server.url()).await.is_ok(), "nothing in it is secret");
    let _: () = redis::cmd("ACL")
        .arg(&[
            "SETUSER",
            "shop",
            "on",
            ">secret",
            "~waxseal:limit:*",
            "+@all",
            "-evalsha",
        ])
        .query(&mut server.connect())
        .unwrap();
    for (user, is_denied) in [("shop:secret", false), ("shop:other", true)] {
        let url = server
            .url()
            .replace("redis://", &format!("redis://{user}@"));
        let refused = open(&url).await.err().unwrap();
        match refused {
            ValkeyError::Denied(_) => assert!(is_denied),
            ValkeyError::Refused(..) => assert!(!is_denied),
            _ => panic!("{refused}"),
        }
        let line = refused.to_string();
        assert!(
            line.starts_with("limits.url: Valkey at ") && !line.contains("secret"),
            "{line}"
        );
    }
    let least: [&str; 10] = [
        "SETUSER",
        "shop",
        "resetkeys",
        "~waxseal:limit:*",
        "-@all",
        "+get",
        "+set",
        "+evalsha",
        "+eval",
        "+script",
    ];
    let _: () = redis::cmd("ACL")
        .arg(&least)
        .query(&mut server.connect())
        .unwrap();
    let url = server.url().replace("redis://", "redis://shop:secret@");
    assert!(open(&url).await.unwrap().problem().is_none());
    server.kill();
    let counts = open(&server.url()).await.unwrap();
    assert!(matches!(
        counts.problem(),
        Some(ValkeyError::Unreachable(_))
    ));
}
