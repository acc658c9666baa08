//! Callers whose places a `MaxMind` DB file has: through its own reader, to the bound of what is told of.

use std::net::IpAddr;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use waxseal_tests::{Shop, Staff, TestVerifier, mmdb};
use waxseal_verifier::mode::Mode;

use super::alerts;

const BERLIN: &str = "192.0.2.1";
const POTSDAM: &str = "192.0.2.129";
const NEW_YORK: &str = "203.0.113.1";
const SYDNEY: &str = "2001:db8:1::1";
const FRANCE: &str = "198.51.100.1";
/// Ten degrees of the equator apart: 1,111.95 km.
const GULF: &str = "10.0.0.1";
const GABON: &str = "10.1.0.1";
/// From the first 499 km and 500.4 km.
const NEAR: &str = "10.2.0.1";
const FAR: &str = "10.3.0.1";
/// On both sides of the line where a day begins, 22 km apart.
const WEST: &str = "10.4.0.1";
const EAST: &str = "10.5.0.1";
const NOWHERE: &str = "10.6.0.1";

/// As `GeoLite2` City has it.
fn nested(country: &str, latitude: f64, longitude: f64) -> Value {
    json!({
        "city": { "names": { "en": "Somewhere" } },
        "country": { "iso_code": country },
        "location": { "latitude": latitude, "longitude": longitude, "time_zone": "UTC" },
    })
}

fn database() -> Vec<u8> {
    mmdb(&[
        ("192.0.2.0/25", nested("DE", 52.52, 13.405)),
        ("192.0.2.128/25", nested("DE", 52.39, 13.06)),
        (
            "203.0.113.0/24",
            json!({ "country_code": "US", "latitude": 40.7128, "longitude": -74.006 }),
        ),
        ("2001:db8:1::/48", nested("AU", -33.8688, 151.2093)),
        (
            "198.51.100.0/24",
            json!({ "country": { "iso_code": "FR" } }),
        ),
        ("10.0.0.0/16", nested("GA", 0.0, 0.0)),
        ("10.1.0.0/16", nested("GA", 0.0, 10.0)),
        ("10.2.0.0/16", nested("GA", 0.0, 4.49)),
        ("10.3.0.0/16", nested("GA", 0.0, 4.5)),
        ("10.4.0.0/16", nested("FJ", 0.0, 179.9)),
        ("10.5.0.0/16", nested("FJ", 0.0, -179.9)),
        ("10.6.0.0/16", nested("US", 1e300, -1e300)),
    ])
}

struct Scene {
    verifier: TestVerifier,
    staff: Staff,
    shop: Shop,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cities.mmdb");
        std::fs::write(&file, database()).unwrap();
        let verifier = TestVerifier::start_with(|config| {
            config.geo.ip_country_db = Some(file);
        });
        let verifier = verifier.await;
        Self {
            staff: Staff::hire(&verifier, "alerts:read").await,
            shop: verifier.shop(Mode::Test, "https://shop.example").await,
            _folder: folder,
            verifier,
        }
    }

    async fn call_from(&self, ip: &str) {
        let request = Request::get("/v1/cards").header("authorization", self.shop.authorization());
        let request = request.body(Body::empty()).unwrap();
        let ip: IpAddr = ip.parse().unwrap();
        let answer = self.verifier.private_from(ip, request).await;
        assert_eq!(answer.status, 200);
        self.verifier.look().await;
    }

    async fn told(&self) -> Vec<Value> {
        let raised = alerts(&self.verifier, &self.staff, "impossible_travel").await;
        let details = raised.iter().map(|alert| alert["detail"].clone());
        details.collect()
    }
}

/// What is told of a journey that takes so long.
async fn journey(from: &str, to: &str, millis: i64) -> Vec<Value> {
    let scene = Scene::open().await;
    scene.call_from(from).await;
    scene.verifier.clock.advance_millis(millis);
    scene.call_from(to).await;
    scene.told().await
}

#[tokio::test]
async fn a_journey_that_cannot_be_is_told_of_with_what_the_file_has() {
    let told = journey(BERLIN, NEW_YORK, 7 * 3_600_000).await;
    let [detail] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(
        (
            &detail["former_country"],
            &detail["country"],
            &detail["elapsed_s"]
        ),
        (&json!("DE"), &json!("US"), &json!(7 * 3600))
    );
    // By any map: 6,385 km.
    assert!((6380..6390).contains(&detail["distance_km"].as_u64().unwrap()));
    assert!(journey(BERLIN, NEW_YORK, 8 * 3_600_000).await.is_empty());
    // An IPv6 address, around the Earth.
    let told = journey(BERLIN, SYDNEY, 17 * 3_600_000).await;
    assert!((16_080..16_110).contains(&told[0]["distance_km"].as_u64().unwrap()));
    assert!(journey(BERLIN, SYDNEY, 18 * 3_600_000).await.is_empty());
}

#[tokio::test]
async fn nine_hundred_kilometres_an_hour_and_five_hundred_kilometres_are_the_bounds() {
    let limit_ms = 4_447_803;
    assert_eq!(journey(GULF, GABON, limit_ms - 10).await.len(), 1);
    assert!(journey(GULF, GABON, limit_ms + 10).await.is_empty());
    assert!(journey(GULF, NEAR, 1).await.is_empty(), "499 km");
    assert_eq!(journey(GULF, FAR, 1).await.len(), 1, "500.4 km");
}

#[tokio::test]
async fn what_is_near_or_not_known_is_no_journey() {
    for (from, to) in [
        (BERLIN, POTSDAM),
        (WEST, EAST),
        // Only the country is known, or the file has what is no place.
        (NEW_YORK, FRANCE),
        (FRANCE, SYDNEY),
        (BERLIN, NOWHERE),
        (NOWHERE, NEW_YORK),
        // Not in the file.
        (BERLIN, "8.8.8.8"),
        ("::1", BERLIN),
    ] {
        assert!(journey(from, to, 1).await.is_empty(), "{from} {to}");
    }
}

#[tokio::test]
async fn a_place_that_was_left_long_ago_is_forgotten_with_the_next_one() {
    let scene = Scene::open().await;
    for ip in [BERLIN, FRANCE, NOWHERE, NEW_YORK] {
        scene.call_from(ip).await;
        scene.verifier.clock.advance_millis(1000);
    }
    // Berlin to New York, whatever was between.
    let told = scene.told().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["former_country"], "DE");
}
