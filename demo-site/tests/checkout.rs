//! The shop's backend against a whole verifier: orders, sessions and carts that change under way.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;
use waxseal_demo::{
    app::{App, Site},
    catalog::Product,
    checkout::prepare,
    order::Shopper,
    router::build_router,
    shopper::Registry,
    verifier::{Credentials, VerifierClient},
};
use waxseal_tests::{Answer, Checkout, MASTERCARD, TestVerifier, Tweak, VISA};
use waxseal_verifier::{
    clock::Clock,
    identity::{Scopes, make_client},
    mode::Mode,
    rng::Rng,
    router,
    store::{
        clients,
        merchants::{self, Merchant},
    },
};

const SHOP: &str = "http://localhost:8080";

/// The shop, its verifier and one browser.
struct Fixture {
    verifier: TestVerifier,
    app: Arc<App>,
    shop: Router,
    cookie: Option<String>,
}

impl Fixture {
    async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    async fn open_with(tweak: Tweak) -> Self {
        let verifier = TestVerifier::start_with(tweak).await;
        let private = serve_private(&verifier).await;
        let credentials = add_merchant(&verifier).await;
        let app = App {
            site: Site {
                shop_origin: SHOP.into(),
                verifier_origin: waxseal_tests::PUBLIC_ORIGIN.into(),
                loader_integrity: None,
            },
            verifier: VerifierClient::new(&format!("http://{private}"), &credentials).unwrap(),
            shoppers: Registry::default(),
            wire: None,
        };
        let app = Arc::new(app);
        Self {
            verifier,
            shop: build_router(Arc::clone(&app)),
            app,
            cookie: None,
        }
    }

    async fn ask(&self, method: &str, path: &str, form: bool, body: &str) -> Answer {
        let content_type = if form {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8080")
            .header(header::CONTENT_TYPE, content_type);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        Answer::read(self.shop.clone().oneshot(request).await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, false, "").await
    }

    async fn add(&mut self, form: &str) {
        let answer = self.ask("POST", "/cart", true, form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        if let Some(cookie) = answer.headers.get(header::SET_COOKIE) {
            self.cookie = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .map(str::to_owned);
        }
    }

    /// What the page's script does first.
    async fn check_out(&self) -> Value {
        let answer = self.ask("POST", "/api/checkout", false, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// What the frame does with the page's token.
    async fn frame(&self, state: &Value) -> Checkout {
        let token = state["client_token"].as_str().expect("a token").to_owned();
        Checkout::from_token(&self.verifier, token).await
    }

    async fn panel(&self, of: &str) -> Value {
        self.get(&format!("/api/panel/{of}")).await.json()
    }

    fn sessions(&self) -> u64 {
        let tables = self.verifier.row_counts();
        tables
            .iter()
            .find(|(name, _)| name == "session")
            .map(|(_, rows)| *rows)
            .unwrap()
    }
}

async fn serve_private(verifier: &TestVerifier) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let private = router::private(&verifier.app);
    let service = private.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn add_merchant(verifier: &TestVerifier) -> Credentials {
    let rng: &dyn Rng = &*verifier.app.rng;
    let now = verifier.clock.now();
    let id = rng.id(&Mode::Test.id_prefix("mch"), now).unwrap();
    let merchant = Merchant {
        id: id.clone(),
        mode: Mode::Test,
        name: "Fold & Seal".into(),
        created_at: now,
    };
    let new = make_client(&id, Mode::Test, &Scopes::all(), now, rng).unwrap();
    let client = new.client.clone();
    let origins = [SHOP.to_owned()];
    verifier
        .app
        .store
        .write("add_shop", move |tx| {
            merchants::insert(tx, &merchant, &origins)?;
            clients::insert(tx, &client, now)
        })
        .await
        .unwrap();
    Credentials::new(new.client.id.clone(), new.secret.to_string())
}

#[tokio::test]
async fn an_order_is_paid_and_shown() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    assert_eq!(state["total"], "$35.00");
    let paid = fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    assert_eq!(paid.status, StatusCode::OK, "{}", paid.text);

    let page = fixture.get("/order").await.text;
    for shown in [
        "<span data-brand>Visa</span>",
        "<span data-last4>4242</span>",
        "$35.00",
    ] {
        assert!(page.contains(shown), "{shown} is not on the page");
    }
    assert!(!page.contains(VISA) && !page.contains("card_"), "{page}");
    assert!(
        fixture
            .get("/cart")
            .await
            .text
            .contains("Your cart is empty")
    );
    let again = fixture.ask("POST", "/api/checkout", false, "").await;
    assert_eq!(
        (again.status, again.json()["code"].as_str()),
        (StatusCode::CONFLICT, Some("cart_empty"))
    );

    let session = &fixture.panel("order").await["session"];
    assert_eq!(session["card"]["last4"], "4242");
    assert_eq!(session["amount"], 3500);
    assert!(
        session["decision"]["reasons"]
            .as_array()
            .is_some_and(|reasons| !reasons.is_empty())
    );
}

#[tokio::test]
async fn somebody_else_sees_nothing_of_it() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    assert_eq!(fixture.get("/order").await.status, StatusCode::OK);

    fixture.cookie = None;
    assert_eq!(fixture.get("/order").await.headers[header::LOCATION], "/");
    assert_eq!(fixture.panel("order").await["session"], Value::Null);
    fixture.add("product=seal&quantity=1").await;
    assert_eq!(
        fixture.get("/order").await.headers[header::LOCATION],
        "/checkout"
    );
    assert_eq!(fixture.panel("order").await["session"], Value::Null);
}

#[tokio::test]
async fn another_country_is_another_revision() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    let mut frame = fixture.frame(&state).await;
    let abroad = fixture
        .ask(
            "POST",
            "/api/checkout/country",
            false,
            r#"{"country":"FR"}"#,
        )
        .await
        .json();
    assert_eq!(abroad["total"], "$47.00");

    let refused = frame.pay(&fixture.verifier, VISA).await;
    assert_eq!(refused.problem(), "session_changed");
    let mut frame = fixture.frame(&abroad).await;
    assert_eq!(
        frame.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
    fixture.get("/order").await;
    let session = &fixture.panel("order").await["session"];
    assert_eq!(session["amount"], 4700);
    assert_eq!(session["shipping_country"], "FR");
    assert_eq!(fixture.sessions(), 1);

    for bad in [
        "{}",
        r#"{"country":"XX"}"#,
        r#"{"country":"FR","amount":1}"#,
        "x",
    ] {
        let refused = fixture
            .ask("POST", "/api/checkout/country", false, bad)
            .await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn a_cart_that_grows_in_another_tab_cannot_be_paid_at_the_old_amount() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    let mut frame = fixture.frame(&state).await;
    fixture.add("product=desk&quantity=1").await;
    assert_eq!(
        frame.pay(&fixture.verifier, VISA).await.problem(),
        "session_changed"
    );
    assert_eq!(fixture.check_out().await["total"], "$2,479.00");
}

#[tokio::test]
async fn what_is_added_after_paying_is_another_order() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    // The page that paid never came back; another tab goes on shopping.
    fixture.add("product=seal&quantity=1").await;

    let cart = fixture.get("/cart").await.text;
    assert!(cart.contains("<dd data-subtotal>$48.00</dd>"), "{cart}");
    let page = fixture.get("/order").await.text;
    assert!(
        page.contains("$35.00") && page.contains("Sealing wax"),
        "{page}"
    );
    let next = fixture.frame(&fixture.check_out().await).await;
    assert!(!state.to_string().contains(&next.session_id));
    assert_eq!(fixture.sessions(), 2);
}

#[tokio::test]
async fn impatient_clicks_open_one_session() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let (first, second) = tokio::join!(fixture.check_out(), fixture.check_out());
    let (first, second) = (fixture.frame(&first).await, fixture.frame(&second).await);
    assert_eq!(first.session_id, second.session_id);
    assert_eq!(fixture.sessions(), 1);
}

#[tokio::test]
async fn a_session_that_ran_out_is_replaced_within_the_order() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let first = fixture.frame(&fixture.check_out().await).await;
    let order = fixture.panel("checkout").await["session"]["order_id"].clone();
    fixture.verifier.clock.advance_millis(3_601_000);
    let mut second = fixture.frame(&fixture.check_out().await).await;
    assert_ne!(first.session_id, second.session_id);
    assert_eq!(
        second.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
    fixture.get("/order").await;
    assert_eq!(fixture.panel("order").await["session"]["order_id"], order);
}

#[tokio::test]
async fn a_renewed_token_pays_for_the_same_session() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let mut first = fixture.frame(&fixture.check_out().await).await;
    fixture.verifier.clock.advance_millis(901_000);
    first.header.iat = fixture.verifier.clock.now().seconds();
    assert_eq!(
        first.pay(&fixture.verifier, VISA).await.problem(),
        "client_token_expired"
    );
    let mut second = fixture.frame(&fixture.check_out().await).await;
    assert_eq!(first.session_id, second.session_id);
    assert_eq!(
        second.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_rejected_card_leaves_the_order_open() {
    let block = |config: &mut waxseal_verifier::config::Config| {
        config.risk.block_cidrs = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let mut fixture = Fixture::open_with(block).await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    let declined = fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, MASTERCARD)
        .await;
    assert_eq!(declined.json()["status"], "declined");
    assert_eq!(
        fixture.get("/order").await.headers[header::LOCATION],
        "/checkout"
    );
    assert_eq!(
        fixture.panel("checkout").await["session"]["decision"]["outcome"],
        "reject"
    );
    assert_eq!(fixture.check_out().await["status"], "ready");
}

#[tokio::test]
async fn a_large_order_is_taken_and_held_back() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=desk&quantity=3").await;
    let state = fixture.check_out().await;
    assert_eq!(state["total"], "$7,350.00");
    let paid = fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    assert_eq!(paid.json()["status"], "accepted");
    let page = fixture.get("/order").await.text;
    assert!(page.contains("accepted, under review"), "{page}");
    // The customer is told what happens, not why.
    assert!(
        !page.contains("velocity") && !page.contains("5,000"),
        "{page}"
    );
}

#[tokio::test]
async fn a_lost_answer_opens_no_second_session() {
    let fixture = Fixture::open().await;
    let mut shopper = Shopper::default();
    shopper.basket.add(Product::Wax, 2);
    let verifier = &fixture.app.verifier;
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    let session_id = shopper.open_session_id().map(str::to_owned);

    lose_answer(&mut shopper);
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    assert_eq!(shopper.open_session_id().map(str::to_owned), session_id);
    assert_eq!(fixture.sessions(), 1);

    // The key stands for another amount by now: another session, not another order.
    let order = shopper.open.as_ref().map(|order| order.id.clone());
    lose_answer(&mut shopper);
    shopper.basket.add(Product::Seal, 1);
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    assert_ne!(shopper.open_session_id().map(str::to_owned), session_id);
    assert_eq!(shopper.open.as_ref().map(|order| order.id.clone()), order);
}

fn lose_answer(shopper: &mut Shopper) {
    shopper.open.as_mut().unwrap().session = None;
}
