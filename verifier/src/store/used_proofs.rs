//! Table `used_proof`: signed proofs that are good for one use.

use super::{StoreError, Tx};
use crate::values;

/// Marks a proof as used. `until_s` is when it would be refused for its age, in seconds since the Unix
/// epoch: the same for the same proof. `false`: it was used before.
///
/// # Errors
/// When the store fails.
pub fn consume(tx: &Tx<'_>, until_s: u64, digest: &[u8; 32]) -> Result<bool, StoreError> {
    let was_used = tx.exists(
        "SELECT 1 FROM used_proof WHERE until_s = ?1 AND digest = ?2",
        values![until_s, digest],
    )?;
    if was_used {
        return Ok(false);
    }
    let added = tx.execute(
        "INSERT INTO used_proof (until_s, digest) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        values![until_s, digest],
    )?;
    Ok(added == 1)
}
