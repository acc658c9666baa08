//! Stored cards, masked.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waxseal_protocol::ErrorCode;

use super::page::PageLimit;
use crate::{
    app::App,
    checkout::{self, CustomerRef},
    http::{PathOf, Peer, Problem, StrictQuery, end_page},
    identity::Caller,
    interface::{About, NoContent},
    store::cards::{self, CardRow},
    vault,
};

pub(crate) const ERASE: About = About {
    id: "eraseCard",
    summary: "Erase a card",
    codes: &[],
};
pub(crate) const LIST: About = About {
    id: "listCards",
    summary: "Read masked cards, oldest first",
    codes: &[ErrorCode::NotFound],
};
pub(crate) const READ: About = About {
    id: "readCard",
    summary: "Read a masked card",
    codes: &[],
};

/// A stored card. Expiry and name belong to its submissions.
#[derive(Serialize, ToSchema)]
pub(crate) struct StoredCard {
    id: String,
    token: String,
    brand: String,
    last4: String,
    created_at: String,
}

/// One page of cards, oldest first.
#[derive(Serialize, ToSchema)]
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
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// The merchant's reference to a customer whose cards to read.
    #[serde(default)]
    #[param(value_type = Option<String>, pattern = "^[!-~]{1,64}$")]
    customer: Option<CustomerRef>,
    /// Cards on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
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
    caller: Caller,
    StrictQuery(query): StrictQuery<CardQuery>,
) -> Result<Json<CardPage>, Problem> {
    let limit = query.limit.rows();
    let keys = app.keys_of(caller.mode);
    let mut page = checkout::cards(&app, caller, query.customer, query.after, limit + 1).await?;
    let next_cursor = end_page(&mut page, limit, |card| card.id.clone());
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
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> Result<Json<StoredCard>, Problem> {
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
    caller: Caller,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<NoContent, Problem> {
    checkout::erase_card(&app, caller, id, peer.request_id).await?;
    Ok(NoContent)
}
