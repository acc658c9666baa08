//! The first use of a credential in an hour, in the audit.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    app::App,
    http::Peer,
    identity::{Caller, Operator},
    mode::Mode,
    store::{
        StoreError, Touches,
        audit::{self, AuditEntry},
    },
};

/// Logs that a merchant's server has proved itself `by` that, if it is the first time in this hour.
///
/// # Errors
/// When the store fails, which fails the request.
pub(super) async fn log_server(
    parts: &mut Parts,
    app: &Arc<App>,
    caller: &Caller,
    by: &'static str,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        merchant_id: Some(caller.merchant_id.clone()),
        client_id: Some(caller.client_id.clone()),
        ..AuditEntry::default()
    };
    log(parts, app, &caller.client_id, by, entry).await
}

/// The same of an operator with a secret.
///
/// # Errors
/// When the store fails, which fails the request.
pub(super) async fn log_operator(
    parts: &mut Parts,
    app: &Arc<App>,
    operator: &Operator,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        operator_id: Some(operator.id.clone()),
        ..AuditEntry::default()
    };
    log(parts, app, &operator.id, "secret", entry).await
}

async fn log(
    parts: &mut Parts,
    app: &Arc<App>,
    id: &str,
    by: &'static str,
    entry: AuditEntry,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    if !app.credential_uses.is_first(id, by, now) {
        return Ok(());
    }
    let Ok(peer) = Peer::from_request_parts(parts, app).await;
    let entry = AuditEntry {
        action: "auth.succeeded",
        reason: Some(by),
        ip_digest: Some(app.ip_digest(Mode::Live, peer.ip)),
        request_id: Some(peer.request_id),
        ..entry
    };
    let touches = Touches::default().and("caller", id);
    let logged = app
        .store
        .write_grouped("log_first_use", touches, move |tx| {
            audit::append(tx, &entry, now)
        });
    let logged = logged.await;
    if logged.is_err() {
        app.credential_uses.forget(id, by);
    }
    logged
}
