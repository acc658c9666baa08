//! Pruning: entries past their retention go, in whole segments at signed roots.

use crate::{
    clock::Timestamp,
    store::{
        Store, StoreError,
        audit::{self, AuditEntry, pruning},
    },
};

/// Removes the segments that ended before `before`; gives how many entries that were, of which the audit tells too.
///
/// # Errors
/// When the store fails; what was removed by then stays so, and still verifies.
pub async fn prune(store: &Store, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
    let due = store.read(move |connection| pruning::due(connection, before));
    let mut removed = 0;
    for end in due.await? {
        removed += store
            .write("prune_audit", move |tx| pruning::prune(tx, &end))
            .await?;
    }
    if removed > 0 {
        let entry = AuditEntry {
            action: "audit.pruned",
            count: Some(removed),
            ..AuditEntry::default()
        };
        let logged = store.write("log_pruned", move |tx| audit::append(tx, &entry, now));
        logged.await?;
        store.note_deleted(&["audit"]);
    }
    Ok(removed)
}
