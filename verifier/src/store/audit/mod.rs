//! Table `audit`: what happened, append-only and hash-chained.

mod carry;
pub mod chain;
pub mod kind;
pub mod listing;
pub mod position;
pub mod pruning;
pub mod roots;
pub mod walk;

pub(super) use carry::{carry, is_carried};

use super::{RowId, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// The action of a refused credential; the schema has an index over it.
pub const AUTH_FAILED: &str = "auth.failed";

/// One entry. Every member is an id, a digest, from a fixed list, or what an operator stated: never
/// content.
#[derive(Clone, Debug, Default)]
pub struct AuditEntry {
    /// What was done or tried.
    pub action: &'static str,
    /// Stable error code, when it was refused.
    pub code: Option<&'static str>,
    /// Why, from a fixed list.
    pub reason: Option<&'static str>,
    /// Why, in the operator's own words, or the scopes that a client has now; stands in the place of `reason`.
    pub stated: Option<String>,
    /// The merchant concerned.
    pub merchant_id: Option<String>,
    /// The server that called.
    pub client_id: Option<String>,
    /// The session concerned.
    pub session_id: Option<String>,
    /// Keyed digest of the address that called.
    pub ip_digest: Option<[u8; 16]>,
    /// The request.
    pub request_id: Option<String>,
    /// The key concerned.
    pub key_id: Option<String>,
    /// The operator who called.
    pub operator_id: Option<String>,
    /// The card concerned.
    pub card_id: Option<String>,
    /// Keyed pseudonym of what was given, such as a name that nobody has; or a digest of a configuration.
    pub subject: Option<Vec<u8>>,
    /// How many, of what is counted.
    pub count: Option<u64>,
}

/// Appends an entry.
///
/// # Errors
/// When its kind or one of its fields is none that [`kind::KINDS`] has, or the store fails.
pub fn append(tx: &Tx<'_>, entry: &AuditEntry, at: Timestamp) -> Result<(), StoreError> {
    kind::check(entry)?;
    let row_id = |kind, id: &Option<String>| RowId::parse(kind, id.as_deref()?);
    let merchant = row_id("mch", &entry.merchant_id).unwrap_or(RowId::LEAST);
    tx.append_entry(
        merchant,
        values![
            at,
            entry.action,
            entry.code,
            entry.stated.as_deref().or(entry.reason),
            entry.client_id,
            row_id("cs", &entry.session_id),
            entry.ip_digest,
            entry.request_id.as_deref().and_then(RowId::of_request),
            entry.key_id,
            entry.operator_id,
            entry.card_id,
            entry.subject,
            entry.count,
        ],
    )
}
