//! Functions that tests' statements find on either engine: what SQLite's own ones are called, and ids from
//! bytes to text and back.

use rusqlite::{Connection, functions::FunctionFlags};
use waxseal_verifier::store::{FromValue, RowId, Value};

/// On PostgreSQL, in the test's schema.
pub(crate) const POSTGRES: &str = "
    CREATE FUNCTION zeroblob(bigint) RETURNS bytea LANGUAGE sql
        AS $$ SELECT decode(repeat('00', $1::int), 'hex') $$;
    CREATE FUNCTION id_text(kind text, id bytea) RETURNS text LANGUAGE plpgsql STRICT AS $$
    DECLARE
        alphabet text := '0123456789abcdefghjkmnpqrstvwxyz';
        digits text := encode(set_byte(id, 0, get_byte(id, 0) & 127), 'hex');
        written text := kind || CASE WHEN get_byte(id, 0) > 127 THEN '_test_' ELSE '_live_' END;
        number int := ('x' || lpad(substr(digits, 1, 2), 8, '0'))::bit(32)::int;
    BEGIN
        written := written || substr(alphabet, number / 32 + 1, 1) || substr(alphabet, number % 32 + 1, 1);
        FOR part IN 0..5 LOOP
            number := ('x' || lpad(substr(digits, 3 + part * 5, 5), 8, '0'))::bit(32)::int;
            FOR place IN REVERSE 3..0 LOOP
                written := written || substr(alphabet, (number >> (5 * place)) % 32 + 1, 1);
            END LOOP;
        END LOOP;
        RETURN written;
    END $$;
    CREATE FUNCTION id_bytes(id text) RETURNS bytea LANGUAGE plpgsql STRICT AS $$
    DECLARE
        digits text := '';
        number int := 0;
    BEGIN
        FOR place IN 1..26 LOOP
            number := number * 32 - 1
                + strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(split_part(id, '_', 3), place, 1));
            IF place % 4 = 2 THEN
                digits := digits || lpad(to_hex(number), CASE place WHEN 2 THEN 2 ELSE 5 END, '0');
                number := 0;
            END IF;
        END LOOP;
        RETURN set_byte(decode(digits, 'hex'), 0,
            ('x' || lpad(substr(digits, 1, 2), 8, '0'))::bit(32)::int
                + CASE split_part(id, '_', 2) WHEN 'test' THEN 128 ELSE 0 END);
    END $$";

/// On a connection to SQLite.
pub(crate) fn sqlite(path: &std::path::Path) -> Connection {
    let connection = Connection::open(path).expect("the database");
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("id_text", 2, flags, |context| {
            let kind: String = context.get(0)?;
            let id: Option<Vec<u8>> = context.get(1)?;
            Ok(id.map(|id| row_id(&id).text(&kind)))
        })
        .expect("a function");
    connection
        .create_scalar_function("id_bytes", 1, flags, |context| {
            let id: String = context.get(0)?;
            let kind = id.split('_').next().expect("a kind");
            let row_id = RowId::parse(kind, &id).expect("an id");
            Ok(row_id.as_bytes().to_vec())
        })
        .expect("a function");
    connection
}

fn row_id(bytes: &[u8]) -> RowId {
    RowId::from_value(Value::Bytes(bytes)).expect("sixteen bytes")
}
