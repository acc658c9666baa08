//! Stored cards, masked.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use serde::{Deserialize, Serialize};
use waxseal_protocol::ErrorCode;

use super::callers::Server;
use crate::{
    app::App,
    http::Problem,
    identity::Scope,
    store::cards::{self, CardRow},
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
/// `request_invalid`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    server: Server,
    query: Result<Query<CardQuery>, QueryRejection>,
) -> Result<Json<CardPage>, Problem> {
    let caller = server.with(Scope::CardsRead)?;
    let Ok(Query(query)) = query else {
        return Err(ErrorCode::RequestInvalid.into());
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ErrorCode::RequestInvalid.into());
    }
    let page = app.store.read(move |connection| {
        // One more than asked for tells whether there is a next page.
        cards::page(connection, &caller.merchant_id, &query.after, limit + 1)
    });
    let mut data: Vec<StoredCard> = page.await?.into_iter().map(StoredCard::from).collect();
    let wanted = limit as usize;
    let more = data.len() > wanted;
    data.truncate(wanted);
    let next_cursor = data.last().filter(|_| more).map(|card| card.id.clone());
    Ok(Json(CardPage { data, next_cursor }))
}

/// `GET /v1/cards/{id}`
///
/// # Errors
/// `not_found`, for another merchant's card too.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    server: Server,
    Path(id): Path<String>,
) -> Result<Json<StoredCard>, Problem> {
    let caller = server.with(Scope::CardsRead)?;
    let found = app
        .store
        .read(move |connection| cards::find(connection, &caller.merchant_id, &id));
    let card = found.await?.ok_or(ErrorCode::NotFound)?;
    Ok(Json(card.into()))
}
