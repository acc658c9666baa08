//! How often a caller may ask, on every route: by address before anything else, then by caller.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;
use waxseal_protocol::ErrorCode;

use super::{Problem, peer::address};
use crate::{
    app::App,
    limits::{CallerKey, Limit, Standing},
};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What stands before a listener's routes.
#[derive(Clone)]
pub struct Threshold {
    app: Arc<App>,
    /// Counts by address what no limit of its own does.
    otherwise: Limit,
    places: Arc<Semaphore>,
}

impl Threshold {
    /// For one listener.
    pub fn new(app: &Arc<App>, otherwise: Limit) -> Self {
        let places = usize::try_from(app.limits.requests).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            app: Arc::clone(app),
            otherwise,
            places: Arc::new(Semaphore::new(places)),
        }
    }
}

/// Refuses what comes too often from one address, and what comes while too much is worked on; tells the
/// caller where it stands.
pub async fn limit(State(to): State<Threshold>, mut request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>();
    let limit = Limit::of_route(template.map(MatchedPath::as_str), to.otherwise);
    let standings = Standings::default();
    let caller = CallerKey::of_address(address(request.extensions()));
    let mut response = match standings.admit(&to.app, limit, caller).await {
        Err(problem) => problem.into_response(),
        Ok(()) => {
            request.extensions_mut().insert(standings.clone());
            match (limit, to.places.try_acquire()) {
                // It has to be told apart from a verifier that does not live.
                (Limit::Health, _) => next.run(request).await,
                (_, Ok(_place)) => next.run(request).await,
                (_, Err(_)) => Problem::from(ErrorCode::Unavailable).into_response(),
            }
        }
    };
    standings.tell(response.headers_mut());
    response
}

/// Refuses an authenticated caller that asks one endpoint too often.
///
/// # Errors
/// `rate_limited`.
pub async fn limit_caller(parts: &Parts, app: &App, limit: Limit, id: &str) -> Result<(), Problem> {
    let template = parts.extensions.get::<MatchedPath>();
    let template = template.map_or("", MatchedPath::as_str);
    let caller = CallerKey::of_caller(id, parts.method.as_str(), template);
    let standings = parts.extensions.get::<Standings>().cloned();
    standings
        .unwrap_or_default()
        .admit(app, limit, caller)
        .await
}

/// Counts for whom a merchant's server makes sessions.
pub struct Shoppers(Standings);

impl<S: Sync> FromRequestParts<S> for Shoppers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let standings = parts.extensions.get::<Standings>().cloned();
        Ok(Self(standings.unwrap_or_default()))
    }
}

impl Shoppers {
    /// Counts a session that is to be made.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn admit(&self, app: &App, merchant_id: &str, ip: IpAddr) -> Result<(), Problem> {
        let shopper = CallerKey::of_shopper(merchant_id, ip);
        self.0.admit(app, Limit::Shopper, shopper).await
    }
}

/// What every limit said of a request so far.
#[derive(Clone, Default)]
struct Standings(Arc<Mutex<Vec<Standing>>>);

impl Standings {
    async fn admit(&self, app: &App, limit: Limit, caller: CallerKey) -> Result<(), Problem> {
        let standing = app.admit(limit, caller).await;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(standing);
        match standing.is_admitted {
            true => Ok(()),
            false => Err(Problem::from(ErrorCode::RateLimited).with_retry_after(standing.reset_s)),
        }
    }

    /// draft-ietf-httpapi-ratelimit-headers: policies by name with quota `q` and window `w` in seconds; of each
    /// the requests that remain, `r`, and the seconds until there are more, `t`.
    fn tell(&self, headers: &mut HeaderMap) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = all
            .iter()
            .filter(|standing| standing.limit.is_told() || !standing.is_admitted);
        let (policies, left): (Vec<_>, Vec<_>) = told.map(told_of).unzip();
        if left.is_empty() {
            return;
        }
        for (name, values) in [(RATE_LIMIT_POLICY, policies), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::try_from(values.join(", ")) {
                headers.insert(name, value);
            }
        }
    }
}

fn told_of(standing: &Standing) -> (String, String) {
    let Standing {
        limit,
        quota,
        window_s,
        remaining,
        reset_s,
        ..
    } = standing;
    let name = limit.name();
    (
        format!("\"{name}\";q={quota};w={window_s}"),
        format!("\"{name}\";r={remaining};t={reset_s}"),
    )
}
