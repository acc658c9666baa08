//! Every route, who may call it, and the order of the middleware.

use std::sync::Arc;

use axum::{
    Extension, Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{self, MethodRouter},
};

use crate::{
    app::App,
    http::{
        Observed, Threshold, forwarded_for, limit, method_not_allowed, not_found, observe,
        security_headers,
    },
    identity::{
        OperatorScope::{
            AlertsRead, AlertsWrite, AuditRead, CardsReveal, ClientsRead, ClientsWrite, KeysRead,
            KeysWrite, ListsRead, ListsWrite, MerchantsRead, MerchantsWrite, MetricsRead,
            ReviewsRead, ReviewsWrite, RulesRead, RulesWrite,
        },
        Scope::{CardsDelete, CardsRead, RiskAssess, RiskLabel, SessionsRead, SessionsWrite},
    },
    interface::{
        Access::{self, Anyone, Frame, Operator, Server},
        Document, Listener, Route, delete, get, patch, post,
    },
    limits::Limit,
    routes::{
        admit, alerts, assessments, audit, cards, certificate, clients, customers, frame, health,
        jwks, keys, lists, merchants, metrics, models, oauth, openapi, outcomes, reveal, reviews,
        rules, sdk, session, session_card, sessions,
    },
};

/// For the checkout's browsers. No caller has an account here.
#[rustfmt::skip]
fn for_browsers() -> Vec<Route> {
    vec![
        get("/.well-known/jwks.json", Anyone, jwks::list, jwks::LIST),
        get("/frame/v1", Anyone, frame::document, frame::DOCUMENT),
        get("/frame/assets/{name}", Anyone, frame::asset, frame::ASSET),
        get("/sdk/{version}/{file}", Anyone, sdk::file, sdk::FILE),
        get("/v1/session", Frame, session::read, session::READ),
        post("/v1/session/card", Frame, session_card::submit, session_card::SUBMIT),
    ]
}

/// For merchants' servers.
#[rustfmt::skip]
fn for_servers() -> Vec<Route> {
    vec![
        post("/v1/assessments", Server(RiskAssess), assessments::assess, assessments::ASSESS),
        get("/v1/cards", Server(CardsRead), cards::list, cards::LIST),
        get("/v1/cards/{id}", Server(CardsRead), cards::read, cards::READ),
        delete("/v1/cards/{id}", Server(CardsDelete), cards::erase, cards::ERASE),
        get("/v1/customers/{reference}", Server(CardsRead), customers::read, customers::READ),
        delete("/v1/customers/{reference}", Server(CardsDelete), customers::erase, customers::ERASE),
        get("/v1/customers/{reference}/export", Server(CardsRead), customers::export, customers::EXPORT),
        get("/v1/outcomes", Server(RiskLabel), outcomes::list, outcomes::LIST),
        post("/v1/outcomes", Server(RiskLabel), outcomes::record, outcomes::RECORD),
        post("/v1/sessions", Server(SessionsWrite), sessions::create, sessions::CREATE),
        get("/v1/sessions/{id}", Server(SessionsRead), sessions::read, sessions::READ),
        patch("/v1/sessions/{id}", Server(SessionsWrite), sessions::revise, sessions::REVISE),
        post("/v1/sessions/{id}/token", Server(SessionsWrite), sessions::renew_token, sessions::RENEW),
    ]
}

/// For an operator in person: card numbers are shown on the console's listener alone.
fn for_operators_in_person() -> Vec<Route> {
    vec![post(
        "/v1/cards/{id}/reveal",
        Operator(CardsReveal),
        reveal::reveal,
        reveal::REVEAL,
    )]
}

/// For who runs the verifier.
#[rustfmt::skip]
fn for_operators() -> Vec<Route> {
    vec![
        get("/metrics", Operator(MetricsRead), metrics::render, metrics::RENDER),
        get("/v1/alerts", Operator(AlertsRead), alerts::list, alerts::LIST),
        get("/v1/alerts/{id}", Operator(AlertsRead), alerts::read, alerts::READ),
        post("/v1/alerts/{id}/acknowledge", Operator(AlertsWrite), alerts::acknowledge, alerts::ACKNOWLEDGE),
        post("/v1/alerts/{id}/close", Operator(AlertsWrite), alerts::close, alerts::CLOSE),
        get("/v1/audit", Operator(AuditRead), audit::list, audit::LIST),
        get("/v1/clients", Operator(ClientsRead), clients::list, clients::LIST),
        post("/v1/clients", Operator(ClientsWrite), clients::create, clients::CREATE),
        get("/v1/clients/{id}", Operator(ClientsRead), clients::read, clients::READ),
        patch("/v1/clients/{id}", Operator(ClientsWrite), clients::change, clients::CHANGE),
        post("/v1/clients/{id}/revoke", Operator(ClientsWrite), clients::revoke, clients::REVOKE),
        post("/v1/clients/{id}/rotate", Operator(ClientsWrite), clients::rotate, clients::ROTATE),
        get("/v1/keys", Operator(KeysRead), keys::list, keys::LIST),
        post("/v1/keys", Operator(KeysWrite), keys::rotate, keys::ROTATE),
        post("/v1/keys/{id}/destroy", Operator(KeysWrite), keys::destroy, keys::DESTROY),
        post("/v1/keys/{id}/retire", Operator(KeysWrite), keys::retire, keys::RETIRE),
        post("/v1/keys/{id}/revoke", Operator(KeysWrite), keys::revoke, keys::REVOKE),
        get("/v1/lists", Operator(ListsRead), lists::list, lists::LIST),
        post("/v1/lists", Operator(ListsWrite), lists::create, lists::CREATE),
        get("/v1/lists/{list}", Operator(ListsRead), lists::read, lists::READ),
        delete("/v1/lists/{list}", Operator(ListsWrite), lists::delete, lists::DELETE),
        get("/v1/lists/{list}/entries", Operator(ListsRead), lists::entries, lists::ENTRIES),
        post("/v1/lists/{list}/entries", Operator(ListsWrite), lists::put, lists::PUT),
        delete("/v1/lists/{list}/entries/{id}", Operator(ListsWrite), lists::remove, lists::REMOVE),
        get("/v1/merchants", Operator(MerchantsRead), merchants::list, merchants::LIST),
        post("/v1/merchants", Operator(MerchantsWrite), merchants::create, merchants::CREATE),
        get("/v1/merchants/{id}", Operator(MerchantsRead), merchants::read, merchants::READ),
        patch("/v1/merchants/{id}", Operator(MerchantsWrite), merchants::change, merchants::CHANGE),
        get("/v1/models", Operator(RulesRead), models::list, models::LIST),
        get("/v1/reviews", Operator(ReviewsRead), reviews::list, reviews::LIST),
        get("/v1/reviews/{id}", Operator(ReviewsRead), reviews::read, reviews::READ),
        post("/v1/reviews/{id}/claim", Operator(ReviewsWrite), reviews::claim, reviews::CLAIM),
        post("/v1/reviews/{id}/decide", Operator(ReviewsWrite), reviews::decide, reviews::DECIDE),
        get("/v1/rules", Operator(RulesRead), rules::list, rules::LIST),
        post("/v1/rules", Operator(RulesWrite), rules::create, rules::CREATE),
        post("/v1/rules/backtest", Operator(RulesRead), rules::backtest, rules::BACKTEST),
        get("/v1/rules/history", Operator(RulesRead), rules::history, rules::HISTORY),
        post("/v1/rules/rollback", Operator(RulesWrite), rules::roll_back, rules::ROLL_BACK),
        get("/v1/rules/{id}", Operator(RulesRead), rules::read, rules::READ),
        post("/v1/rules/{id}/activate", Operator(RulesWrite), rules::activate, rules::ACTIVATE),
        get("/v1/rules/{id}/diff", Operator(RulesRead), rules::diff, rules::DIFF),
        post("/v1/rules/{id}/shadow", Operator(RulesWrite), rules::begin_shadow, rules::BEGIN_SHADOW),
        delete("/v1/rules/{id}/shadow", Operator(RulesWrite), rules::end_shadow, rules::END_SHADOW),
    ]
}

/// For whoever watches over the process.
fn for_probes() -> Vec<Route> {
    vec![
        get("/healthz", Anyone, health::live, health::LIVE),
        get("/readyz", Anyone, health::ready, health::READY),
    ]
}

/// For whoever writes a program against the interface. It says nothing that the source does not.
fn for_developers() -> Vec<Route> {
    vec![get("/openapi.json", Anyone, openapi::read, openapi::READ)]
}

/// Access tokens: programs get them at the console, servers where they use them. OAuth's endpoints ask for
/// their callers as its RFCs say, and are described by its own metadata.
#[rustfmt::skip]
fn for_tokens() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    vec![
        ("/.well-known/oauth-authorization-server", routing::get(oauth::well_known::metadata)),
        ("/oauth/jwks.json", routing::get(oauth::well_known::jwks)),
        ("/oauth/revoke", routing::post(oauth::revoke::revoke)),
        ("/oauth/token", routing::post(oauth::token::issue)),
    ]
}

/// Pages on which people sign in and consent.
fn for_people() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    let authorize = routing::get(oauth::authorize::show).post(oauth::authorize::decide);
    vec![
        ("/oauth/authorize", authorize),
        (
            "/oauth/callback/{provider}",
            routing::get(oauth::callback::come_back),
        ),
        ("/oauth/style.css", routing::get(oauth::style)),
    ]
}

/// OAuth's own, which no line says a caller of.
fn of_oauth(listener: Listener) -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    match listener {
        Listener::Console => [for_tokens(), for_people()].concat(),
        Listener::Private => for_tokens(),
        Listener::Public => vec![],
    }
}

/// The paths of OAuth that a listener answers: who calls there proves itself in the body, if at all.
pub fn oauth_paths(listener: Listener) -> Vec<&'static str> {
    let routes = of_oauth(listener).into_iter();
    routes.map(|(path, _)| path).collect()
}

/// What a listener answers.
pub fn routes(listener: Listener) -> Vec<Route> {
    let lists = match listener {
        Listener::Console => vec![
            for_operators(),
            for_operators_in_person(),
            for_probes(),
            for_developers(),
        ],
        // Operators' too, whose programs are servers.
        Listener::Private => vec![
            for_servers(),
            for_operators(),
            for_probes(),
            for_developers(),
        ],
        Listener::Public => vec![for_browsers(), for_probes()],
    };
    lists.into_iter().flatten().collect()
}

/// What all of this is, in OpenAPI's words.
pub fn document() -> Document {
    Document::of(Listener::ALL.map(|listener| (listener, routes(listener))))
}

/// The public listener.
pub fn public(app: &Arc<App>) -> Router {
    let proxied = from_fn_with_state(Arc::clone(app), forwarded_for);
    let routes = limited(build(Listener::Public, app), app, Limit::Page);
    finish(routes.layer(proxied), app, Listener::Public)
}

/// The private listener.
pub fn private(app: &Arc<App>) -> Router {
    let routes = build(Listener::Private, app).layer(Extension(document()));
    finish(
        limited(with_certificates(routes, app), app, Limit::Private),
        app,
        Listener::Private,
    )
}

/// The console's listener.
pub fn console(app: &Arc<App>) -> Router {
    let routes = build(Listener::Console, app).layer(Extension(document()));
    finish(
        limited(with_certificates(routes, app), app, Limit::Page),
        app,
        Listener::Console,
    )
}

/// Each route behind the check of its caller.
fn build(listener: Listener, app: &Arc<App>) -> Router<Arc<App>> {
    let mut router = Router::new();
    for route in routes(listener) {
        let guard = (Arc::clone(app), route.access);
        let handler = match route.access {
            Access::Anyone => route.handler,
            _ => route.handler.route_layer(from_fn_with_state(guard, admit)),
        };
        router = router.route(route.path, handler);
    }
    for (path, handler) in of_oauth(listener) {
        router = router.route(path, handler);
    }
    router
}

fn with_certificates(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    routes.layer(from_fn_with_state(
        Arc::clone(app),
        certificate::still_trusted,
    ))
}

/// What no limit names is counted by `otherwise`, paths that are not there too.
fn limited(routes: Router<Arc<App>>, app: &Arc<App>, otherwise: Limit) -> Router<Arc<App>> {
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Threshold::new(app, otherwise), limit))
}

/// Outermost last: a request passes `observe`, then `security_headers`, then, if it is a browser's,
/// `forwarded_for`, then `limit`, then, if it is no browser's, `still_trusted`, then the check of its
/// caller, then its handler.
fn finish(routes: Router<Arc<App>>, app: &Arc<App>, listener: Listener) -> Router {
    routes
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(
            Observed {
                app: Arc::clone(app),
                listener: listener.as_str(),
                // Servers have traces of their own; browsers say what they like.
                takes_parent: listener == Listener::Private,
            },
            observe,
        ))
        .with_state(Arc::clone(app))
}
