//! Alerts are posted to a receiver, signed; one that is dead delays nothing.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use waxseal_tests::{Staff, TestVerifier, get};
use waxseal_verifier::alerts::deliver;

const SECRET: &[u8] = b"thirty two random bytes, nearly.";

/// A receiver on the loopback that keeps what it was sent.
struct Receiver {
    answer: Arc<AtomicU16>,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    location: Location,
    url: String,
    task: JoinHandle<()>,
}

/// Where it sends callers on to.
type Location = Arc<Mutex<Option<String>>>;
type Shared = (
    Arc<AtomicU16>,
    Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    Location,
);

async fn receive(
    State((answer, got, location)): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    got.lock().unwrap().push((headers, body));
    let status = StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap();
    let location = location.lock().unwrap().clone();
    let location = location.map(|url| (header::LOCATION, url.parse().unwrap()));
    (status, location.into_iter().collect())
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (answer, got) = (Arc::new(AtomicU16::new(200)), Arc::default());
        let location = Location::default();
        let shared: Shared = (Arc::clone(&answer), Arc::clone(&got), Arc::clone(&location));
        let router = Router::new()
            .route("/hook", post(receive))
            .with_state(shared);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            answer,
            got,
            location,
            url,
            task,
        }
    }

    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// Id and body of what was sent, once its signature is checked.
    fn last(&self) -> (String, Value) {
        let got = self.got.lock().unwrap();
        let (headers, body) = got.last().unwrap();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
        let signature = header("webhook-signature");
        let signature = STANDARD
            .decode(signature.strip_prefix("v1,").unwrap())
            .unwrap();
        let signed = [format!("{id}.{at}.").as_bytes(), &body[..]].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        hmac::verify(&key, &signed, &signature).unwrap();
        assert_eq!(header("content-type"), "application/json");
        (id, serde_json::from_slice(body).unwrap())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn verifier(url: String) -> TestVerifier {
    TestVerifier::start_with(|config| {
        let folder = config.assets.dir.parent().unwrap().to_owned();
        let file = folder.join("webhook.secret");
        std::fs::write(&file, format!("whsec_{}\n", STANDARD.encode(SECRET))).unwrap();
        config.alerts.webhook = Some(url);
        config.alerts.webhook_secret_file = Some(file);
        config.outbound.private_networks = vec!["127.0.0.1/32".parse().unwrap()];
        config.outbound.plain_http_on_loopback = true;
    })
    .await
}

async fn fail(verifier: &TestVerifier, times: usize) {
    for _ in 0..times {
        verifier.public(get("/v1/session", Some("x"))).await;
    }
    verifier.look().await;
}

#[tokio::test]
async fn an_alert_is_posted_once_with_a_signature_and_so_is_each_of_its_states() {
    let receiver = Receiver::start().await;
    let verifier = verifier(receiver.url.clone()).await;
    let staff = Staff::hire(&verifier, "alerts:read alerts:write").await;
    fail(&verifier, 5).await;
    assert_eq!(deliver(&verifier.app).await.unwrap(), 1);
    fail(&verifier, 5).await;
    assert_eq!(deliver(&verifier.app).await.unwrap(), 0);
    assert_eq!(receiver.count(), 1);
    let (id, body) = receiver.last();
    assert_eq!(
        (&body["type"], &body["data"]["count"]),
        (&json!("alert.open"), &json!(5))
    );
    assert_eq!(body["data"]["kind"], "auth_failures");
    let alert = body["data"]["id"].as_str().unwrap();
    assert_eq!(id, format!("{alert}-open"));
    assert!(!body.to_string().contains("127.0.0.1"), "{body}");
    let path = format!("/v1/alerts/{alert}/close");
    staff.call(&verifier, "POST", &path, Some(json!({}))).await;
    assert_eq!(deliver(&verifier.app).await.unwrap(), 1);
    assert_eq!(receiver.last().1["type"], "alert.closed");
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM alert_delivery"),
        0
    );
}

#[tokio::test]
async fn what_is_refused_comes_again_later_with_the_same_id_from_one_verifier_alone() {
    let receiver = Receiver::start().await;
    let verifier = verifier(receiver.url.clone()).await;
    receiver.answer.store(500, Ordering::SeqCst);
    fail(&verifier, 5).await;
    let beside = verifier.beside().await;
    let (here, there) = tokio::join!(deliver(&verifier.app), deliver(&beside.app));
    assert_eq!((here.unwrap(), there.unwrap(), receiver.count()), (0, 0, 1));
    let first = receiver.last();
    verifier.clock.advance_millis(4999);
    assert_eq!(deliver(&verifier.app).await.unwrap(), 0);
    assert_eq!(receiver.count(), 1, "5 seconds are not over");
    receiver.answer.store(204, Ordering::SeqCst);
    verifier.clock.advance_millis(1);
    assert_eq!(deliver(&verifier.app).await.unwrap(), 1);
    assert_eq!(receiver.last(), first);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_where_nobody_may_call_nothing_arrives() {
    let receiver = Receiver::start().await;
    let other = Receiver::start().await;
    receiver.answer.store(307, Ordering::SeqCst);
    *receiver.location.lock().unwrap() = Some(other.url.clone());
    let port = receiver.url.rsplit(':').next().unwrap().to_owned();
    let verifier = verifier(receiver.url.clone()).await;
    fail(&verifier, 5).await;
    assert_eq!(deliver(&verifier.app).await.unwrap(), 0);
    assert_eq!((receiver.count(), other.count()), (1, 0));
    // The same receiver by other names; loopback is named as 127.0.0.1/32 alone.
    for host in [
        "127.0.0.2",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "169.254.169.254",
        "2130706434",
        "0x7f000002",
        "0177.0.0.2",
        "127.2",
    ] {
        let verifier = self::verifier(format!("http://{host}:{port}")).await;
        fail(&verifier, 5).await;
        assert_eq!(deliver(&verifier.app).await.unwrap(), 0, "{host}");
        assert_eq!(receiver.count(), 1, "{host}");
        let waits = "SELECT attempts FROM alert_delivery";
        assert_eq!(verifier.database.number(waits), 1, "{host}");
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_delays_no_request_and_no_alert() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", silent.local_addr().unwrap());
    let verifier = verifier(url).await;
    fail(&verifier, 5).await;
    let app = Arc::clone(&verifier.app);
    let delivering = tokio::spawn(async move { deliver(&app).await });
    // It hangs in the call by now, or soon.
    tokio::task::yield_now().await;
    let started = Instant::now();
    for _ in 0..5 {
        let from = [192, 0, 2, 7].into();
        verifier
            .public_from(from, get("/v1/session", Some("x")))
            .await;
    }
    verifier.look().await;
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(!delivering.is_finished());
    delivering.abort();
    assert_eq!(verifier.database.number("SELECT count(*) FROM alert"), 2);
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM alert_delivery"),
        2
    );
}
