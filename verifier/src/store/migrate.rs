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

#[cfg(test)]
mod tests {
    use refinery::Target;

    use super::*;
    use crate::store::{key_state::KeyState, keys};

    /// A row in each table that a later version changes, as the first version wrote it.
    const V1_ROWS: &str = "
        INSERT INTO key VALUES ('00', 'dek', 'test', 1, 'active', 1, 1, NULL, x'01');
        INSERT INTO audit (at, action) VALUES (1, 'session.created');";

    #[test]
    fn every_older_schema_is_brought_up_to_date_with_its_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        embedded::migrations::runner()
            .set_target(Target::Version(1))
            .run(&mut connection)
            .unwrap();
        connection.execute_batch(V1_ROWS).unwrap();
        run(&mut connection).unwrap();
        let [key] = keys::list(&connection).unwrap().try_into().unwrap();
        assert_eq!((key.state, key.destroyed_at), (KeyState::Active, None));
        assert_eq!(keys::revision(&connection).unwrap(), 0);
        let entries: u32 = connection
            .query_row(
                "SELECT count(*) FROM audit WHERE key_id IS NULL",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(entries, 1);
    }
}
