//! The schema's versions in SQLite, embedded and applied in order.

use rusqlite::Connection;

use super::super::{StoreError, schema};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Applies what is missing.
pub(in crate::store) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let runner = schema::strict(embedded::migrations::runner());
    let report = runner.run(connection);
    report.map(drop).map_err(|error| schema::describe(&error))
}

/// Whether the schema is this version's.
pub(in crate::store) fn check(connection: &mut Connection) -> Result<(), StoreError> {
    let runner = embedded::migrations::runner();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if connection.query_row(tables, [], |row| row.get::<_, u32>(0))? == 0 {
        return schema::compare(runner.get_migrations(), &[]);
    }
    let applied = runner.get_applied_migrations(connection);
    let applied = applied.map_err(|error| schema::describe(&error))?;
    schema::compare(runner.get_migrations(), &applied)
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
        assert!(check(&mut connection).is_err());
        embedded::migrations::runner()
            .set_target(Target::Version(1))
            .run(&mut connection)
            .unwrap();
        connection.execute_batch(V1_ROWS).unwrap();
        assert!(check(&mut connection).is_err());
        run(&mut connection).unwrap();
        check(&mut connection).unwrap();
        let connection = crate::store::Connection::from(connection);
        let [key] = keys::list(&connection).unwrap().try_into().unwrap();
        assert_eq!((key.state, key.destroyed_at), (KeyState::Active, None));
        assert_eq!(keys::revision(&connection).unwrap(), 0);
        let entries: u32 = connection
            .the_row(
                "SELECT count(*) FROM audit WHERE key_id IS NULL",
                &[],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(entries, 1);
    }
}
