//! The schema's versions in SQLite, embedded and applied in order.

use refinery::{Migration, Runner};
use rusqlite::{Connection, functions::FunctionFlags};

use super::super::{
    RowId, StoreError,
    schema::{self, Standing},
    velocity,
};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Applies what is missing.
pub(in crate::store) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let runner = schema::strict(embedded::migrations::runner());
    let applied = applied(connection, &runner)?;
    if schema::compare(runner.get_migrations(), &applied)? == Standing::Later {
        return Ok(());
    }
    add_functions(connection)?;
    let report = runner.run(connection);
    report.map(drop).map_err(|error| schema::describe(&error))
}

/// `row_id(text)` and `address(ip_digest, merchant_id)`, which the fifth version calls. An id is NULL for NULL, and
/// an error for what is no id of ours.
fn add_functions(connection: &Connection) -> Result<(), StoreError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("row_id", 1, flags, |context| {
        let Some(id) = context.get::<Option<String>>(0)? else {
            return Ok(None);
        };
        let kind = id.split('_').next().unwrap_or_default();
        let row_id = RowId::parse(kind, &id)
            .ok_or_else(|| rusqlite::Error::UserFunctionError("a row has no id of ours".into()))?;
        Ok(Some(row_id.as_bytes().to_vec()))
    })?;
    connection.create_scalar_function("address", 2, flags, |context| {
        let ip_digest: Vec<u8> = context.get(0)?;
        let merchant_id: [u8; 16] = context.get(1)?;
        Ok(velocity::address_of(&ip_digest, RowId::from(merchant_id)).to_vec())
    })?;
    Ok(())
}

/// Whether this version works with the schema.
pub(in crate::store) fn check(connection: &mut Connection) -> Result<(), StoreError> {
    let runner = embedded::migrations::runner();
    let applied = applied(connection, &runner)?;
    schema::expect(runner.get_migrations(), &applied)
}

fn applied(connection: &mut Connection, runner: &Runner) -> Result<Vec<Migration>, StoreError> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if connection.query_row(tables, [], |row| row.get::<_, u32>(0))? == 0 {
        return Ok(Vec::new());
    }
    let applied = runner.get_applied_migrations(connection);
    applied.map_err(|error| schema::describe(&error))
}

#[cfg(test)]
mod tests {
    use refinery::Target;

    use super::*;
    use crate::{
        clock::Timestamp,
        store::{
            audit, cards, customers,
            key_state::KeyState,
            keys, sessions, submissions,
            velocity::{VelocityEvent, address},
        },
    };

    const SHOP: &str = "mch_test_01m8q4t1p0zzzzzzzzzzzzzzz1";
    const CARD: &str = "card_test_01m8q4t1p0zzzzzzzzzzzzzzz2";
    const SESSION: &str = "cs_test_01m8q4t1p0zzzzzzzzzzzzzzz3";
    const SUBMISSION: &str = "sub_test_01m8q4t1p0zzzzzzzzzzzzzzz4";
    const CUSTOMER: &str = "cus_test_01m8q4t1p0zzzzzzzzzzzzzzz5";

    /// A row in each table that a later version changes, as the first version wrote it.
    const V1_ROWS: &str = "
        INSERT INTO key (id, purpose, mode, version, state, created_at, activated_at, retired_at, wrapped)
            VALUES ('00', 'dek', 'test', 1, 'active', 1, 1, NULL, x'01');
        INSERT INTO audit (at, action, merchant_id, session_id) VALUES (1, 'session.created', SHOP, SESSION);
        INSERT INTO merchant VALUES (SHOP, 'test', 'Shop', 1);
        INSERT INTO session VALUES (SESSION, SHOP, 'payment', 1, 'USD', 'o1', 'https://a.example', 'DE', 'visa',
            'de', 'full', 'accepted', 1, 1, SUBMISSION, 1, 2);
        INSERT INTO session_jti VALUES (SESSION, zeroblob(16));
        INSERT INTO card VALUES (SHOP, CARD, '9', 'visa', '4242', x'01', x'02', 1);
        INSERT INTO card_fingerprint VALUES (SHOP, 1, zeroblob(32), CARD);
        INSERT INTO submission VALUES (SUBMISSION, SESSION, SHOP, CARD, NULL, x'01', x'02', x'03', 'allow', x'04',
            '1', 1);
        INSERT INTO velocity_event VALUES (SESSION, SHOP, CARD, zeroblob(16), 7, 1);";

    /// What the second version added, as it wrote it.
    const V2_ROWS: &str = "
        UPDATE key SET encryptions = 6, destroyed_at = NULL;
        UPDATE keyring SET revision = 0, kek_id = 'aa';";

    /// What the third version added, as it wrote it.
    const V3_ROWS: &str = "
        INSERT INTO customer VALUES (CUSTOMER, SHOP, zeroblob(32), x'05', 1);
        INSERT INTO customer_card VALUES (CUSTOMER, CARD, 1);
        UPDATE session SET customer_id = CUSTOMER;
        UPDATE submission SET customer_id = CUSTOMER;";

    #[test]
    fn every_older_schema_is_brought_up_to_date_with_its_rows() {
        for version in 1..=4 {
            let mut connection = of_version(version);
            assert!(check(&mut connection).is_err());
            run(&mut connection).unwrap();
            check(&mut connection).unwrap();
            let connection = connection.into();
            assert!(!audit::is_carried(&connection).unwrap());
            audit::carry(&connection).unwrap();
            assert!(audit::is_carried(&connection).unwrap());
            has_the_rows_of_the_first(&connection);
            has_customer(&connection, version >= 3);
        }
    }

    #[test]
    fn a_row_without_an_id_of_ours_stops_it_and_nothing_is_changed() {
        let mut connection = of_version(4);
        connection
            .execute("INSERT INTO session_jti VALUES ('cs_1', x'01')", [])
            .unwrap();
        assert!(run(&mut connection).is_err());
        let kept = "SELECT count(*) FROM session_jti WHERE session_id = 'cs_1'";
        let kept: u32 = connection.query_row(kept, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
        assert!(check(&mut connection).is_err());
    }

    /// With the rows that each version up to that one would have written.
    fn of_version(newest: i32) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        let on = "PRAGMA foreign_keys = ON";
        connection.execute_batch(on).unwrap();
        for (version, rows) in (1..=newest).zip([V1_ROWS, V2_ROWS, V3_ROWS, ""]) {
            embedded::migrations::runner()
                .set_target(Target::Version(version))
                .run(&mut connection)
                .unwrap();
            connection.execute_batch(&with_ids(rows)).unwrap();
        }
        connection
    }

    fn with_ids(sql: &str) -> String {
        [
            ("SHOP", SHOP),
            ("CARD", CARD),
            ("SESSION", SESSION),
            ("SUBMISSION", SUBMISSION),
            ("CUSTOMER", CUSTOMER),
        ]
        .iter()
        .fold(sql.to_owned(), |sql, (name, id)| {
            sql.replace(name, &format!("'{id}'"))
        })
    }

    fn has_the_rows_of_the_first(connection: &crate::store::Connection) {
        let card = cards::find_by_fingerprint(connection, SHOP, 1, &[0; 32]);
        assert_eq!(card.unwrap().unwrap().id, CARD);
        let other = "mch_test_01m8q4t1p0zzzzzzzzzzzzzzz9";
        let card = cards::find_by_fingerprint(connection, other, 1, &[0; 32]);
        assert!(card.unwrap().is_none());
        let session = sessions::find(connection, SESSION).unwrap().unwrap();
        assert_eq!(session.submission_id.as_deref(), Some(SUBMISSION));
        assert_eq!((session.merchant_id.as_str(), session.attempts), (SHOP, 1));
        assert!(sessions::has_jti(connection, SESSION, &[0; 16]).unwrap());
        let submission = submissions::find(connection, SUBMISSION).unwrap().unwrap();
        assert_eq!(
            (submission.card_id.as_str(), submission.erased_at),
            (CARD, None)
        );
        assert_eq!(submission.facts_enc, [4]);
        let event = VelocityEvent {
            session_id: "cs_test_01m8q4t1p0zzzzzzzzzzzzzzz8".to_owned(),
            card_id: CARD.to_owned(),
            address: address(&[1; 16], SHOP).unwrap(),
            usd_micros: None,
            at: Timestamp::from_millis(2),
        };
        let since = Timestamp::from_millis(0);
        let sum = velocity::sum_usd_micros(connection, &event, since, 100);
        assert_eq!(sum.unwrap(), 7, "by the card");
        let event = VelocityEvent {
            card_id: CARD.replace('2', "9"),
            address: address(&[0; 16], SHOP).unwrap(),
            ..event
        };
        let sum = velocity::sum_usd_micros(connection, &event, since, 100);
        assert_eq!(sum.unwrap(), 7, "by the address");
        let event = VelocityEvent {
            address: address(&[0; 16], &SHOP.replace('1', "9")).unwrap(),
            ..event
        };
        let sum = velocity::sum_usd_micros(connection, &event, since, 100);
        assert_eq!(sum.unwrap(), 0, "another merchant's");
        let [key] = keys::list(connection).unwrap().try_into().unwrap();
        assert_eq!((key.state, key.destroyed_at), (KeyState::Active, None));
        assert_eq!(keys::revision(connection).unwrap(), 0);
        let entries = "SELECT count(*) FROM audit WHERE key_id IS NULL";
        let entries: u32 = connection.the_row(entries, &[], |row| row.get(0)).unwrap();
        assert_eq!(entries, 1);
    }

    fn has_customer(connection: &crate::store::Connection, is_there: bool) {
        let found = customers::find_by_reference(connection, SHOP, &[0; 32]).unwrap();
        let session = sessions::find(connection, SESSION).unwrap().unwrap();
        let submission = submissions::find(connection, SUBMISSION).unwrap().unwrap();
        let id = is_there.then(|| CUSTOMER.to_owned());
        assert_eq!(found.as_ref().map(|customer| customer.id.clone()), id);
        assert_eq!(
            (session.customer_id, submission.customer_id),
            (id.clone(), id)
        );
        let cards = found.map(|customer| customers::cards(connection, &customer, "", 9).unwrap());
        assert_eq!(cards.map_or(0, |cards| cards.len()), usize::from(is_there));
    }
}
