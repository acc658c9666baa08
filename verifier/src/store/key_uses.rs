//! How many values are encrypted or digested under a key.

use super::{Connection, StoreError, cards, crypter::parse_key_id, keys::KeyRow};
use crate::values;

/// Values in all encrypted columns that carry the id of `key`. Reads every row: for an operator's
/// commands.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, key: &KeyRow) -> Result<u64, StoreError> {
    match key.purpose.as_str() {
        "dek" => {}
        "audit_root" => {
            return connection.the_row(
                "SELECT count(*) FROM audit_root WHERE kid = ?1",
                values![key.id],
                |row| row.get(0),
            );
        }
        "model" => {
            return connection.the_row(
                "SELECT count(*) FROM risk_model WHERE kid = ?1",
                values![key.id],
                |row| row.get(0),
            );
        }
        "fingerprint_root" => {
            return connection.the_row(
                "SELECT count(*) FROM card_fingerprint WHERE mode = ?1 AND version = ?2",
                values![cards::number(key.mode), key.version],
                |row| row.get(0),
            );
        }
        _ => return Ok(0),
    }
    let id = parse_key_id(&key.id)?;
    // Behind the version byte; see crypter.rs.
    let columns = [
        ("card", ["pan_enc", "salt_enc"].as_slice()),
        ("customer", &["reference_enc"]),
        ("reveal", &["reason_enc"]),
        ("risk_list_entry", &["value_enc"]),
        ("second_factor", &["seed_enc"]),
        (
            "submission",
            &["details_enc", "signals_enc", "ip_enc", "facts_enc"],
        ),
    ];
    let mut uses = 0;
    for (table, columns) in columns {
        let sums: Vec<String> = columns
            .iter()
            .map(|column| format!("count(*) FILTER (WHERE substr({column}, 2, 8) = ?1)"))
            .collect();
        let sql = format!("SELECT {} FROM {table}", sums.join(" + "));
        uses += connection.the_row(&sql, values![id], |row| row.get::<u64>(0))?;
    }
    Ok(uses)
}
