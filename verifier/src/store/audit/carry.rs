//! What was logged before entries were chained, carried into the chains in the order in which it was logged.

use super::{
    super::{Connection, RowId, StoreError},
    chain::{FIELDS, Heads},
};
use crate::values;

/// Entries that are read at once.
const BATCH: u32 = 1_000;
/// Of each merchant's chains the one that they go to.
const CHAIN: u8 = 0;

/// Whether nothing is left to be carried.
pub(in crate::store) fn is_carried(connection: &Connection) -> Result<bool, StoreError> {
    let table = match connection.sqlite() {
        Some(_) => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit_former'",
        None => {
            "SELECT 1::bigint FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'audit_former'"
        }
    };
    Ok(!connection.exists(table, &[])?)
}

/// Carries what is left, all of it or, when something fails, nothing.
pub(in crate::store) fn carry(connection: &Connection) -> Result<(), StoreError> {
    if is_carried(connection)? {
        return Ok(());
    }
    let begin = match connection.sqlite() {
        Some(_) => "BEGIN IMMEDIATE",
        None => {
            "BEGIN; SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.waxseal.schema'))"
        }
    };
    connection.run(begin)?;
    match in_transaction(connection) {
        Ok(()) => connection.run("COMMIT"),
        Err(error) => {
            connection.run("ROLLBACK")?;
            Err(error)
        }
    }
}

fn in_transaction(connection: &Connection) -> Result<(), StoreError> {
    // Another verifier may have come first.
    if is_carried(connection)? {
        return Ok(());
    }
    // All but `subject` and `count`, which there were not.
    let columns = FIELDS[..11].join(", ");
    let sql = format!(
        "SELECT seq, merchant_id, {columns} FROM audit_former WHERE seq > ?1 ORDER BY seq LIMIT {BATCH}"
    );
    let mut heads = Heads::default();
    let mut last = Some(0_i64);
    while let Some(after) = last {
        let read = connection.rows(&sql, values![after], |row| {
            let fields = [
                row.column(2)?,
                row.column(3)?,
                row.column(4)?,
                row.column(5)?,
                row.column(6)?,
                row.column(7)?,
                row.column(8)?,
                row.column(9)?,
                row.column(10)?,
                row.column(11)?,
                row.column(12)?,
                super::super::Value::Null,
                super::super::Value::Null,
            ];
            let merchant: Option<RowId> = row.get(1)?;
            let merchant = merchant.unwrap_or(RowId::LEAST);
            heads.append(connection, merchant, CHAIN, &fields)?;
            row.get::<i64>(0)
        });
        last = read?.last().copied();
    }
    connection.run("DROP TABLE audit_former")
}
