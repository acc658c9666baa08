//! Versions of rules as operators read them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    http::{Problem, end_page},
    store::rule_sets::{self, ChangeRow, RuleSetRow},
};

/// Body of `POST /v1/rules`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "rule \"large\"\n  when session.amount_minor else 0 > 100000 then review points 20 reason large\n",
    "note": "Large orders wait"
}))]
pub struct RuleSetRequest {
    /// The rules.
    pub text: String,
    /// Id of the merchant whose sessions they are for; everybody's if left out.
    #[serde(default)]
    pub merchant: Option<String>,
    /// What they are for; at most 100 characters.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub note: Option<String>,
}

/// A version of rules, for operators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleSetDetails {
    /// `rls_…`
    pub id: String,
    /// Id of the merchant whose sessions they are for; null for everybody's.
    pub merchant: Option<String>,
    /// From 1 on, of that merchant's.
    pub version: u32,
    /// `active`, `draft`, `kept` or `shadow`.
    pub state: &'static str,
    /// SHA-256 of the canonical text without comments, hexadecimal.
    pub digest: String,
    /// What they are for.
    pub note: Option<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Id of the operator; null for who did at the command line, and for rules that a build carried.
    pub created_by: Option<String>,
    /// The canonical text, with comments; on a page it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// One page of versions.
#[derive(Serialize, ToSchema)]
pub struct RuleSetPage {
    /// Oldest first.
    pub data: Vec<RuleSetDetails>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Something that was done with versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleChange {
    /// From 1 on.
    pub number: u64,
    /// `activated`, `created`, `rolled_back`, `shadow_ended` or `shadowed`.
    pub change: String,
    /// Id of the version; null where none is active from then on.
    pub rule_set: Option<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub changed_at: String,
    /// Id of the operator; null for who did at the command line.
    pub changed_by: Option<String>,
}

/// What was done with the versions of a merchant, or with those for all.
#[derive(Serialize, ToSchema)]
pub struct RuleHistory {
    /// Oldest first.
    pub data: Vec<RuleChange>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<RuleSetRow> for RuleSetDetails {
    fn from(row: RuleSetRow) -> Self {
        Self {
            id: row.id,
            merchant: Some(row.merchant_id).filter(|id| !id.is_empty()),
            version: row.version,
            state: row.state.as_str(),
            digest: hexadecimal(&row.digest),
            note: row.note,
            created_at: row.created_at.rfc3339(),
            created_by: row.created_by,
            text: Some(row.text),
        }
    }
}

impl From<ChangeRow> for RuleChange {
    fn from(row: ChangeRow) -> Self {
        Self {
            number: row.number,
            change: row.change,
            rule_set: row.rule_set,
            changed_at: row.changed_at.rfc3339(),
            changed_by: row.changed_by,
        }
    }
}

/// A version that decides from then on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RolledBack {
    /// The version; null where it is the rules for all, or the shipped ones.
    pub active: Option<RuleSetDetails>,
}

/// Body of `POST /v1/rules/rollback`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// Id of the merchant whose version it is about; the one for all if left out.
    #[serde(default)]
    pub merchant: Option<String>,
}

/// What leads from one version to another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleDiff {
    /// Id of the version that it leads from; `builtin-2` for the shipped rules.
    pub from: String,
    /// Id of the version that it leads to.
    pub to: String,
    /// Unified lines.
    pub diff: String,
}

/// Bytes as lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The version of that id, with its text.
///
/// # Errors
/// `not_found`.
pub async fn read(app: &App, id: String) -> Result<RuleSetDetails, Problem> {
    let found = app
        .store
        .read(move |connection| rule_sets::find(connection, &id));
    Ok(found.await?.ok_or(ErrorCode::NotFound)?.into())
}

/// Versions behind the one of that id, a merchant's or every one, `limit` at most.
///
/// # Errors
/// When the store fails.
pub async fn sets(
    app: &App,
    merchant: Option<String>,
    after: String,
    limit: u32,
) -> Result<RuleSetPage, Problem> {
    let rows = app.store.read(move |connection| {
        rule_sets::after(connection, merchant.as_deref(), &after, limit + 1)
    });
    let mut rows = rows.await?;
    let next_cursor = end_page(&mut rows, limit, |row| row.id.clone());
    let data = rows.into_iter().map(|row| RuleSetDetails {
        text: None,
        ..row.into()
    });
    Ok(RuleSetPage {
        data: data.collect(),
        next_cursor,
    })
}

/// What was done with a merchant's versions, or those for all, behind that number.
///
/// # Errors
/// When the store fails.
pub async fn history(
    app: &App,
    merchant: Option<String>,
    after: u64,
    limit: u32,
) -> Result<RuleHistory, Problem> {
    let rows = app.store.read(move |connection| {
        rule_sets::changes(
            connection,
            merchant.as_deref().unwrap_or(""),
            after,
            limit + 1,
        )
    });
    let mut rows = rows.await?;
    let next_cursor = end_page(&mut rows, limit, |row| row.number.to_string());
    Ok(RuleHistory {
        data: rows.into_iter().map(RuleChange::from).collect(),
        next_cursor,
    })
}
