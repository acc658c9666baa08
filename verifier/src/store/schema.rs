//! What the schemas of both engines have in common: their versions are applied in order, and a database of
//! another one is refused.

use refinery::{Migration, Runner};

use super::StoreError;

/// A runner that refuses a database of a newer schema, or one whose applied versions differ from ours.
pub(super) fn strict(runner: Runner) -> Runner {
    runner
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .set_grouped(true)
}

/// Whether `applied` is all of `ours`, and no more.
pub(super) fn compare(ours: &[Migration], applied: &[Migration]) -> Result<(), StoreError> {
    let newest = |versions: &[Migration]| versions.iter().map(Migration::version).max();
    match (newest(applied), newest(ours)) {
        (applied, ours) if applied == ours => Ok(()),
        (applied, ours) if applied > ours => Err(StoreError::Migration(
            "of a newer version than this verifier: use that version".to_owned(),
        )),
        _ => Err(StoreError::Migration(
            "of an older version: run `verifier migrate`".to_owned(),
        )),
    }
}

pub(super) fn describe(error: &refinery::Error) -> StoreError {
    StoreError::Migration(error.to_string())
}
