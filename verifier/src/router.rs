//! Every route, and the order of the middleware.

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{delete, get, patch, post},
};

use crate::{
    app::App,
    http::{
        Threshold, forwarded_for, limit, method_not_allowed, not_found, observe, security_headers,
    },
    limits::Limit,
    routes::{
        cards, customers, frame, health, jwks, keys, metrics, oauth, reveal, sdk, session,
        session_card, sessions,
    },
};

/// For the checkout's browsers. No caller has an account here.
pub fn public(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route("/.well-known/jwks.json", get(jwks::list))
        .route("/frame/v1", get(frame::document))
        .route("/frame/assets/{name}", get(frame::asset))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/sdk/{version}/{file}", get(sdk::file))
        .route("/v1/session", get(session::read))
        .route("/v1/session/card", post(session_card::submit));
    let proxied = from_fn_with_state(Arc::clone(app), forwarded_for);
    finish(limited(routes, app, Limit::Page).layer(proxied), app)
}

/// For merchants' servers, and for operators until they have a listener of their own. Every route but the health checks asks for a scope.
pub fn private(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::live))
        .route("/metrics", get(metrics::render))
        .route("/readyz", get(health::ready))
        .route("/v1/cards", get(cards::list))
        .route("/v1/cards/{id}", get(cards::read))
        .route("/v1/cards/{id}", delete(cards::erase))
        .route("/v1/customers/{reference}", get(customers::read))
        .route("/v1/customers/{reference}", delete(customers::erase))
        .route("/v1/customers/{reference}/export", get(customers::export))
        .route("/v1/cards/{id}/reveal", post(reveal::reveal))
        .route("/v1/keys", get(keys::list))
        .route("/v1/keys", post(keys::rotate))
        .route("/v1/keys/{id}/destroy", post(keys::destroy))
        .route("/v1/keys/{id}/retire", post(keys::retire))
        .route("/v1/keys/{id}/revoke", post(keys::revoke))
        .route("/v1/sessions", post(sessions::create))
        .route("/v1/sessions/{id}", get(sessions::read))
        .route("/v1/sessions/{id}", patch(sessions::revise))
        .route("/v1/sessions/{id}/token", post(sessions::renew_token));
    finish(limited(routes.merge(tokens()), app, Limit::Private), app)
}

/// For people who sign in, and the programs that they sign in with.
pub fn console(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::live))
        .route("/oauth/authorize", get(oauth::authorize::show))
        .route("/oauth/authorize", post(oauth::authorize::decide))
        .route("/oauth/style.css", get(oauth::style))
        .route("/readyz", get(health::ready));
    finish(limited(routes.merge(tokens()), app, Limit::Page), app)
}

/// Access tokens: programs get them at the console, servers where they use them.
fn tokens() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/.well-known/oauth-authorization-server",
            get(oauth::well_known::metadata),
        )
        .route("/oauth/jwks.json", get(oauth::well_known::jwks))
        .route("/oauth/revoke", post(oauth::revoke::revoke))
        .route("/oauth/token", post(oauth::token::issue))
}

/// What no limit names is counted by `otherwise`, paths that are not there too.
fn limited(routes: Router<Arc<App>>, app: &Arc<App>, otherwise: Limit) -> Router<Arc<App>> {
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Threshold::new(app, otherwise), limit))
}

/// Outermost last: a request passes `observe`, then `security_headers`, then, if it is a browser's,
/// `forwarded_for`, then `limit`, then its route.
fn finish(routes: Router<Arc<App>>, app: &Arc<App>) -> Router {
    routes
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(Arc::clone(app), observe))
        .with_state(Arc::clone(app))
}
