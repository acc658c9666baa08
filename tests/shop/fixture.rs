//! The shop beside a whole verifier, and a browser's side of it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;
use waxseal_demo::{
    app::{App, Site},
    router::build_router,
    shopper::Registry,
    verifier::{Credentials, VerifierClient},
};
use waxseal_tests::{Answer, Checkout, PUBLIC_ORIGIN, TestVerifier, Tweak};
use waxseal_verifier::{mode::Mode, router};

/// The shop's registered origin.
pub(crate) const SHOP: &str = "http://localhost:8080";

/// The shop, its verifier and one browser.
pub(crate) struct Fixture {
    pub(crate) verifier: TestVerifier,
    pub(crate) app: Arc<App>,
    shop: Router,
    pub(crate) cookie: Option<String>,
}

impl Fixture {
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    pub(crate) async fn open_with(tweak: Tweak) -> Self {
        let verifier = TestVerifier::start_with(tweak).await;
        let private = serve_private(&verifier).await;
        let shop = verifier.shop(Mode::Test, SHOP).await;
        let credentials = credentials(shop.authorization());
        let app = App {
            site: Site {
                shop_origin: SHOP.into(),
                verifier_origin: PUBLIC_ORIGIN.into(),
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

    pub(crate) async fn ask(&self, method: &str, path: &str, form: bool, body: &str) -> Answer {
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

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, false, "").await
    }

    pub(crate) async fn add(&mut self, form: &str) {
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
    pub(crate) async fn check_out(&self) -> Value {
        let answer = self.ask("POST", "/api/checkout", false, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// What the frame does with the page's token.
    pub(crate) async fn frame(&self, state: &Value) -> Checkout {
        let token = state["client_token"].as_str().expect("a token").to_owned();
        Checkout::from_token(&self.verifier, token).await
    }

    pub(crate) async fn panel(&self, of: &str) -> Value {
        self.get(&format!("/api/panel/{of}")).await.json()
    }

    pub(crate) fn sessions(&self) -> u64 {
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

/// The client id and secret in a Basic `Authorization` header.
fn credentials(authorization: &str) -> Credentials {
    let pair = authorization.strip_prefix("Basic ").expect("Basic");
    let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
    let (id, secret) = pair.split_once(':').expect("a pair");
    Credentials::new(id.to_owned(), secret.to_owned())
}
