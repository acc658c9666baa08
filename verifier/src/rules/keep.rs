//! New versions of rules: what is checked before one is stored.

use waxseal_engine::{
    attribute::Type,
    rules::{RuleError, RuleErrorCode, RuleErrors, RuleSet},
};
use waxseal_protocol::ErrorCode;

use super::{RuleSetDetails, RuleSetRequest};
use crate::{
    app::App,
    http::{Misfit, MisfitReason, Problem},
    keys::Occasion,
    lists::ListKind,
    rng::Rng,
    store::{
        Connection, StoreError, Tx,
        audit::{self, AuditEntry},
        lists, may_be_id, merchants,
        rule_sets::{self, RuleSetRow, RuleSetState},
    },
    stray::holds_stray,
};

/// Characters of a note.
const MAX_NOTE: usize = 100;

/// Rules whose text is well-formed.
#[derive(Debug)]
pub struct NewRuleSet {
    set: RuleSet,
    merchant_id: String,
    note: Option<String>,
}

/// Why rules are not taken, or not activated.
#[derive(Clone, Debug)]
pub enum RuleSetError {
    /// The version decides already.
    Active,
    /// Their text has these mistakes.
    Invalid(RuleErrors),
    /// There is no such merchant.
    MerchantUnknown,
    /// A member is not as it has to be.
    Misfit(Misfit),
    /// There is no such version.
    NotFound,
    /// Nothing was active before.
    NothingBefore,
}

impl From<RuleSetError> for Problem {
    fn from(error: RuleSetError) -> Self {
        match error {
            RuleSetError::Active => ErrorCode::RulesActive.into(),
            RuleSetError::Invalid(errors) => {
                Self::from(ErrorCode::RulesInvalid).with_errors(errors)
            }
            RuleSetError::MerchantUnknown => ErrorCode::MerchantUnknown.into(),
            RuleSetError::Misfit(misfit) => misfit.into(),
            RuleSetError::NotFound => ErrorCode::NotFound.into(),
            RuleSetError::NothingBefore => ErrorCode::RulesNothingBefore.into(),
        }
    }
}

impl std::fmt::Display for RuleSetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Active => f.write_str("this version decides already"),
            Self::Invalid(errors) => errors.fmt(f),
            Self::MerchantUnknown => f.write_str("--merchant: see `verifier merchants list`"),
            Self::Misfit(misfit) => {
                let member = misfit.member.unwrap_or("text");
                write!(
                    f,
                    "the {member} is too long, or holds a card number or a secret"
                )
            }
            Self::NotFound => f.write_str("there is no such version: see `verifier rules list`"),
            Self::NothingBefore => f.write_str("nothing was active before"),
        }
    }
}

impl NewRuleSet {
    /// Reads the text.
    ///
    /// # Errors
    /// All its mistakes, or which member is not as it has to be.
    pub fn check(request: RuleSetRequest) -> Result<Self, RuleSetError> {
        let RuleSetRequest {
            text,
            merchant,
            note,
        } = request;
        let misfit = |member| RuleSetError::Misfit(Misfit::of(member, MisfitReason::Format));
        if holds_stray(&text) {
            return Err(misfit("text"));
        }
        if let Some(note) = &note {
            let is_short = note.chars().count() <= MAX_NOTE;
            if !is_short || note.chars().any(char::is_control) || holds_stray(note) {
                return Err(misfit("note"));
            }
        }
        if merchant
            .as_deref()
            .is_some_and(|id| id.is_empty() || !may_be_id(id))
        {
            return Err(misfit("merchant"));
        }
        Ok(Self {
            set: RuleSet::parse(&text).map_err(RuleSetError::Invalid)?,
            merchant_id: merchant.unwrap_or_default(),
            note,
        })
    }
}

/// Stores a draft.
///
/// # Errors
/// `request_invalid`, `merchant_unknown`, `rules_invalid`.
pub async fn create(
    app: &App,
    request: RuleSetRequest,
    occasion: Occasion,
) -> Result<RuleSetDetails, Problem> {
    let new = NewRuleSet::check(request)?;
    let rng = std::sync::Arc::clone(&app.rng);
    let put = app
        .store
        .write("create_rules", move |tx| put(tx, &*rng, &new, &occasion));
    Ok(put.await??)
}

/// Stores a draft; the inner error is the caller's.
///
/// # Errors
/// When the generator or the store fails.
pub fn put(
    tx: &Tx<'_>,
    rng: &dyn Rng,
    new: &NewRuleSet,
    occasion: &Occasion,
) -> Result<Result<RuleSetDetails, RuleSetError>, StoreError> {
    if !new.merchant_id.is_empty() && merchants::find(tx, &new.merchant_id)?.is_none() {
        return Ok(Err(RuleSetError::MerchantUnknown));
    }
    if let Err(errors) = check_lists(tx, &new.set)? {
        return Ok(Err(RuleSetError::Invalid(errors)));
    }
    let row = RuleSetRow {
        id: rng.id("rls_", occasion.at)?,
        merchant_id: new.merchant_id.clone(),
        version: rule_sets::next_version(tx, &new.merchant_id)?,
        state: RuleSetState::Draft,
        text: new.set.text().to_owned(),
        digest: new.set.digest(),
        note: new.note.clone(),
        created_at: occasion.at,
        created_by: occasion.operator_id.clone(),
    };
    rule_sets::insert(tx, &row)?;
    log(tx, "created", (&row.merchant_id, Some(&row.id)), occasion)?;
    Ok(Ok(row.into()))
}

/// Whether every list that the rules ask is there, with entries of the kind that they look up.
pub(super) fn check_lists(
    connection: &Connection,
    set: &RuleSet,
) -> Result<Result<(), RuleErrors>, StoreError> {
    let mut errors = Vec::new();
    for (name, kind) in set.lists() {
        let list = lists::find(connection, name)?;
        let (code, message) = match list.map(|list| ListKind::parse(&list.kind)) {
            None => (
                RuleErrorCode::ListUnknown,
                format!("there is no list @{name}"),
            ),
            Some(held) if held.is_some_and(|held| type_of(held) == kind) => continue,
            Some(_) => (
                RuleErrorCode::TypeMismatch,
                format!(
                    "no entry of @{name} can be compared with a value of type {}",
                    kind.as_str()
                ),
            ),
        };
        let (line, column) = place_of(set.text(), name);
        errors.push(RuleError {
            line,
            column,
            code,
            message,
        });
    }
    errors.sort_by_key(|error| (error.line, error.column));
    Ok(match errors.is_empty() {
        true => Ok(()),
        false => Err(RuleErrors(errors)),
    })
}

/// The type of values that are looked up in a list of that kind.
const fn type_of(kind: ListKind) -> Type {
    match kind {
        ListKind::Address => Type::Address,
        ListKind::Country => Type::Country,
        ListKind::Card | ListKind::Customer | ListKind::Email | ListKind::Text => Type::Text,
    }
}

/// Line and column, from 1, of the first place that names a list, comments left out.
fn place_of(text: &str, list: &str) -> (u32, u32) {
    let sought = format!("@{list}");
    let is_end = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    for (line, content) in text.lines().enumerate() {
        if content.trim_start().starts_with('#') {
            continue;
        }
        let found = content
            .match_indices(&sought)
            .find(|(at, _)| is_end(&content[at + sought.len()..]));
        if let Some((at, _)) = found {
            let column = content[..at].chars().count() + 1;
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            return (number(line + 1), number(column));
        }
    }
    (1, 1)
}

/// Writes down what is done with a version, in its history and in the audit.
pub(super) fn log(
    tx: &Tx<'_>,
    change: &'static str,
    (merchant_id, id): (&str, Option<&str>),
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let action = match change {
        "activated" => "rules.activated",
        "created" => "rules.created",
        "rolled_back" => "rules.rolled_back",
        "shadow_ended" => "rules.shadow_ended",
        _ => "rules.shadowed",
    };
    let by = occasion.operator_id.as_deref();
    rule_sets::note(tx, merchant_id, (change, id), (occasion.at, by))?;
    let entry = AuditEntry {
        action,
        stated: Some(id.unwrap_or("builtin").to_owned()),
        merchant_id: Some(merchant_id.to_owned()).filter(|id| !id.is_empty()),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_list_is_its_first_outside_comments() {
        let text = "# @cards\nrule \"a\"\n  when ip.address in @cards_2 or ip.address in @cards";
        assert_eq!(place_of(text, "cards"), (3, 48));
        assert_eq!(place_of(text, "cards_2"), (3, 22));
    }
}
