//! What a refusal leaves behind: an entry in the security log, and an alert when they pile up.

use std::net::IpAddr;

use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    clock::Timestamp,
    http::Peer,
    mode::Mode,
    store::{
        StoreError, Tx,
        alerts::{self, Alert},
        audit::{self, AUTH_FAILED, AuditEntry},
    },
};

/// Failed authentications from one address within [`ALERT_WINDOW_S`] that raise an alert (S26).
const ALERT_FAILURES: u32 = 5;
const ALERT_WINDOW_S: i64 = 60;

/// Appends a refusal that happened before any session was looked at. The address is digested under
/// the live mode's key, since the caller's mode is not known.
///
/// # Errors
/// When the store fails: a refusal that cannot be logged fails the request.
pub async fn audit_refusal(
    app: &App,
    action: &'static str,
    code: ErrorCode,
    reason: Option<&'static str>,
    peer: &Peer,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let ip_digest = digest(app, peer.ip);
    let entry = AuditEntry {
        action,
        code: Some(code.as_str()),
        reason,
        ip_digest: Some(ip_digest),
        request_id: Some(peer.request_id.clone()),
        ..AuditEntry::default()
    };
    let alert_id = app.rng.id("alr_", now)?;
    app.store
        .write("audit_refusal", move |tx| {
            audit::append(tx, &entry, now)?;
            if action == AUTH_FAILED {
                raise_alert(tx, alert_id, ip_digest, now)
            } else {
                Ok(())
            }
        })
        .await
}

fn digest(app: &App, ip: IpAddr) -> [u8; 16] {
    app.ip_digest(Mode::Live, ip)
}

/// One alert for each address and window, however many failures follow.
fn raise_alert(
    tx: &Tx<'_>,
    id: String,
    subject: [u8; 16],
    now: Timestamp,
) -> Result<(), StoreError> {
    let kind = "auth_failures";
    let since = now.plus_seconds(-ALERT_WINDOW_S);
    if alerts::raised_since(tx, kind, &subject, since)? {
        return Ok(());
    }
    let count = audit::count_auth_failures(tx, &subject, since, ALERT_FAILURES)?;
    if count < ALERT_FAILURES {
        return Ok(());
    }
    tracing::warn!(event = "alert", kind, alert_id = id, count);
    metrics::counter!("waxseal_alerts_total", "kind" => kind).increment(1);
    alerts::insert(
        tx,
        &Alert {
            id,
            kind,
            subject,
            count,
            raised_at: now,
        },
    )
}
