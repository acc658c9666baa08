//! What a refusal leaves behind: an entry in the security log, and an alert when they pile up.

use std::net::IpAddr;

use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    clock::Timestamp,
    http::Peer,
    mode::Mode,
    store::{
        StoreError, Touches, Tx,
        alerts::{self, Alert},
        audit::{self, AUTH_FAILED, AuditEntry},
    },
};

/// Failed authentications from one address within [`ALERT_WINDOW_S`] that raise an alert (PCI DSS 4.0.1, 10.4.1).
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
    let entry = AuditEntry {
        action,
        code: Some(code.as_str()),
        reason,
        ..AuditEntry::default()
    };
    audit_refused(app, entry, peer).await
}

/// Like [`audit_refusal`], for a refusal of which more is known.
///
/// # Errors
/// As [`audit_refusal`].
pub async fn audit_refused(app: &App, entry: AuditEntry, peer: &Peer) -> Result<(), StoreError> {
    let now = app.clock.now();
    let ip_digest = digest(app, peer.ip);
    let entry = AuditEntry {
        ip_digest: Some(ip_digest),
        request_id: Some(peer.request_id.clone()),
        ..entry
    };
    let alert_id = app.rng.id("alr_", now)?;
    let touches = Touches::default().and("address", &ip_digest);
    let raised = app
        .store
        .write_grouped("audit_refusal", touches, move |tx| {
            let raised = match entry.action {
                AUTH_FAILED => raise_alert(tx, &alert_id, ip_digest, now)?,
                _ => None,
            };
            audit::append(tx, &entry, now)?;
            Ok(raised)
        })
        .await?;
    if let Some(alert) = raised {
        alert.announce();
    }
    Ok(())
}

fn digest(app: &App, ip: IpAddr) -> [u8; 16] {
    app.ip_digest(Mode::Live, ip)
}

/// One alert for each address and window, however many failures follow. The failure at hand is not in the
/// log yet.
fn raise_alert(
    tx: &Tx<'_>,
    id: &str,
    subject: [u8; 16],
    now: Timestamp,
) -> Result<Option<Alert>, StoreError> {
    let kind = "auth_failures";
    let since = now.plus_seconds(-ALERT_WINDOW_S);
    if alerts::raised_since(tx, kind, &subject, since)? {
        return Ok(None);
    }
    let count = 1 + audit::count_auth_failures(tx, &subject, since, ALERT_FAILURES - 1)?;
    if count < ALERT_FAILURES {
        return Ok(None);
    }
    let alert = Alert {
        id: id.to_owned(),
        kind,
        subject: subject.to_vec(),
        count,
        raised_at: now,
    };
    alerts::insert(tx, &alert)?;
    Ok(Some(alert))
}
