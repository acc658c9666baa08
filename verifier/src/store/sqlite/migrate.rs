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
    use crate::store::{cards, key_state::KeyState, keys, sessions, submissions};

    /// A row in each table that a later version changes, as the first version wrote it.
    const V1_ROWS: &str = "
        INSERT INTO key (id, purpose, mode, version, state, created_at, activated_at, retired_at, wrapped)
            VALUES ('00', 'dek', 'test', 1, 'active', 1, 1, NULL, x'01');
        INSERT INTO audit (at, action) VALUES (1, 'session.created');
        INSERT INTO merchant VALUES ('m1', 'test', 'Shop', 1);
        INSERT INTO session VALUES ('cs_1', 'm1', 'payment', 1, 'USD', 'o1', 'https://a.example', 'DE', 'visa',
            'de', 'full', 'accepted', 1, 1, 'sub_1', 1, 2);
        INSERT INTO card VALUES ('m1', 'card_1', '9', 'visa', '4242', x'01', x'02', 1);
        INSERT INTO card_fingerprint VALUES ('m1', 1, zeroblob(32), 'card_1');
        INSERT INTO submission VALUES ('sub_1', 'cs_1', 'm1', 'card_1', NULL, x'01', x'02', x'03', 'allow', x'04',
            '1', 1);";

    /// What the second version added, as it wrote it.
    const V2_ROWS: &str = "
        UPDATE key SET encryptions = 6, destroyed_at = NULL;
        UPDATE keyring SET revision = 0, kek_id = 'aa';";

    #[test]
    fn every_older_schema_is_brought_up_to_date_with_its_rows() {
        for version in [1, 2] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection
                .execute_batch("PRAGMA foreign_keys = ON")
                .unwrap();
            assert!(check(&mut connection).is_err());
            embedded::migrations::runner()
                .set_target(Target::Version(version))
                .run(&mut connection)
                .unwrap();
            connection.execute_batch(V1_ROWS).unwrap();
            if version == 2 {
                connection.execute_batch(V2_ROWS).unwrap();
            }
            brought_up_to_date(connection);
        }
    }

    fn brought_up_to_date(mut connection: Connection) {
        assert!(check(&mut connection).is_err());
        run(&mut connection).unwrap();
        check(&mut connection).unwrap();
        let connection = crate::store::Connection::from(connection);
        let card = cards::find_by_fingerprint(&connection, "m1", 1, &[0; 32]);
        assert_eq!(card.unwrap().unwrap().id, "card_1");
        let session = sessions::find(&connection, "cs_1").unwrap().unwrap();
        assert_eq!((session.customer_id, session.attempts), (None, 1));
        let submission = submissions::find(&connection, "sub_1").unwrap().unwrap();
        assert_eq!((submission.customer_id, submission.erased_at), (None, None));
        assert_eq!(submission.facts_enc, [4]);
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
