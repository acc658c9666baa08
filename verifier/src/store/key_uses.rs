//! How many values are encrypted or digested under a key.

use rusqlite::{Connection, params};

use super::{StoreError, crypter::parse_key_id, keys::KeyRow};

/// Values in all encrypted columns that carry the id of `key`. Reads every row: for an operator's
/// commands.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, key: &KeyRow) -> Result<u64, StoreError> {
    match key.purpose.as_str() {
        "dek" => {}
        "fingerprint_root" => {
            let sql =
                "SELECT count(*) FROM card_fingerprint WHERE version = ?1 AND merchant_id GLOB ?2";
            let merchants = format!("mch_{}_*", key.mode.as_str());
            return Ok(
                connection.query_row(sql, params![key.version, merchants], |row| row.get(0))?
            );
        }
        _ => return Ok(0),
    }
    let id = parse_key_id(&key.id)?;
    // Behind the version byte; see crypter.rs.
    let columns = [
        ("card", ["pan_enc", "salt_enc"].as_slice()),
        (
            "submission",
            &["details_enc", "signals_enc", "ip_enc", "facts_enc"],
        ),
    ];
    let mut uses = 0;
    for (table, columns) in columns {
        let sums: Vec<String> = columns
            .iter()
            .map(|column| format!("coalesce(sum(substr({column}, 2, 8) = ?1), 0)"))
            .collect();
        let sql = format!("SELECT {} FROM {table}", sums.join(" + "));
        uses += connection.query_row(&sql, params![id], |row| row.get::<_, u64>(0))?;
    }
    Ok(uses)
}
