//! Lists that rules ask, what became of decisions, and reviews by people.

use serde_json::{Value, json};
use waxseal_tests::{Answer, Checkout, Shop, Staff, TestVerifier, VISA};
use waxseal_verifier::{mode::Mode, upkeep, vault};

const ORIGIN: &str = "https://shop.example";
const ROLE: &str = "lists:read lists:write reviews:read reviews:write";
const ENTRIES: &str = "/v1/lists/blocked_ips/entries";
/// A month after tests begin.
const LATER: &str = "2026-12-18T11:06:40Z";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    staff: Staff,
}

async fn scene() -> Scene {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let staff = Staff::hire(&verifier, ROLE).await;
    Scene {
        verifier,
        shop,
        staff,
    }
}

fn entry(value: &str) -> Value {
    json!({ "value": value, "reason": "card_testing", "expires_at": LATER })
}

impl Scene {
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.staff
            .call(&self.verifier, "POST", path, Some(body))
            .await
    }

    async fn read(&self, path: &str) -> Value {
        let answer = self.staff.call(&self.verifier, "GET", path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn say(&self, body: Value) -> Answer {
        self.verifier
            .call(&self.shop, "POST", "/v1/outcomes", Some(body))
            .await
    }

    /// Status of a session over that many US dollars, and its decision.
    async fn pay(&self, verifier: &TestVerifier, shop: &Shop, dollars: u64) -> Value {
        let mut request = shop.session_request();
        request["amount"] = json!(dollars * 100);
        request["customer"] = json!("c-1");
        let mut checkout = Checkout::open_with(verifier, shop, request).await;
        assert_eq!(checkout.pay(verifier, VISA).await.status, 200);
        let path = format!("/v1/sessions/{}", checkout.session_id);
        verifier.call(shop, "GET", &path, None).await.json()
    }

    async fn reviewed(&self) -> (Value, String) {
        let session = self.pay(&self.verifier, &self.shop, 6000).await;
        assert_eq!(session["decision"]["outcome"], "review");
        let queue = self.read("/v1/reviews").await;
        let last = queue["data"].as_array().unwrap().last().unwrap();
        assert_eq!(last["session"], session["id"]);
        (session, last["id"].as_str().unwrap().to_owned())
    }

    fn audited(&self, action: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM audit WHERE action = '{action}'");
        self.verifier.database.number(&sql)
    }
}

#[tokio::test]
async fn an_entry_blocks_until_it_ends_and_on_every_verifier() {
    let scene = scene().await;
    let (verifier, shop) = (&scene.verifier, &scene.shop);
    let beside = verifier.beside().await;
    assert_eq!(
        scene.pay(verifier, shop, 1).await["decision"]["outcome"],
        "allow"
    );
    let made = scene.post(ENTRIES, entry("127.0.0.9/8")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["value"], &made["merchant"]),
        (&json!("127.0.0.0/8"), &Value::Null)
    );
    assert_eq!(made["created_by"], scene.staff.id);
    let blocked = scene.pay(verifier, shop, 1).await;
    assert_eq!(blocked["decision"]["outcome"], "reject");
    assert_eq!(blocked["decision"]["facts"]["ip_blocked_by"], "127.0.0.0/8");
    // Another verifier has not looked yet.
    assert_eq!(
        scene.pay(&beside, shop, 1).await["decision"]["outcome"],
        "allow"
    );
    beside
        .app
        .lists
        .refresh(&beside.app.store, beside.app.keyring())
        .await
        .unwrap();
    assert_eq!(
        scene.pay(&beside, shop, 1).await["decision"]["outcome"],
        "reject"
    );
    // The same value again is the same entry.
    let again = scene.post(ENTRIES, entry("127.0.0.0/8")).await.json();
    assert_eq!(again, made);
    assert_eq!(scene.read(ENTRIES).await["data"], json!([made]));
    assert_eq!(scene.read("/v1/lists/blocked_ips").await["entries"], 1);
    let taken_off = format!("{ENTRIES}/{}", made["id"].as_str().unwrap());
    let removed = scene.staff.call(verifier, "DELETE", &taken_off, None).await;
    assert_eq!(removed.status, 204);
    assert_eq!(
        scene.pay(verifier, shop, 1).await["decision"]["outcome"],
        "allow"
    );
    let removed = scene.staff.call(verifier, "DELETE", &taken_off, None).await;
    assert_eq!(removed.problem(), "not_found");
    assert_eq!(
        (
            scene.audited("list.entry_put"),
            scene.audited("list.entry_removed")
        ),
        (2, 1)
    );
    let mut short = entry("127.0.0.0/8");
    short["expires_at"] = json!("2026-11-18T11:07:40Z");
    scene.post(ENTRIES, short).await;
    assert_eq!(
        scene.pay(verifier, shop, 1).await["decision"]["outcome"],
        "reject"
    );
    verifier.clock.advance_millis(60_000);
    assert_eq!(
        scene.pay(verifier, shop, 1).await["decision"]["outcome"],
        "allow"
    );
    // And then it goes.
    verifier.clock.advance_millis(8 * 24 * 3_600_000);
    upkeep::sweep(&verifier.app, std::time::Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM risk_list_entry"),
        0
    );
}

#[tokio::test]
async fn an_entry_of_one_merchant_is_nothing_to_another() {
    let scene = scene().await;
    let other = scene.verifier.shop(Mode::Test, ORIGIN).await;
    let mut own = entry("127.0.0.1");
    own["merchant"] = json!(scene.shop.merchant_id);
    assert_eq!(scene.post(ENTRIES, own.clone()).await.status, 201);
    let blocked = scene.pay(&scene.verifier, &scene.shop, 1).await;
    assert_eq!(blocked["decision"]["outcome"], "reject");
    let let_by = scene.pay(&scene.verifier, &other, 1).await;
    assert_eq!(let_by["decision"]["outcome"], "allow");
    own["merchant"] = json!("mch_test_1");
    assert_eq!(scene.post(ENTRIES, own).await.problem(), "merchant_unknown");
}

#[tokio::test]
async fn what_the_configuration_blocks_stands_on_the_list() {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let verifier = verifier.await;
    let staff = Staff::hire(&verifier, ROLE).await;
    let list = staff
        .call(&verifier, "GET", "/v1/lists/blocked_ips", None)
        .await
        .json();
    let wanted = json!({ "name": "blocked_ips", "kind": "address", "entries": 0, "configured": ["127.0.0.0/8"] });
    assert_eq!(list, wanted);
}

#[tokio::test]
async fn what_is_no_entry_is_refused_and_changes_nothing() {
    let scene = scene().await;
    let refused = [
        (json!({ "value": "everywhere" }), "value"),
        (json!({ "value": "0.0.0.0/0" }), "value"),
        (json!({ "reason": "Two words" }), "reason"),
        (json!({ "reason": "a4242424242424242" }), "reason"),
        (
            json!({ "expires_at": "2026-11-18T11:06:40Z" }),
            "expires_at",
        ),
        (
            json!({ "expires_at": "2999-11-18T11:06:40Z" }),
            "expires_at",
        ),
        (json!({ "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "expires_at": null }), "expires_at"),
    ];
    for (change, member) in refused {
        let mut body = entry("192.0.2.1");
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let answer = scene.post(ENTRIES, body).await;
        assert_eq!(answer.problem(), "request_invalid", "{change}");
        assert_eq!(answer.json()["member"], member, "{change}");
    }
    let nowhere = scene
        .post("/v1/lists/none/entries", entry("192.0.2.1"))
        .await;
    assert_eq!(nowhere.problem(), "not_found");
    assert_eq!(
        scene
            .verifier
            .database
            .number("SELECT count(*) FROM risk_list_entry"),
        0
    );
    let list = json!({ "name": "resellers", "kind": "customer" });
    assert_eq!(scene.post("/v1/lists", list.clone()).await.status, 201);
    assert_eq!(scene.post("/v1/lists", list).await.status, 201);
    let other = json!({ "name": "resellers", "kind": "card" });
    assert_eq!(
        scene.post("/v1/lists", other).await.problem(),
        "list_kind_conflict"
    );
    let other = json!({ "name": "No", "kind": "card" });
    assert_eq!(
        scene.post("/v1/lists", other).await.problem(),
        "request_invalid"
    );
    assert_eq!(scene.audited("list.created"), 1);
}

#[tokio::test]
async fn values_are_encrypted_bound_to_their_list_and_follow_the_keys() {
    let scene = scene().await;
    let verifier = &scene.verifier;
    scene.post(ENTRIES, entry("127.0.0.0/8")).await;
    let stored = verifier
        .database
        .bytes("SELECT value_enc FROM risk_list_entry");
    assert!(!stored.windows(4).any(|part| part == b"127."));
    let keys = Staff::hire(verifier, "keys:write").await;
    let rotate = json!({ "purpose": "dek", "mode": "live" });
    let rotated = keys.call(verifier, "POST", "/v1/keys", Some(rotate)).await;
    assert_eq!(rotated.status, 201);
    upkeep::follow_keys(&verifier.app, std::time::Duration::ZERO)
        .await
        .unwrap();
    assert_ne!(
        verifier
            .database
            .bytes("SELECT value_enc FROM risk_list_entry"),
        stored
    );
    assert_eq!(scene.read(ENTRIES).await["data"][0]["value"], "127.0.0.0/8");
    let keyring = verifier.app.keyring();
    let inspect = async || {
        let keyring = std::sync::Arc::clone(&keyring);
        let inspected = verifier
            .app
            .store
            .read(move |connection| vault::inspect(connection, &keyring));
        let found = inspected.await.unwrap();
        (found.list_entries, found.damaged)
    };
    assert_eq!(inspect().await, (1, 0));
    // An entry that was moved to another list, or between merchants, is none.
    verifier
        .database
        .run(&["UPDATE risk_list_entry SET list = 'blocked_emails'"]);
    assert_eq!(inspect().await, (0, 1));
}

#[tokio::test]
async fn the_latest_outcome_holds_and_the_former_ones_stay() {
    let scene = scene().await;
    let session = scene.pay(&scene.verifier, &scene.shop, 1).await;
    let said = |kind: &str| json!({ "session": session["id"], "kind": kind });
    let first = scene.say(said("fraud")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let first = first.json();
    assert_eq!(first["happened_at"], "2026-11-18T11:06:40Z");
    scene.verifier.clock.advance_millis(1000);
    // Said again.
    assert_eq!(scene.say(said("fraud")).await.json(), first);
    let second = scene.say(said("legitimate")).await.json();
    scene.verifier.clock.advance_millis(1000);
    let third = scene.say(said("fraud")).await.json();
    assert_ne!(third["id"], first["id"]);
    let path = format!("/v1/outcomes?session={}", session["id"].as_str().unwrap());
    let history = scene
        .verifier
        .call(&scene.shop, "GET", &path, None)
        .await
        .json();
    assert_eq!(history["data"], json!([third, second, first]));
    assert_eq!(scene.audited("outcome.recorded"), 3);
    let card = json!({ "card": session["card"]["id"], "kind": "chargeback", "happened_at": "2026-11-01T00:00:00Z" });
    assert_eq!(scene.say(card).await.status, 201);
    let path = format!("/v1/cards/{}", session["card"]["id"].as_str().unwrap());
    scene
        .verifier
        .call(&scene.shop, "DELETE", &path, None)
        .await;
    // A card's outcomes go with it.
    assert_eq!(
        scene
            .verifier
            .database
            .number("SELECT count(*) FROM risk_outcome"),
        3
    );
}

#[tokio::test]
async fn an_outcome_of_what_is_not_ones_own_is_none() {
    let scene = scene().await;
    let session = scene.pay(&scene.verifier, &scene.shop, 1).await;
    let other = scene.verifier.shop(Mode::Test, ORIGIN).await;
    for of in [
        json!({ "session": session["id"] }),
        json!({ "card": session["card"]["id"] }),
    ] {
        let mut body = of;
        body["kind"] = json!("fraud");
        let answer = scene
            .verifier
            .call(&other, "POST", "/v1/outcomes", Some(body))
            .await;
        assert_eq!(answer.problem(), "not_found");
    }
    let id = &session["id"];
    for (body, member) in [
        (json!({ "kind": "fraud" }), "session"),
        (
            json!({ "kind": "fraud", "session": id, "card": "card_test_1" }),
            "card",
        ),
        (json!({ "kind": "fine", "session": id }), "kind"),
        (
            json!({ "kind": "fraud", "session": id, "reason": "It was." }),
            "reason",
        ),
        (
            json!({ "kind": "fraud", "session": id, "happened_at": "2027-01-01T00:00:00Z" }),
            "happened_at",
        ),
    ] {
        let answer = scene.say(body).await;
        assert_eq!(answer.problem(), "request_invalid");
        assert_eq!(answer.json()["member"], member);
    }
    assert_eq!(
        scene
            .verifier
            .database
            .number("SELECT count(*) FROM risk_outcome"),
        0
    );
}

#[tokio::test]
async fn a_review_is_claimed_decided_and_makes_an_outcome_and_entries() {
    let scene = scene().await;
    let (session, id) = scene.reviewed().await;
    let path = format!("/v1/reviews/{id}");
    let read = scene.read(&path).await;
    assert_eq!(
        (&read["state"], &read["decision"]["outcome"]),
        (&json!("open"), &json!("review"))
    );
    let claimed = scene.post(&format!("{path}/claim"), json!({})).await.json();
    assert_eq!(
        (&claimed["state"], &claimed["claimed_by"]),
        (&json!("claimed"), &json!(scene.staff.id))
    );
    let other = Staff::hire(&scene.verifier, ROLE).await;
    let verdict = json!({
        "verdict": "fraud", "reason": "stolen_card",
        "block": [
            { "what": "address", "expires_at": LATER }, { "what": "card", "expires_at": LATER },
            { "what": "customer", "expires_at": LATER },
        ],
    });
    let decide = format!("{path}/decide");
    for path in [format!("{path}/claim"), decide.clone()] {
        let body = Some(verdict.clone());
        let refused = other.call(&scene.verifier, "POST", &path, body).await;
        assert_eq!(refused.problem(), "review_claimed");
    }
    let decided = scene.post(&decide, verdict.clone()).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    let decided = decided.json();
    assert_eq!(
        (&decided["state"], &decided["verdict"]),
        (&json!("decided"), &json!("fraud"))
    );
    assert_eq!(
        scene.post(&decide, verdict).await.problem(),
        "review_decided"
    );
    assert_eq!(scene.read("/v1/reviews").await["data"], json!([]));
    assert_eq!(
        scene.read("/v1/reviews?decided=true").await["data"],
        json!([decided])
    );
    let outcomes = format!("/v1/outcomes?session={}", session["id"].as_str().unwrap());
    let outcomes = scene
        .verifier
        .call(&scene.shop, "GET", &outcomes, None)
        .await
        .json();
    assert_eq!(outcomes["data"][0]["kind"], "fraud");
    assert_eq!(outcomes["data"][0]["by_review"], true);
    let blocked = scene.read("/v1/lists/blocked_cards/entries").await;
    assert_eq!(blocked["data"][0]["value"], session["card"]["id"]);
    assert_eq!(
        blocked["data"][0]["merchant"],
        json!(scene.shop.merchant_id)
    );
    // At once.
    let next = scene.pay(&scene.verifier, &scene.shop, 1).await;
    assert_eq!(next["decision"]["facts"]["ip_blocked_by"], "127.0.0.1/32");
    for action in ["review.claimed", "review.decided", "outcome.recorded"] {
        assert_eq!(scene.audited(action), 1, "{action}");
    }
    assert_eq!(scene.audited("list.entry_put"), 3);
}

#[tokio::test]
async fn a_claim_ends_and_what_is_refused_leaves_nothing() {
    let scene = scene().await;
    let (_, id) = scene.reviewed().await;
    let path = format!("/v1/reviews/{id}");
    assert_eq!(
        scene.post(&format!("{path}/claim"), json!({})).await.status,
        200
    );
    let other = Staff::hire(&scene.verifier, ROLE).await;
    scene.verifier.clock.advance_millis(15 * 60_000);
    assert_eq!(scene.read(&path).await["state"], "open");
    let claim = format!("{path}/claim");
    assert_eq!(
        other
            .call(&scene.verifier, "POST", &claim, None)
            .await
            .status,
        200
    );
    scene.verifier.clock.advance_millis(15 * 60_000);
    let before = scene.verifier.row_counts();
    for (block, reason) in [
        (
            json!([{ "what": "card", "expires_at": LATER, "list": "blocked_ips" }]),
            "a",
        ),
        (
            json!([{ "what": "card", "expires_at": LATER, "list": "none" }]),
            "a",
        ),
        (
            json!([{ "what": "card", "expires_at": "2020-01-01T00:00:00Z" }]),
            "a",
        ),
        (json!([]), "Two words"),
    ] {
        let verdict = json!({ "verdict": "fraud", "reason": reason, "block": block });
        let refused = scene.post(&format!("{path}/decide"), verdict).await;
        assert_eq!(refused.problem(), "request_invalid", "{block}");
    }
    assert_eq!(scene.verifier.row_counts(), before);
    let nobody = scene.post("/v1/reviews/sub_test_1/claim", json!({})).await;
    assert_eq!(nobody.problem(), "not_found");
    assert_eq!(scene.read(&path).await["state"], "open");
}

#[tokio::test]
async fn an_order_s_outcome_is_its_latest_session_s_that_took_a_card() {
    let scene = scene().await;
    let first = scene.pay(&scene.verifier, &scene.shop, 1).await;
    scene.verifier.clock.advance_millis(1000);
    let second = scene.pay(&scene.verifier, &scene.shop, 1).await;
    assert_eq!(first["order_id"], second["order_id"]);
    scene.verifier.clock.advance_millis(1000);
    // One that was left alone.
    Checkout::open(&scene.verifier, &scene.shop).await;
    let said = scene
        .say(json!({ "order_id": first["order_id"], "kind": "fraud" }))
        .await;
    assert_eq!(said.status, 201, "{}", said.text);
    assert_eq!(said.json()["session"], second["id"]);
    let path = format!(
        "/v1/outcomes?order_id={}",
        first["order_id"].as_str().unwrap()
    );
    let history = scene
        .verifier
        .call(&scene.shop, "GET", &path, None)
        .await
        .json();
    assert_eq!(history["data"], json!([said.json()]));
    for (body, problem) in [
        (json!({ "order_id": "none", "kind": "fraud" }), "not_found"),
        (
            json!({ "order_id": "a\u{0}", "kind": "fraud" }),
            "not_found",
        ),
        (
            json!({ "order_id": "a", "session": "cs_test_1", "kind": "fraud" }),
            "request_invalid",
        ),
        (
            json!({ "card": "card_test_1", "session": "cs_test_1", "kind": "fraud" }),
            "request_invalid",
        ),
    ] {
        assert_eq!(scene.say(body).await.problem(), problem);
    }
    // Another merchant has orders of the same name.
    let other = scene.verifier.shop(Mode::Test, ORIGIN).await;
    let body = json!({ "order_id": first["order_id"], "kind": "fraud" });
    let said = scene
        .verifier
        .call(&other, "POST", "/v1/outcomes", Some(body))
        .await;
    assert_eq!(said.problem(), "not_found");
}

#[tokio::test]
async fn a_list_goes_with_its_entries_unless_rules_ask_it() {
    let scene = scene().await;
    let rules = Staff::hire(&scene.verifier, "rules:write").await;
    let list = json!({ "name": "resellers", "kind": "text" });
    assert_eq!(scene.post("/v1/lists", list).await.status, 201);
    let put = scene.post("/v1/lists/resellers/entries", entry("a")).await;
    assert_eq!(put.status, 201, "{}", put.text);
    let text = "rule \"a\" when session.currency else \"\" in @resellers then flag reason a";
    let made = rules
        .call(
            &scene.verifier,
            "POST",
            "/v1/rules",
            Some(json!({ "text": text })),
        )
        .await;
    let path = format!("/v1/rules/{}/shadow", made.json()["id"].as_str().unwrap());
    assert_eq!(
        rules
            .call(&scene.verifier, "POST", &path, None)
            .await
            .status,
        200
    );
    let delete = async |name: &str| {
        let path = format!("/v1/lists/{name}");
        scene
            .staff
            .call(&scene.verifier, "DELETE", &path, None)
            .await
    };
    assert_eq!(delete("resellers").await.problem(), "list_in_use");
    assert_eq!(delete("blocked_emails").await.problem(), "list_in_use");
    assert_eq!(delete("none").await.problem(), "not_found");
    assert_eq!(
        rules
            .call(&scene.verifier, "DELETE", &path, None)
            .await
            .status,
        204
    );
    assert_eq!(delete("resellers").await.status, 204);
    let left = scene
        .verifier
        .database
        .number("SELECT count(*) FROM risk_list_entry");
    assert_eq!(left, 0);
    assert_eq!(scene.audited("list.deleted"), 1);
    // Rules that ask it do not come back.
    let refused = rules.call(&scene.verifier, "POST", &path, None).await;
    assert_eq!(refused.json()["errors"][0]["code"], "list_unknown");
}

#[tokio::test]
async fn models_are_listed_with_the_carried_one_first() {
    let scene = scene().await;
    let staff = Staff::hire(&scene.verifier, "rules:read").await;
    let read = staff.call(&scene.verifier, "GET", "/v1/models", None).await;
    let models = read.json()["data"].as_array().unwrap().clone();
    assert_eq!(models.len(), 1);
    assert_eq!(
        (&models[0]["state"], &models[0]["simulated"]),
        (&json!("champion"), &json!(true))
    );
    assert_eq!(
        (&models[0]["created_at"], &models[0]["maker"]),
        (&Value::Null, &json!("trained"))
    );
}
