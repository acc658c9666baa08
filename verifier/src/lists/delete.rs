//! Taking a whole list away.

use waxseal_engine::rules::RuleSet;

use super::ListError;
use crate::{
    clock::Timestamp,
    keys::Occasion,
    store::{
        StoreError, Tx,
        audit::{self, AuditEntry},
        lists, rule_sets,
    },
};

/// Deletes a list with its entries, unless rules that are asked name it.
///
/// # Errors
/// When the store fails; the inner error is the caller's.
pub fn delete_list(
    tx: &Tx<'_>,
    name: &str,
    occasion: &Occasion,
) -> Result<Result<(), ListError>, StoreError> {
    let Some(list) = lists::find(tx, name)? else {
        return Ok(Err(ListError::NotFound));
    };
    let is_always_there = list.created_at == Timestamp::from_millis(0);
    if is_always_there || is_asked(tx, name)? {
        return Ok(Err(ListError::InUse));
    }
    lists::delete_list(tx, name)?;
    let entry = AuditEntry {
        action: "list.deleted",
        stated: Some(name.to_owned()),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)?;
    Ok(Ok(()))
}

/// Rules that cannot be read here may name it: a later release's verifier asks them.
fn is_asked(tx: &Tx<'_>, name: &str) -> Result<bool, StoreError> {
    let asked = rule_sets::in_use(tx)?;
    Ok(asked.iter().any(|row| match RuleSet::parse(&row.text) {
        Ok(set) => set.lists().any(|(list, _)| list == name),
        Err(_) => true,
    }))
}
