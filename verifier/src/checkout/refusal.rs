//! What a refusal leaves behind: an entry in the security log, and an observation when somebody could not prove
//! who it is.

use std::net::IpAddr;

use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    http::Peer,
    mode::Mode,
    store::{
        StoreError, Touches,
        audit::{self, AUTH_FAILED, AuditEntry},
    },
};

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
    if entry.action == AUTH_FAILED {
        app.watch.authentication_failed(&entry, &ip_digest, now);
    }
    let touches = Touches::default().and("address", &ip_digest);
    let appended = app
        .store
        .write_grouped("audit_refusal", touches, move |tx| {
            audit::append(tx, &entry, now)
        });
    appended.await
}

fn digest(app: &App, ip: IpAddr) -> [u8; 16] {
    app.ip_digest(Mode::Live, ip)
}
