//! Callers in countries that are new, and in two places at once.

use std::net::IpAddr;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use waxseal_tests::{Shop, Staff, TestVerifier};
use waxseal_verifier::mode::Mode;

use super::alerts;

/// Berlin, Potsdam, Paris and New York; the last network is somewhere in France.
const NETWORKS: &str = "192.0.2.0/25,DE,52.52,13.405\n192.0.2.128/25,DE,52.39,13.06\n\
    198.51.100.0/24,FR,48.8566,2.3522\n203.0.113.0/24,US,40.7128,-74.006\n10.0.0.0/8,FR\n";
const BERLIN: [u8; 4] = [192, 0, 2, 1];
const POTSDAM: [u8; 4] = [192, 0, 2, 129];
const NEW_YORK: [u8; 4] = [203, 0, 113, 1];
const FRANCE: [u8; 4] = [10, 0, 0, 1];
const DAY_MS: i64 = 86_400_000;

struct Scene {
    verifier: TestVerifier,
    staff: Staff,
    shop: Shop,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("networks.csv");
        std::fs::write(&file, NETWORKS).unwrap();
        let verifier = TestVerifier::start_with(|config| {
            config.geo.networks_file = Some(file);
        });
        let verifier = verifier.await;
        Self {
            staff: Staff::hire(&verifier, "alerts:read").await,
            shop: verifier.shop(Mode::Test, "https://shop.example").await,
            _folder: folder,
            verifier,
        }
    }

    async fn call_from(&self, ip: [u8; 4]) {
        let request = Request::get("/v1/cards").header("authorization", self.shop.authorization());
        let request = request.body(Body::empty()).unwrap();
        let answer = self.verifier.private_from(IpAddr::from(ip), request).await;
        assert_eq!(answer.status, 200);
        self.verifier.look().await;
    }

    async fn told(&self, kind: &str) -> Vec<(Value, Value)> {
        let raised = alerts(&self.verifier, &self.staff, kind).await;
        let told = raised.iter().map(|alert| {
            let kind = alert["subject"]["kind"].clone();
            (kind, alert["detail"].clone())
        });
        // Those of one moment are in no order.
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|(kind, _)| kind.to_string());
        told
    }
}

#[tokio::test]
async fn a_country_is_new_once_one_has_learned_where_the_caller_is() {
    let scene = Scene::open().await;
    scene.call_from(BERLIN).await;
    scene.verifier.clock.advance_millis(14 * DAY_MS - 1);
    scene.call_from(FRANCE).await;
    assert_eq!(
        scene.told("new_country").await,
        [],
        "one learns for 14 days"
    );
    scene.verifier.clock.advance_millis(1);
    for _ in 0..2 {
        scene.call_from(NEW_YORK).await;
        scene.call_from(FRANCE).await;
    }
    let us = json!({ "country": "US" });
    let expected = [(json!("client"), us.clone()), (json!("merchant"), us)];
    assert_eq!(scene.told("new_country").await, expected);
    // What another verifier on the database sees is not new to it.
    let beside = scene.verifier.beside().await;
    beside.look().await;
    assert_eq!(scene.told("new_country").await.len(), 2);
}

#[tokio::test]
async fn nobody_is_in_berlin_and_in_new_york_within_the_hour() {
    let scene = Scene::open().await;
    scene.call_from(BERLIN).await;
    scene.call_from(POTSDAM).await;
    // Some 6,400 km: 7.1 hours at 900 km/h.
    scene.verifier.clock.advance_millis(8 * 3_600_000);
    scene.call_from(NEW_YORK).await;
    assert_eq!(scene.told("impossible_travel").await, []);
    scene.verifier.clock.advance_millis(7 * 3_600_000);
    scene.call_from(BERLIN).await;
    let told = scene.told("impossible_travel").await;
    assert_eq!(told.len(), 1);
    let (subject, detail) = &told[0];
    assert_eq!(
        (subject, &detail["country"]),
        (&json!("client"), &json!("DE"))
    );
    assert_eq!(detail["former_country"], "US");
    assert_eq!(detail["elapsed_s"], 7 * 3600);
    assert!((6350..6420).contains(&detail["distance_km"].as_u64().unwrap()));
    // A place that is not known exactly is none.
    scene.call_from(FRANCE).await;
    scene.call_from(NEW_YORK).await;
    assert_eq!(
        scene.told("impossible_travel").await.len(),
        1,
        "the same one counts on"
    );
}

#[tokio::test]
async fn no_address_stands_in_the_database() {
    let scene = Scene::open().await;
    scene.call_from(BERLIN).await;
    scene.verifier.clock.advance_millis(14 * DAY_MS);
    scene.call_from(NEW_YORK).await;
    assert_eq!(scene.told("new_country").await.len(), 2);
    for table in ["alert", "alert_delivery", "seen_country", "seen_place"] {
        let column = match table {
            "alert" => "subject || detail || aspect",
            "alert_delivery" => "payload",
            _ => "subject || country",
        };
        for text in scene
            .verifier
            .database
            .texts(&format!("SELECT {column} FROM {table}"))
        {
            assert!(
                !text.contains("192.0.2") && !text.contains("203.0.113"),
                "{text}"
            );
        }
    }
}
