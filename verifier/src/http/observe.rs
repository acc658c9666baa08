//! The outermost layer: gives each request its id, writes problem bodies, logs and counts.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use super::{Problem, RequestId};
use crate::{
    alerts::{Answered, CalledBy},
    app::App,
    spans::in_request,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// On an answer: the error's name in its own protocol's words, for log and metrics. From a fixed list.
#[derive(Clone, Copy, Debug)]
pub struct RefusedAs(pub &'static str);

/// Whose requests are observed.
#[derive(Clone)]
pub struct Observed {
    /// What they come to.
    pub app: Arc<App>,
    /// The listener's name.
    pub listener: &'static str,
    /// Whether its callers' word on the trace that they are part of counts.
    pub takes_parent: bool,
}

/// Wraps a request. The log line has the route's template, never the path or query that was sent.
pub async fn observe(
    State(Observed {
        app,
        listener,
        takes_parent,
    }): State<Observed>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = app
        .rng
        .id("req_", app.clock.now())
        .unwrap_or_else(|_| "req_none".to_owned());
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = app.telemetry.as_ref().map(|telemetry| {
        let headers = takes_parent.then(|| request.headers());
        telemetry
            .tracer()
            .request(listener, method, route.as_ref(), headers)
    });
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    request.extensions_mut().insert(RequestId(id.clone()));
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let ip = address.map_or(Ipv4Addr::UNSPECIFIED.into(), |info| {
        info.0.ip().to_canonical()
    });

    let in_flight = InFlight::enter(listener);
    let mut response = in_request(span.as_ref(), next.run(request)).await;
    drop(in_flight);
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        *response.body_mut() = Body::from(problem.details(&id));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    app.watch.answered(Answered {
        listener,
        ip,
        by: response.extensions_mut().remove::<CalledBy>(),
        is_error: response.status().as_u16() >= 400,
        at: app.clock.now(),
    });
    let code = code(&response, problem.as_ref());
    record(
        (method, route, code),
        &response,
        problem.as_ref(),
        &id,
        started,
    );
    if let Some(span) = span {
        span.answered(response.status().as_u16(), code);
    }
    response
}

/// A request that is worked on; one whose caller has gone away is dropped, and ends so.
struct InFlight(metrics::Gauge);

impl InFlight {
    fn enter(listener: &'static str) -> Self {
        let gauge = metrics::gauge!("waxseal_http_requests_in_flight", "listener" => listener);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// A fixed list: a method is free text.
fn method_name(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "DELETE" => "DELETE",
        "GET" => "GET",
        "HEAD" => "HEAD",
        "PATCH" => "PATCH",
        "POST" => "POST",
        _ => "other",
    }
}

/// The error's, or `ok`.
fn code(response: &Response, problem: Option<&Problem>) -> &'static str {
    let refused = response.extensions().get::<RefusedAs>();
    let refused = refused.map_or("ok", |refused| refused.0);
    problem.map_or(refused, |problem| problem.code().as_str())
}

fn record(
    (method, route, code): (&'static str, &str, &'static str),
    response: &Response,
    problem: Option<&Problem>,
    id: &str,
    started: Instant,
) {
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let labels = [
        ("route", route.to_owned()),
        ("method", method.to_owned()),
        ("code", code.to_owned()),
    ];
    metrics::counter!("waxseal_http_requests_total", &labels).increment(1);
    let labels = [
        ("route", route.to_owned()),
        ("method", method.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::histogram!("waxseal_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    match problem.and_then(Problem::cause) {
        Some(cause) => {
            tracing::error!(
                event = "request",
                request_id = id,
                method,
                route,
                status,
                code,
                micros,
                cause
            );
        }
        None => tracing::info!(
            event = "request",
            request_id = id,
            method,
            route,
            status,
            code,
            micros
        ),
    }
}
