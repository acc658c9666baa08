//! What two versions of rules have not in common.

use similar::TextDiff;
use waxseal_engine::rules::seed;
use waxseal_protocol::ErrorCode;

use super::RuleDiff;
use crate::{
    app::App,
    http::Problem,
    risk::RULE_SET,
    store::rule_sets::{self, RuleSetState},
};

/// Unified lines that lead from another version to this one; from the one that decides where no other is named. Both
/// texts are canonical, so that only what they say is told, and comments.
///
/// # Errors
/// `not_found`.
pub async fn difference(app: &App, id: String, from: Option<String>) -> Result<RuleDiff, Problem> {
    let read = app.store.read(move |connection| {
        let Some(row) = rule_sets::find(connection, &id)? else {
            return Ok(None);
        };
        let from = match from {
            Some(from) => match rule_sets::find(connection, &from)? {
                Some(from) => (from.id, from.text),
                None => return Ok(None),
            },
            None => {
                let in_use = |merchant_id: &str| {
                    rule_sets::in_state(connection, merchant_id, RuleSetState::Active)
                };
                let active = match in_use(&row.merchant_id)? {
                    Some(active) => Some(active),
                    None => in_use("")?,
                };
                let builtin = || (RULE_SET.to_owned(), seed().text().to_owned());
                active.map_or_else(builtin, |active| (active.id, active.text))
            }
        };
        Ok(Some((from, (row.id, row.text))))
    });
    let ((from, former), (to, text)) = read.await?.ok_or(ErrorCode::NotFound)?;
    let lines = TextDiff::from_lines(&former, &text);
    let diff = lines.unified_diff().header(&from, &to).to_string();
    Ok(RuleDiff { from, to, diff })
}
