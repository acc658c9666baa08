//! Which version of rules decides, and which is tried beside.

use waxseal_engine::rules::{RuleSet, seed};

use super::{
    RuleSetDetails, RuleSetError,
    keep::{check_lists, log},
};
use crate::{
    app::App,
    clock::Timestamp,
    http::Problem,
    keys::Occasion,
    risk::RULE_SET,
    rng::Rng,
    store::{
        Store, StoreError, Tx, may_be_id,
        rule_sets::{self, ChangeRow, RuleSetRow, RuleSetState},
    },
};

/// Changes of a history that are read at once.
const PAGE: u32 = 1000;

type Changed<T> = Result<Result<T, RuleSetError>, StoreError>;

/// Changes which rules are asked, and asks those from here on; other verifiers follow.
///
/// # Errors
/// The caller's, or when the store fails.
pub async fn change<T: Send + 'static>(
    app: &App,
    name: &'static str,
    job: impl FnOnce(&Tx<'_>) -> Changed<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = app.store.write(name, job).await??;
    app.rules.refresh(&app.store).await?;
    Ok(done)
}

/// Lets a version decide, for its merchant or for all; the one that did is kept.
///
/// # Errors
/// When the store fails; the inner error is the caller's.
pub fn activate(tx: &Tx<'_>, id: &str, occasion: &Occasion) -> Changed<RuleSetDetails> {
    appoint(tx, id, RuleSetState::Active, "activated", occasion)
}

/// Asks a version beside the one that decides, without effect; the one that was tried before is kept.
///
/// # Errors
/// When the store fails; the inner error is the caller's.
pub fn begin_shadow(tx: &Tx<'_>, id: &str, occasion: &Occasion) -> Changed<RuleSetDetails> {
    appoint(tx, id, RuleSetState::Shadow, "shadowed", occasion)
}

fn appoint(
    tx: &Tx<'_>,
    id: &str,
    state: RuleSetState,
    change: &'static str,
    occasion: &Occasion,
) -> Changed<RuleSetDetails> {
    let Some(row) = rule_sets::find(tx, id)? else {
        return Ok(Err(RuleSetError::NotFound));
    };
    if row.state == state {
        return Ok(Ok(row.into()));
    }
    if row.state == RuleSetState::Active {
        return Ok(Err(RuleSetError::Active));
    }
    if let Err(error) = check_fit(tx, &row)? {
        return Ok(Err(error));
    }
    if let Some(former) = rule_sets::in_state(tx, &row.merchant_id, state)? {
        rule_sets::set_state(tx, &former.id, RuleSetState::Kept)?;
    }
    rule_sets::set_state(tx, &row.id, state)?;
    log(tx, change, (&row.merchant_id, Some(&row.id)), occasion)?;
    Ok(Ok(RuleSetRow { state, ..row }.into()))
}

/// Whether a stored version can be asked: a later release may have written it, and lists may be gone.
fn check_fit(tx: &Tx<'_>, row: &RuleSetRow) -> Changed<()> {
    let checked = match RuleSet::parse(&row.text) {
        Ok(set) => check_lists(tx, &set)?,
        Err(errors) => Err(errors),
    };
    Ok(checked.map_err(RuleSetError::Invalid))
}

/// Tries a version no longer.
///
/// # Errors
/// When the store fails; the inner error is the caller's.
pub fn end_shadow(tx: &Tx<'_>, id: &str, occasion: &Occasion) -> Changed<()> {
    match rule_sets::find(tx, id)? {
        Some(row) if row.state == RuleSetState::Shadow => {
            rule_sets::set_state(tx, &row.id, RuleSetState::Kept)?;
            log(
                tx,
                "shadow_ended",
                (&row.merchant_id, Some(&row.id)),
                occasion,
            )?;
            Ok(Ok(()))
        }
        _ => Ok(Err(RuleSetError::NotFound)),
    }
}

/// Lets the version decide again that did before the one that does, for a merchant (empty: for all); none where that was
/// what is for all, or the shipped rules. Asked again it goes one further back.
///
/// # Errors
/// When the store fails; the inner error is the caller's.
pub fn roll_back(
    tx: &Tx<'_>,
    merchant_id: &str,
    occasion: &Occasion,
) -> Changed<Option<RuleSetDetails>> {
    if !may_be_id(merchant_id) {
        return Ok(Err(RuleSetError::NothingBefore));
    }
    let Some(active) = rule_sets::in_state(tx, merchant_id, RuleSetState::Active)? else {
        return Ok(Err(RuleSetError::NothingBefore));
    };
    let mut decided = Vec::new();
    let mut after = 0;
    loop {
        let changes = rule_sets::changes(tx, merchant_id, after, PAGE)?;
        let Some(last) = changes.last() else {
            break;
        };
        after = last.number;
        for change in changes {
            follow(&mut decided, change);
        }
    }
    // The active one itself.
    decided.pop();
    let former = match decided.pop() {
        Some(id) => rule_sets::find(tx, &id)?,
        None => None,
    };
    if let Some(former) = &former
        && let Err(error) = check_fit(tx, former)?
    {
        return Ok(Err(error));
    }
    rule_sets::set_state(tx, &active.id, RuleSetState::Kept)?;
    if let Some(former) = &former {
        rule_sets::set_state(tx, &former.id, RuleSetState::Active)?;
    }
    let id = former.as_ref().map(|row| row.id.as_str());
    log(tx, "rolled_back", (merchant_id, id), occasion)?;
    let state = RuleSetState::Active;
    Ok(Ok(former.map(|row| RuleSetRow { state, ..row }.into())))
}

/// What decided, the latest last, with what rolling back has taken off again.
fn follow(decided: &mut Vec<String>, change: ChangeRow) {
    match change.change.as_str() {
        "activated" => decided.extend(change.rule_set),
        "rolled_back" => _ = decided.pop(),
        // Whoever activates a version takes it out of the shadow; that changes nothing of what decides, nor do others.
        _ => {}
    }
}

/// Keeps the rules that this build carries among the stored ones, so that decisions by them can be replayed when another
/// build carries others.
///
/// # Errors
/// When the generator or the store fails.
pub async fn ensure_builtin(
    store: &Store,
    rng: std::sync::Arc<dyn Rng>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let digest = seed().digest();
    let kept = store.read(move |connection| rule_sets::of_digest(connection, &digest));
    if kept.await?.is_some() {
        return Ok(());
    }
    let kept = store.write("keep_builtin_rules", move |tx| {
        if rule_sets::of_digest(tx, &digest)?.is_some() {
            return Ok(());
        }
        let row = RuleSetRow {
            id: rng.id("rls_", now)?,
            merchant_id: String::new(),
            version: rule_sets::next_version(tx, "")?,
            state: RuleSetState::Kept,
            text: seed().text().to_owned(),
            digest,
            note: Some(RULE_SET.to_owned()),
            created_at: now,
            created_by: None,
        };
        rule_sets::insert(tx, &row)
    });
    kept.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rolling_back_goes_one_further_each_time() {
        let mut decided = Vec::new();
        let done = |change: &str, set: Option<&str>| ChangeRow {
            merchant_id: String::new(),
            number: 1,
            change: change.to_owned(),
            rule_set: set.map(str::to_owned),
            changed_at: Timestamp::from_millis(0),
            changed_by: None,
        };
        for (change, set, wanted) in [
            ("created", Some("a"), ""),
            ("activated", Some("a"), "a"),
            ("shadowed", Some("b"), "a"),
            ("activated", Some("b"), "ab"),
            ("activated", Some("a"), "aba"),
            ("rolled_back", Some("b"), "ab"),
            ("rolled_back", Some("a"), "a"),
            ("activated", Some("c"), "ac"),
            ("rolled_back", Some("a"), "a"),
            ("rolled_back", None, ""),
        ] {
            follow(&mut decided, done(change, set));
            assert_eq!(decided.concat(), wanted);
        }
    }
}
