//! Versions of rules, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use waxseal_protocol::ErrorCode;

use super::{occasion::occasion, page::PageLimit};
use crate::{
    app::App,
    http::{PathOf, Peer, Problem, StrictJson, StrictQuery},
    identity::Operator,
    interface::{About, Created, NoContent},
    records::{self, Backtest, BacktestRequest},
    rules::{
        self, RollbackRequest, RolledBack, RuleDiff, RuleHistory, RuleSetDetails, RuleSetPage,
        RuleSetRequest,
    },
};

pub(crate) const ACTIVATE: About = About {
    id: "activateRules",
    summary: "Let a version of rules decide",
    codes: &[ErrorCode::RulesInvalid],
};
pub(crate) const BACKTEST: About = About {
    id: "backtestRules",
    summary: "Ask what rules would have decided on stored decisions",
    codes: &[ErrorCode::NotFound, ErrorCode::RulesInvalid],
};
pub(crate) const BEGIN_SHADOW: About = About {
    id: "shadowRules",
    summary: "Ask a version of rules beside the one that decides, without effect",
    codes: &[ErrorCode::RulesActive, ErrorCode::RulesInvalid],
};
pub(crate) const CREATE: About = About {
    id: "createRules",
    summary: "Store a version of rules as a draft",
    codes: &[ErrorCode::MerchantUnknown, ErrorCode::RulesInvalid],
};
pub(crate) const DIFF: About = About {
    id: "diffRules",
    summary: "Read what a version of rules says differently",
    codes: &[],
};
pub(crate) const END_SHADOW: About = About {
    id: "endShadowRules",
    summary: "Ask a version of rules beside the one that decides no longer",
    codes: &[],
};
pub(crate) const HISTORY: About = About {
    id: "listRuleChanges",
    summary: "Read what was done with versions of rules, oldest first",
    codes: &[],
};
pub(crate) const LIST: About = About {
    id: "listRules",
    summary: "Read versions of rules, oldest first",
    codes: &[],
};
pub(crate) const READ: About = About {
    id: "readRules",
    summary: "Read a version of rules with its text",
    codes: &[],
};
pub(crate) const ROLL_BACK: About = About {
    id: "rollBackRules",
    summary: "Let the version of rules decide again that did before",
    codes: &[ErrorCode::RulesInvalid, ErrorCode::RulesNothingBefore],
};

/// Query of [`list`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Versions on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
    /// Id of the merchant whose versions to read; every one if left out.
    #[serde(default)]
    merchant: Option<String>,
}

/// Query of [`history`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    #[param(value_type = u64, required = false, minimum = 0, maximum = 4_294_967_295_u64)]
    after: u32,
    /// Changes on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
    /// Id of the merchant whose history to read; that of the rules for all if left out.
    #[serde(default)]
    merchant: Option<String>,
}

/// Query of [`diff`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffQuery {
    /// Id of the version to begin with; the one that decides if left out.
    #[serde(default)]
    from: Option<String>,
}

/// `GET /v1/rules`
///
/// # Errors
/// `request_invalid`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<RulesQuery>,
) -> Result<Json<RuleSetPage>, Problem> {
    let limit = query.limit.rows();
    rules::sets(&app, query.merchant, query.after, limit)
        .await
        .map(Json)
}

/// `POST /v1/rules`
///
/// # Errors
/// `request_invalid`, `merchant_unknown`, `rules_invalid`.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    StrictJson(request): StrictJson<RuleSetRequest>,
) -> Result<Created<RuleSetDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    rules::create(&app, request, occasion).await.map(Created)
}

/// `GET /v1/rules/history`
///
/// # Errors
/// `request_invalid`.
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<HistoryQuery>,
) -> Result<Json<RuleHistory>, Problem> {
    let (after, limit) = (query.after.into(), query.limit.rows());
    rules::history(&app, query.merchant, after, limit)
        .await
        .map(Json)
}

/// `GET /v1/rules/{id}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(id): PathOf<String>,
) -> Result<Json<RuleSetDetails>, Problem> {
    rules::read(&app, id).await.map(Json)
}

/// `GET /v1/rules/{id}/diff`
///
/// # Errors
/// `request_invalid`, `not_found`.
pub(crate) async fn diff(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(id): PathOf<String>,
    StrictQuery(query): StrictQuery<DiffQuery>,
) -> Result<Json<RuleDiff>, Problem> {
    rules::difference(&app, id, query.from).await.map(Json)
}

/// `POST /v1/rules/backtest`: one at a time.
///
/// # Errors
/// `request_invalid`, `not_found`, `rules_invalid`, `unavailable`.
pub(crate) async fn backtest(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    StrictJson(request): StrictJson<BacktestRequest>,
) -> Result<Json<Backtest>, Problem> {
    let occasion = occasion(&app, operator, peer);
    records::backtest(&app, request, occasion).await.map(Json)
}

/// `POST /v1/rules/{id}/activate`
///
/// # Errors
/// `not_found`, `rules_invalid`.
pub(crate) async fn activate(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<RuleSetDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let done = rules::change(&app, "activate_rules", move |tx| {
        rules::activate(tx, &id, &occasion)
    });
    done.await.map(Json)
}

/// `POST /v1/rules/{id}/shadow`
///
/// # Errors
/// `not_found`, `rules_active`, `rules_invalid`.
pub(crate) async fn begin_shadow(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<RuleSetDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let done = rules::change(&app, "shadow_rules", move |tx| {
        rules::begin_shadow(tx, &id, &occasion)
    });
    done.await.map(Json)
}

/// `DELETE /v1/rules/{id}/shadow`
///
/// # Errors
/// `not_found`, for a version that is not tried too.
pub(crate) async fn end_shadow(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<NoContent, Problem> {
    let occasion = occasion(&app, operator, peer);
    let done = rules::change(&app, "end_shadow_rules", move |tx| {
        rules::end_shadow(tx, &id, &occasion)
    });
    done.await.map(|()| NoContent)
}

/// `POST /v1/rules/rollback`
///
/// # Errors
/// `request_invalid`, `rules_invalid`, `rules_nothing_before`.
pub(crate) async fn roll_back(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    StrictJson(request): StrictJson<RollbackRequest>,
) -> Result<Json<RolledBack>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let done = rules::change(&app, "roll_back_rules", move |tx| {
        let merchant_id = request.merchant.unwrap_or_default();
        rules::roll_back(tx, &merchant_id, &occasion)
    });
    done.await.map(|active| Json(RolledBack { active }))
}
