//! The result of an order.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use waxseal_protocol::message::SessionStatus;

use super::render;
use crate::{
    app::{App, Visitor},
    checkout,
    error::PageError,
    order::PlacedOrder,
    verifier::{CardRecord, SessionRecord},
};

/// `GET /order`. What was paid comes from the verifier over the private listener, not from the page.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
) -> Result<Response, PageError> {
    let Some(handle) = visitor else {
        return Ok(Redirect::to("/").into_response());
    };
    let mut shopper = handle.lock().await;
    let was_open = shopper.open_session_id().is_some();
    checkout::follow_cart(&app.verifier, &mut shopper).await?;
    if was_open && shopper.open_session_id().is_none() {
        app.shoppers.changed();
    }
    let Some(order) = shopper.placed.clone() else {
        return Ok(Redirect::to("/checkout").into_response());
    };
    let record = app.verifier.session(&order.session_id).await?;
    let record = record.filter(|record| record.status == SessionStatus::Accepted);
    let Some((card, standing)) = record.as_ref().and_then(card_and_standing) else {
        return Ok(Redirect::to("/").into_response());
    };
    let page = OrderPage {
        cart_pieces: shopper.basket.pieces(),
        brand: card.brand.spec().name,
        card,
        standing,
        order,
    };
    Ok(render(&page)?.into_response())
}

fn card_and_standing(record: &SessionRecord) -> Option<(&CardRecord, Standing)> {
    Some((record.card.as_ref()?, Standing::of(record)))
}

/// What the shop tells its customer. Reasons are for the shop alone: they would teach a thief.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    Accepted,
    /// Somebody looks at it first: the verifier asked for that, or said what this shop does not know.
    Checked,
}

impl Standing {
    fn of(record: &SessionRecord) -> Self {
        match &record.decision {
            Some(decision) if decision.outcome == "allow" => Self::Accepted,
            _ => Self::Checked,
        }
    }
}

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage<'a> {
    order: PlacedOrder,
    card: &'a CardRecord,
    brand: &'static str,
    standing: Standing,
    cart_pieces: u64,
}
