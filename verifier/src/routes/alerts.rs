//! Alerts, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waxseal_protocol::ErrorCode;

use super::page::PageLimit;
use crate::{
    alerts::refresh_gauges,
    app::App,
    http::{PathOf, Peer, Problem, StrictQuery, end_page},
    identity::Operator,
    interface::About,
    store::{
        alerts::{self, Alert, AlertState},
        audit::{self, AuditEntry},
    },
};

pub(crate) const ACKNOWLEDGE: About = About {
    id: "acknowledgeAlert",
    summary: "Say that somebody looks at an alert",
    codes: &[],
};
pub(crate) const CLOSE: About = About {
    id: "closeAlert",
    summary: "Say that nothing is to be done for an alert any more",
    codes: &[],
};
pub(crate) const LIST: About = About {
    id: "listAlerts",
    summary: "Read alerts, latest first",
    codes: &[],
};
pub(crate) const READ: About = About {
    id: "readAlert",
    summary: "Read an alert",
    codes: &[],
};

/// Query of [`list`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Alerts on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
    /// State of the alerts to read; all if left out.
    #[serde(default)]
    state: Option<AlertState>,
}

/// One page of alerts.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertPage {
    /// Latest first.
    data: Vec<Alert>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// `GET /v1/alerts`
///
/// # Errors
/// `request_invalid`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<AlertQuery>,
) -> Result<Json<AlertPage>, Problem> {
    let limit = query.limit.rows();
    let read = app
        .store
        .read(move |connection| alerts::page(connection, query.state, &query.after, limit + 1));
    let mut data = read.await?;
    let next_cursor = end_page(&mut data, limit, |alert| alert.id.clone());
    Ok(Json(AlertPage { data, next_cursor }))
}

/// `GET /v1/alerts/{id}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(id): PathOf<String>,
) -> Result<Json<Alert>, Problem> {
    let found = app
        .store
        .read(move |connection| alerts::find(connection, &id));
    Ok(Json(found.await?.ok_or(ErrorCode::NotFound)?))
}

/// `POST /v1/alerts/{id}/acknowledge`: an alert that is further already stays as it is.
///
/// # Errors
/// `not_found`.
pub(crate) async fn acknowledge(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<Alert>, Problem> {
    change(&app, id, AlertState::Acknowledged, operator, peer).await
}

/// `POST /v1/alerts/{id}/close`: a closed alert stays as it is.
///
/// # Errors
/// `not_found`.
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<Alert>, Problem> {
    change(&app, id, AlertState::Closed, operator, peer).await
}

async fn change(
    app: &App,
    id: String,
    next: AlertState,
    operator: Operator,
    peer: Peer,
) -> Result<Json<Alert>, Problem> {
    let now = app.clock.now();
    let entry = AuditEntry {
        action: match next {
            AlertState::Closed => "alert.closed",
            _ => "alert.acknowledged",
        },
        stated: Some(id.clone()),
        operator_id: Some(operator.id.clone()),
        request_id: Some(peer.request_id),
        ..AuditEntry::default()
    };
    let changed = app.store.write("change_alert", move |tx| {
        match alerts::change_state(tx, &id, next, Some(&operator.id), now)? {
            Some(alert) => {
                audit::append(tx, &entry, now)?;
                Ok(Some(alert))
            }
            None => alerts::find(tx, &id),
        }
    });
    let alert = changed.await?.ok_or(ErrorCode::NotFound)?;
    refresh_gauges(app).await?;
    Ok(Json(alert))
}
