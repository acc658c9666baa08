//! Stored cards, masked.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use waxseal_protocol::ErrorCode;

use super::callers::Server;
use crate::{
    app::App,
    checkout::{self, CustomerRef},
    http::{PathOf, Peer, Problem},
    identity::Scope,
    store::cards::{self, CardRow},
    vault,
};

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

/// A stored card. Expiry and name belong to its submissions.
#[derive(Serialize)]
pub(crate) struct StoredCard {
    id: String,
    token: String,
    brand: String,
    last4: String,
    created_at: String,
}

/// One page of cards, oldest first.
#[derive(Serialize)]
pub(crate) struct CardPage {
    data: Vec<StoredCard>,
    /// Ids of cards of this page whose rows are not as they were written: nothing of them is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damaged: Vec<String>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Query of [`list`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardQuery {
    #[serde(default)]
    after: String,
    #[serde(default)]
    customer: Option<CustomerRef>,
    #[serde(default)]
    limit: Option<u32>,
}

impl From<CardRow> for StoredCard {
    fn from(card: CardRow) -> Self {
        Self {
            id: card.id,
            token: card.token,
            brand: card.brand,
            last4: card.last4,
            created_at: card.created_at.rfc3339(),
        }
    }
}

/// `GET /v1/cards`
///
/// # Errors
/// `request_invalid`; `not_found` for a customer who is not the merchant's.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    server: Server,
    query: Result<Query<CardQuery>, QueryRejection>,
) -> Result<Json<CardPage>, Problem> {
    let caller = server.with(&app, Scope::CardsRead).await?;
    let Ok(Query(query)) = query else {
        return Err(ErrorCode::RequestInvalid.into());
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ErrorCode::RequestInvalid.into());
    }
    let keys = app.keys_of(caller.mode);
    // One more than asked for tells whether there is a next page.
    let mut page = checkout::cards(&app, caller, query.customer, query.after, limit + 1).await?;
    let more = page.len() > limit as usize;
    page.truncate(limit as usize);
    let next_cursor = page.last().filter(|_| more).map(|card| card.id.clone());
    let (data, damaged): (Vec<_>, Vec<_>) = page
        .into_iter()
        .partition(|card| vault::check(&keys, card).is_ok());
    if !damaged.is_empty() {
        tracing::error!(event = "rows_damaged", table = "card", rows = damaged.len());
        metrics::counter!("waxseal_rows_damaged_total", "table" => "card")
            .increment(damaged.len() as u64);
    }
    Ok(Json(CardPage {
        data: data.into_iter().map(StoredCard::from).collect(),
        damaged: damaged.into_iter().map(|card| card.id).collect(),
        next_cursor,
    }))
}

/// `GET /v1/cards/{id}`
///
/// # Errors
/// `not_found`, for another merchant's card too.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    server: Server,
    PathOf(id): PathOf<String>,
) -> Result<Json<StoredCard>, Problem> {
    let caller = server.with(&app, Scope::CardsRead).await?;
    let found = app
        .store
        .read(move |connection| cards::find(connection, &caller.merchant_id, &id));
    let card = found.await?.ok_or(ErrorCode::NotFound)?;
    vault::check(&app.keys_of(caller.mode), &card)?;
    Ok(Json(card.into()))
}

/// `DELETE /v1/cards/{id}`
///
/// # Errors
/// See [`checkout::erase_card`].
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    server: Server,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, Problem> {
    let caller = server.with(&app, Scope::CardsDelete).await?;
    checkout::erase_card(&app, caller, id, peer.request_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
