//! Customers: named by the merchant's own reference, linked to the cards that they used, never in plain text.

use std::path::PathBuf;

use serde_json::{Value, json};
use waxseal_tests::{AMEX, Answer, Checkout, MASTERCARD, Shop, TestVerifier, VISA};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";
/// A reference that is found in any file that holds it.
pub(crate) const REFERENCE: &str = "customer-Pl4nt3d-reference";

pub(crate) struct Scene {
    pub(crate) verifier: TestVerifier,
    pub(crate) shop: Shop,
}

pub(crate) async fn scene() -> Scene {
    Scene::of(TestVerifier::start().await).await
}

impl Scene {
    pub(crate) async fn of(verifier: TestVerifier) -> Self {
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        Self { verifier, shop }
    }

    /// A session of that customer.
    pub(crate) async fn open(&self, customer: Option<&str>) -> Checkout {
        let mut request = self.shop.session_request();
        if let Some(customer) = customer {
            request["customer"] = json!(customer);
        }
        Checkout::open_with(&self.verifier, &self.shop, request).await
    }

    /// Buys as that customer; gives the session as the merchant reads it.
    pub(crate) async fn buy(&self, customer: Option<&str>, number: &str) -> Value {
        let mut checkout = self.open(customer).await;
        assert_eq!(checkout.pay(&self.verifier, number).await.status, 200);
        self.read(&format!("/v1/sessions/{}", checkout.session_id))
            .await
            .json()
    }

    pub(crate) async fn read(&self, path: &str) -> Answer {
        self.verifier.call(&self.shop, "GET", path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.verifier.call(&self.shop, "DELETE", path, None).await
    }

    /// Ids of the cards of a page.
    async fn cards(&self, query: &str) -> (Vec<Value>, Value) {
        let answer = self.read(&format!("/v1/cards?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        let ids = page["data"].as_array().unwrap().iter();
        let ids = ids.map(|card| card["id"].clone()).collect();
        (ids, page["next_cursor"].clone())
    }
}

#[tokio::test]
async fn a_customer_has_the_cards_that_were_accepted_from_them() {
    let scene = scene().await;
    let visa = scene.buy(Some("c-1"), VISA).await;
    assert_eq!(visa["customer"], "c-1");
    scene.buy(Some("c-1"), VISA).await;
    let mastercard = scene.buy(Some("c-1"), MASTERCARD).await;
    let shared = scene.buy(Some("c-2"), VISA).await;
    let guest = scene.buy(None, AMEX).await;
    assert_eq!(guest["customer"], Value::Null);
    let (visa, mastercard) = (&visa["card"]["id"], &mastercard["card"]["id"]);
    assert_eq!(*visa, shared["card"]["id"]);

    let (both, next) = scene.cards("customer=c-1").await;
    assert_eq!(
        (both, next),
        (vec![visa.clone(), mastercard.clone()], json!(null))
    );
    let (first, next) = scene.cards("customer=c-1&limit=1").await;
    assert_eq!((first, &next), (vec![visa.clone()], visa));
    let after = format!("customer=c-1&limit=1&after={}", next.as_str().unwrap());
    assert_eq!(
        scene.cards(&after).await,
        (vec![mastercard.clone()], json!(null))
    );
    assert_eq!(
        scene.cards("customer=c-2").await.0,
        std::slice::from_ref(visa)
    );

    let customer = scene.read("/v1/customers/c-1").await.json();
    let expected = json!({
        "customer": "c-1", "created_at": "2026-11-18T11:06:40Z", "cards": 2,
    });
    assert_eq!(customer, expected);
}

#[tokio::test]
async fn a_card_that_was_rejected_is_nobodys() {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let scene = Scene::of(verifier.await).await;
    assert_eq!(scene.buy(Some("c-1"), VISA).await["status"], "declined");
    assert_eq!(scene.read("/v1/customers/c-1").await.json()["cards"], 0);
}

#[tokio::test]
async fn a_customer_is_one_merchants_and_a_reference_has_one_form() {
    let scene = scene().await;
    scene.buy(Some("c-1"), VISA).await;
    let other = scene.verifier.shop(Mode::Test, ORIGIN).await;
    let other = Scene {
        verifier: scene.verifier,
        shop: other,
    };
    for path in [
        "/v1/customers/c-1",
        "/v1/customers/c-1/export",
        "/v1/cards?customer=c-1",
    ] {
        assert_eq!(other.read(path).await.problem(), "not_found", "{path}");
    }
    assert_eq!(
        other.delete("/v1/customers/c-1").await.problem(),
        "not_found"
    );

    let long = "c".repeat(65);
    for bad in ["", " ", "a b", "\u{e9}", &long] {
        let mut request = other.shop.session_request();
        request["customer"] = json!(bad);
        let answer = other
            .verifier
            .call(&other.shop, "POST", "/v1/sessions", Some(request));
        assert_eq!(answer.await.problem(), "request_invalid", "{bad:?}");
    }
    for bad in ["a%20b", "%C3%A9", &long] {
        for path in [
            format!("/v1/customers/{bad}"),
            format!("/v1/customers/{bad}/export"),
            format!("/v1/cards?customer={bad}"),
        ] {
            assert_eq!(
                other.read(&path).await.problem(),
                "request_invalid",
                "{path}"
            );
        }
        let path = format!("/v1/customers/{bad}");
        assert_eq!(other.delete(&path).await.problem(), "request_invalid");
    }
    other.open(Some("c-1")).await;
    let digests = "SELECT count(DISTINCT reference_digest) FROM customer";
    assert_eq!(other.verifier.database.number(digests), 2);
    // The longest and oddest that there may be.
    let odd = format!("a/b?c#{}", "~".repeat(58));
    assert_eq!(other.buy(Some(&odd), VISA).await["customer"], json!(odd));
    let path = format!("/v1/customers/a%2Fb%3Fc%23{}", "~".repeat(58));
    assert_eq!(other.read(&path).await.json()["customer"], json!(odd));
}

#[tokio::test]
async fn the_customer_is_part_of_what_a_request_means() {
    let scene = scene().await;
    let create = async |customer: Option<&str>| {
        let mut request = scene.shop.session_request();
        if let Some(customer) = customer {
            request["customer"] = json!(customer);
        }
        let request = axum::http::Request::post("/v1/sessions")
            .header("authorization", scene.shop.authorization())
            .header("content-type", "application/json")
            .header("idempotency-key", "once")
            .body(axum::body::Body::from(request.to_string()));
        scene.verifier.private(request.unwrap()).await
    };
    let first = create(Some("c-1")).await.json();
    let again = create(Some("c-1")).await.json();
    assert_eq!(
        (&first["id"], &first["customer"]),
        (&again["id"], &json!("c-1"))
    );
    for other in [Some("c-2"), None] {
        assert_eq!(create(other).await.problem(), "idempotency_conflict");
    }
    let revised = scene
        .verifier
        .call(
            &scene.shop,
            "PATCH",
            &format!("/v1/sessions/{}", first["id"].as_str().unwrap()),
            Some(json!({ "rev": 1, "amount": 2000 })),
        )
        .await;
    assert_eq!(revised.json()["customer"], "c-1");
    // Erased in between, the reference is in no answer.
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
    let after = create(Some("c-1")).await.json();
    assert_eq!(
        (&after["id"], &after["customer"]),
        (&first["id"], &json!(null))
    );
}

#[tokio::test]
async fn sessions_that_name_a_customer_at_once_name_one() {
    let scene = scene().await;
    let (scene, mut created) = (&scene, Vec::new());
    for _ in 0..20 {
        created.push(async move { scene.buy(Some("c-1"), VISA).await });
    }
    let created = futures_util::future::join_all(created).await;
    assert!(created.iter().all(|session| session["customer"] == "c-1"));
    let database = &scene.verifier.database;
    assert_eq!(database.number("SELECT count(*) FROM customer"), 1);
    assert_eq!(database.number("SELECT count(*) FROM customer_card"), 1);
    let linked = "SELECT count(*) FROM submission WHERE customer_id IS NOT NULL";
    assert_eq!(database.number(linked), 20);
}

#[tokio::test]
async fn a_reference_is_in_no_file_and_opens_in_its_own_row_alone() {
    let scene = scene().await;
    scene.buy(Some(REFERENCE), VISA).await;
    scene.buy(Some("other"), VISA).await;
    let digest = "SELECT reference_digest FROM customer LIMIT 1";
    let digest = scene.verifier.database.bytes(digest);
    let mut folders = vec![scene.verifier.folder.path().to_owned()];
    if let Ok(data) = std::env::var("WAXSEAL_POSTGRES_DATA") {
        scene.verifier.database.run(&["CHECKPOINT"]);
        folders.push(data.into());
    }
    let files: Vec<Vec<u8>> = folders.into_iter().flat_map(contents).collect();
    let holds = |wanted: &[u8]| {
        let in_file = |bytes: &Vec<u8>| {
            let mut windows = bytes.windows(wanted.len());
            windows.any(|window| window == wanted)
        };
        files.iter().any(in_file)
    };
    assert!(holds(&digest), "the rows lie in these files");
    assert!(!holds(REFERENCE.as_bytes()));
    let texts = scene
        .verifier
        .database
        .texts("SELECT count(*) FROM session WHERE id_text('cus', customer_id) LIKE 'cus_test_%'");
    assert_eq!(texts, ["2"]);
    let path = format!("/v1/customers/{REFERENCE}");
    assert_eq!(scene.read(&path).await.status, 200);
    let swapped = scene.verifier.database.run(&[
        "CREATE TEMP TABLE was AS SELECT * FROM customer",
        "UPDATE customer SET reference_enc = (SELECT reference_enc FROM was WHERE was.id <> customer.id)",
    ]);
    assert_eq!(swapped, 2);
    assert_eq!(scene.read(&path).await.problem(), "internal");
    // Nor beside another digest.
    let session = scene.buy(Some("moved"), VISA).await;
    let id = session["id"].as_str().unwrap();
    let moved = format!(
        "UPDATE customer SET reference_digest = zeroblob(32)
             WHERE id = (SELECT customer_id FROM session WHERE id = id_bytes('{id}'))"
    );
    assert_eq!(scene.verifier.database.run(&[&moved]), 1);
    let path = format!("/v1/sessions/{id}");
    assert_eq!(scene.read(&path).await.problem(), "internal");
}

#[tokio::test]
async fn an_export_holds_everything_but_the_number_and_the_code() {
    let scene = scene().await;
    let session = scene.buy(Some("c-1"), VISA).await;
    scene.buy(Some("c-2"), MASTERCARD).await;
    let answer = scene.read("/v1/customers/c-1/export").await;
    for secret in [VISA, "\"cvc\"", "pan"] {
        assert!(!answer.text.contains(secret), "{secret}");
    }
    let export = answer.json();
    assert_eq!(export["customer"], "c-1");
    assert_eq!(export["created_at"], "2026-11-18T11:06:40Z");
    let [card] = export["cards"].as_array().unwrap().as_slice() else {
        panic!("{export}");
    };
    for member in ["id", "token", "brand", "last4", "exp_month", "exp_year"] {
        assert_eq!(card[member], session["card"][member], "{member}");
    }
    let [exported] = export["sessions"].as_array().unwrap().as_slice() else {
        panic!("{export}");
    };
    for member in ["id", "amount", "currency", "order_id", "status", "customer"] {
        assert_eq!(exported[member], session[member], "{member}");
    }
    let [submission] = export["submissions"].as_array().unwrap().as_slice() else {
        panic!("{export}");
    };
    assert_eq!(submission["name"], "Jane Roe");
    assert_eq!(submission["postal_code"], "10115");
    assert_eq!(
        (&submission["exp_month"], &submission["exp_year"]),
        (&json!(12), &json!(2030))
    );
    assert_eq!(submission["ip"], "127.0.0.1");
    assert_eq!(submission["browser"]["user_agent"], "Mozilla/5.0");
    assert!(submission["signals"].is_object(), "{submission}");
    assert_eq!(submission["decision"], session["decision"]);
    assert_eq!(submission["card_id"], card["id"]);
    assert_eq!(export["damaged"], json!([]));
    let audited =
        "SELECT count(*) FROM audit WHERE action = 'customer.exported' AND client_id IS NOT NULL";
    assert_eq!(scene.verifier.database.number(audited), 1);

    let damage = "UPDATE submission SET details_enc = zeroblob(60) WHERE customer_id IS NOT NULL";
    scene.verifier.database.run(&[damage]);
    let export = scene.read("/v1/customers/c-1/export").await.json();
    assert_eq!(export["damaged"], json!([submission["id"]]));
    assert_eq!(export["cards"].as_array().unwrap().len(), 1);
}

/// Every file below a folder. One that a server has just removed is none.
fn contents(folder: PathBuf) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(contents(path));
        } else {
            all.extend(std::fs::read(path));
        }
    }
    all
}
