//! Traces come to a collector, say what the list says and nothing else, and hold nobody up.

use std::time::{Duration, Instant};

use axum::{body::Body, http::Request};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use serde_json::json;
use waxseal_tests::{Checkout, Collector, Shop, Staff, TestVerifier, VISA, attributes, get};
use waxseal_verifier::mode::Mode;

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID: &str = "b7ad6b7169203331";

/// The end of a process is not put off longer; the verifier gives its last spans two seconds.
const STOPPED_WITHIN: Duration = Duration::from_secs(4);
/// Long enough for a busy machine; spans are gathered for a second.
const CALLED_WITHIN: Duration = Duration::from_secs(20);
/// Of one request, on a busy machine; a call to a collector may take five times as long.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE_ID}-{PARENT_ID}-{flags}")
}

fn is_in_callers_trace(span: &Span) -> bool {
    hex(&span.trace_id) == TRACE_ID
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}", names(spans)))
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

fn children<'s>(spans: &'s [Span], parent: &Span) -> Vec<&'s Span> {
    let of =
        |span: &&Span| span.parent_span_id == parent.span_id && span.trace_id == parent.trace_id;
    spans.iter().filter(of).collect()
}

/// A request of a shop's server for a session, as part of a trace.
fn create(shop: &Shop, flags: &str) -> Request<Body> {
    Request::post("/v1/sessions")
        .header("authorization", shop.authorization())
        .header("content-type", "application/json")
        .header("traceparent", traceparent(flags))
        .header("tracestate", "vendor=canaryState")
        .body(shop.session_request().to_string().into())
        .unwrap()
}

async fn verifier(collector: &Collector, ratio: f64) -> TestVerifier {
    TestVerifier::start_with(|config| {
        collector.configure(config);
        config.telemetry.sample_ratio = ratio;
    })
    .await
}

/// Of a store's job: name, and how long it waited.
fn job(span: &Span) -> String {
    let all = attributes(&span.attributes);
    let [(job, name), (queue, waited)] = &all[..] else {
        panic!("{all:?}");
    };
    assert_eq!(
        (job.as_str(), queue.as_str()),
        ("waxseal.store.job", "waxseal.store.queue_us")
    );
    assert!(waited.parse::<u64>().unwrap() < 60_000_000, "{waited}");
    name.clone()
}

fn expected(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_request_of_a_server_is_in_its_trace_and_a_browsers_begins_one() {
    let collector = Collector::start();
    let verifier = verifier(&collector, 1.0).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let created = verifier.private(create(&shop, "01")).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let token = created.json()["client_token"].as_str().unwrap().to_owned();
    let mut checkout = Checkout::from_token(&verifier, token).await;
    let envelope = checkout.fresh(VISA);
    let mut submit = checkout.request(&envelope);
    let parent = traceparent("01").parse().unwrap();
    submit.headers_mut().insert("traceparent", parent);
    assert_eq!(verifier.public(submit).await.status, 200);

    let spans = collector.spans_with("POST /v1/session/card").await;
    let creation = named(&spans, "POST /v1/sessions");
    assert!(is_in_callers_trace(creation));
    assert_eq!(hex(&creation.parent_span_id), PARENT_ID);
    assert_eq!(creation.kind, SpanKind::Server as i32);
    assert_eq!(
        attributes(&creation.attributes),
        expected(&[
            ("http.request.method", "POST"),
            ("http.response.status_code", "201"),
            ("http.route", "/v1/sessions"),
            ("waxseal.listener", "private"),
        ])
    );
    let authentication = named(&spans, "authenticate");
    let inner = children(&spans, creation);
    assert!(
        inner.iter().any(|span| span.name == "authenticate"),
        "{inner:?}"
    );
    let looked_up = spans.iter().filter(|span| span.name == "store.read");
    assert!(
        looked_up
            .map(job)
            .any(|job| job.starts_with("routes::calling_client")),
        "{spans:?}"
    );
    assert!(authentication.attributes.is_empty());

    let submission = named(&spans, "POST /v1/session/card");
    assert!(!is_in_callers_trace(submission));
    assert!(submission.parent_span_id.is_empty());
    let inner = children(&spans, submission);
    let opening = inner.iter().find(|span| span.name == "open").unwrap();
    assert!(opening.attributes.is_empty());
    let write = inner
        .iter()
        .find(|span| span.name == "store.write")
        .unwrap();
    assert_eq!(job(write), "submit_card");
    for span in &spans {
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
        assert!(span.trace_state.is_empty() && span.events.is_empty() && span.links.is_empty());
        if span.name.starts_with("store.") {
            job(span);
        }
    }
    let request = collector.requests().remove(0);
    let resource = request.resource_spans[0].resource.clone().unwrap();
    assert_eq!(
        attributes(&resource.attributes),
        expected(&[
            ("service.name", "waxseal-verifier"),
            ("service.version", env!("CARGO_PKG_VERSION")),
        ])
    );
}

#[tokio::test]
async fn a_refusal_has_its_code_and_the_console_takes_no_parent() {
    let collector = Collector::start();
    let verifier = verifier(&collector, 1.0).await;
    let ask = |path: &str| {
        let request = Request::get(path).header("traceparent", traceparent("01"));
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(verifier.console(ask("/v1/keys")).await.status, 401);
    assert_eq!(verifier.public(ask("/nowhere")).await.status, 404);
    let spans = collector.spans_with("GET").await;
    let refused = named(&spans, "GET /v1/keys");
    assert!(!is_in_callers_trace(refused));
    let attributes_of = attributes(&refused.attributes);
    for pair in expected(&[
        ("error.type", "unauthenticated"),
        ("http.response.status_code", "401"),
        ("waxseal.listener", "console"),
    ]) {
        assert!(attributes_of.contains(&pair), "{attributes_of:?}");
    }
    let nowhere = named(&spans, "GET");
    assert!(!is_in_callers_trace(nowhere));
    assert_eq!(
        attributes(&nowhere.attributes),
        expected(&[
            ("error.type", "not_found"),
            ("http.request.method", "GET"),
            ("http.response.status_code", "404"),
            ("waxseal.listener", "public"),
        ])
    );
}

#[tokio::test]
async fn what_fails_says_that_it_failed_and_not_why() {
    let collector = Collector::start();
    let verifier = verifier(&collector, 1.0).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let away = "ALTER TABLE session RENAME TO session_away";
    verifier.database.run(&[away]);
    let failed = verifier.private(create(&shop, "01")).await;
    assert!(failed.status.is_server_error(), "{}", failed.text);
    let spans = collector.spans_with("POST /v1/sessions").await;
    let is_error = |span: &Span| {
        let status = span.status.as_ref();
        status.is_some_and(|status| {
            status.code == StatusCode::Error as i32 && status.message.is_empty()
        })
    };
    let request = named(&spans, "POST /v1/sessions");
    assert!(is_error(request), "{request:?}");
    let inner = children(&spans, request);
    let job = inner.iter().find(|span| span.name == "store.write");
    assert!(is_error(job.unwrap()), "{inner:?}");
    // Of these the authentication went well.
    let well = inner.iter().find(|span| span.name == "authenticate");
    assert!(!is_error(well.unwrap()), "{inner:?}");
}

#[tokio::test]
async fn what_is_sent_holds_nothing_of_what_was_asked() {
    let collector = Collector::start();
    let verifier = verifier(&collector, 1.0).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let created = verifier.private(create(&shop, "01")).await.json();
    let token = created["client_token"].as_str().unwrap().to_owned();
    let mut checkout = Checkout::from_token(&verifier, token).await;
    let envelope = checkout.fresh(VISA);
    assert_eq!(checkout.submit(&verifier, &envelope).await.status, 200);
    let staff = Staff::hire(&verifier, "merchants:write cards:read").await;
    let canaries = ["canaryPath", "canaryQuery", "canaryHeader", "canaryBody"];
    for listener in ["public", "private", "console"] {
        for (method, path) in [
            ("GET", "/canaryPath"),
            ("GET", "/v1/sessions/canaryPath?a=canaryQuery"),
            ("POST", "/v1/merchants?canaryQuery=1"),
            ("CANARYMETHOD", "/v1/session"),
        ] {
            let body = json!({ "name": 1, "canaryBody": "canaryBody", "card": VISA });
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", staff.authorization())
                .header("content-type", "application/json")
                .header("user-agent", "canaryHeader")
                .header("traceparent", "canaryHeader")
                .header("x-request-id", "canaryHeader")
                .body(body.to_string().into())
                .unwrap();
            match listener {
                "public" => verifier.public(request).await,
                "private" => verifier.private(request).await,
                _ => verifier.console(request).await,
            };
        }
    }
    verifier.public(get("/healthz", None)).await;
    collector.spans_with("GET /healthz").await;
    let sent = String::from_utf8_lossy(&collector.bytes()).into_owned();
    assert!(sent.contains("/v1/session/card"), "the search sees nothing");
    let secret = shop.client_secret();
    for canary in [
        VISA,
        &checkout.token,
        &checkout.session_id,
        &envelope,
        &secret,
        shop.client_id(),
        &shop.merchant_id,
        shop.authorization(),
        &staff.id,
        &staff.authorization(),
        "canaryState",
        "CANARYMETHOD",
        "127.0.0.1",
        "shop.example",
    ]
    .into_iter()
    .chain(canaries)
    {
        assert!(!sent.contains(canary), "{canary}");
    }
}

#[tokio::test]
async fn the_share_is_of_what_begins_here_and_a_caller_says_for_its_own() {
    let collector = Collector::start();
    let verifier = verifier(&collector, 0.0).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for _ in 0..20 {
        verifier.public(get("/healthz", None)).await;
    }
    assert_eq!(verifier.private(create(&shop, "00")).await.status, 201);
    assert_eq!(verifier.private(create(&shop, "01")).await.status, 201);
    let spans = collector.spans_with("POST /v1/sessions").await;
    assert!(spans.iter().all(is_in_callers_trace), "{spans:?}");
    let requests = names(&spans);
    let requests = requests.iter().filter(|name| **name == "POST /v1/sessions");
    assert_eq!(requests.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_never_answers_holds_up_neither_requests_nor_the_end() {
    let collector = Collector::start_silent();
    let verifier = verifier(&collector, 1.0).await;
    verifier.public(get("/healthz", None)).await;
    let started = Instant::now();
    while collector.calls() == 0 {
        assert!(started.elapsed() < CALLED_WITHIN, "it was not called");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // More than the queue takes, while the call goes on.
    for _ in 0..6000 {
        let asked = Instant::now();
        assert_eq!(verifier.public(get("/healthz", None)).await.status, 200);
        let took = asked.elapsed();
        assert!(took < ANSWERED_WITHIN, "{took:?}");
    }
    let metrics = verifier.app.metrics.render();
    let dropped = metrics
        .lines()
        .find_map(|line| line.strip_prefix("waxseal_spans_dropped_total{reason=\"queue\"} "));
    assert!(
        dropped.is_some_and(|count| count.parse::<u64>().unwrap() > 0),
        "{metrics}"
    );
    let told = Instant::now();
    verifier.app.telemetry.as_ref().unwrap().stop().await;
    let took = told.elapsed();
    assert!(took < STOPPED_WITHIN, "{took:?}");
}

#[tokio::test]
async fn the_end_sends_what_waits_and_without_a_collector_there_is_nothing() {
    let collector = Collector::start();
    let traced = verifier(&collector, 1.0).await;
    traced.public(get("/readyz", None)).await;
    traced.app.telemetry.as_ref().unwrap().stop().await;
    named(&collector.spans(), "GET /readyz");
    let untraced = TestVerifier::start().await;
    assert!(untraced.app.telemetry.is_none());
}
