//! Table `configuration_section`: what the verifier that started last was given, section by section.

use std::collections::BTreeMap;

use super::{StoreError, Tx};
use crate::values;

/// A keyed digest of a section: nothing of its options can be guessed from it.
pub type SectionDigest = [u8; 16];

/// Puts `sections` in the place of what was recorded; gives the names of those that are new, gone or different, in
/// order. None are where nothing was recorded before.
///
/// # Errors
/// When the store fails.
pub fn replace(
    tx: &Tx<'_>,
    sections: &BTreeMap<String, SectionDigest>,
) -> Result<Vec<String>, StoreError> {
    let recorded = tx.rows(
        "SELECT section, digest FROM configuration_section",
        &[],
        |row| Ok((row.get::<String>(0)?, row.get::<SectionDigest>(1)?)),
    )?;
    let is_first = recorded.is_empty();
    let recorded: BTreeMap<String, SectionDigest> = recorded.into_iter().collect();
    let names = recorded.keys().chain(sections.keys());
    let mut changed: Vec<String> = names
        .filter(|name| recorded.get(*name) != sections.get(*name))
        .cloned()
        .collect();
    changed.sort();
    changed.dedup();
    for name in &changed {
        match sections.get(name) {
            None => tx.execute_any(
                "DELETE FROM configuration_section WHERE section = ?1",
                values![name],
            )?,
            Some(digest) => tx.execute_any(
                "INSERT INTO configuration_section (section, digest) VALUES (?1, ?2)
                 ON CONFLICT (section) DO UPDATE SET digest = excluded.digest",
                values![name, digest],
            )?,
        }
    }
    Ok(if is_first { Vec::new() } else { changed })
}
