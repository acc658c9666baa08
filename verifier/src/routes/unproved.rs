//! Why a request's credentials prove nobody: for the audit, never for the caller.

use waxseal_protocol::ErrorCode;

use crate::store::audit::{AUTH_FAILED, AuditEntry};

/// Credentials that prove nobody.
#[derive(Clone, Debug)]
pub(super) struct Unproved {
    /// From a fixed list.
    reason: &'static str,
    /// The client that the credentials name, if there is one.
    client_id: Option<String>,
    /// `spki:…` of a certificate that is nobody's, as `verifier clients unbind` takes it and `clients list` shows it.
    pin: Option<String>,
}

impl Unproved {
    pub(super) const fn new(reason: &'static str) -> Self {
        Self {
            reason,
            client_id: None,
            pin: None,
        }
    }

    /// With a good certificate that no client is known by.
    pub(super) const fn by_certificate(pin: String) -> Self {
        Self {
            reason: "certificate_unbound",
            client_id: None,
            pin: Some(pin),
        }
    }

    pub(super) fn of_client(mut self, client_id: String) -> Self {
        self.client_id = Some(client_id);
        self
    }

    /// What the audit keeps of it.
    pub(super) fn entry(self, code: ErrorCode) -> AuditEntry {
        let reason = self.reason;
        AuditEntry {
            action: AUTH_FAILED,
            code: Some(code.as_str()),
            reason: Some(reason),
            stated: self.pin.map(|pin| format!("{reason} {pin}")),
            client_id: self.client_id,
            ..AuditEntry::default()
        }
    }
}
