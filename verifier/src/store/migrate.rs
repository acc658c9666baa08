//! The schema's versions, embedded and applied in order.

use rusqlite::Connection;

use super::StoreError;

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Applies what is missing. A database of a newer schema, or one whose applied migrations differ from
/// ours, is refused.
pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    embedded::migrations::runner()
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .set_grouped(true)
        .run(connection)
        .map(drop)
        .map_err(|error| StoreError::Migration(error.to_string()))
}
