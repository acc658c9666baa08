//! The checkout: the page that mounts the card frame, and what its script asks this backend for.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::render;
use crate::{
    app::{App, Site, Visitor},
    basket::Basket,
    checkout::{self, Checkout},
    country::Country,
    error::{ApiError, PageError, ShopError},
    order::Shopper,
    test_cards::{self, BrandCards},
    verifier::IssuedToken,
};

/// `GET /checkout`. The page carries no token: its script asks for one, so that none lies in a cache.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
) -> Result<Response, PageError> {
    let basket = match visitor {
        Some(shopper) => shopper.lock().await.basket.clone(),
        None => Basket::default(),
    };
    if basket.is_empty() {
        return Ok(Redirect::to("/cart").into_response());
    }
    let (common_cards, other_cards) = test_cards::common_and_other();
    let page = CheckoutPage {
        cart_pieces: basket.pieces(),
        basket,
        site: &app.site,
        common_cards,
        other_cards,
    };
    Ok(render(&page)?.into_response())
}

/// `POST /api/checkout`: a client token for this shopper's order. Also the way to renew one.
pub(crate) async fn prepare(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
) -> Result<Json<CheckoutState>, ApiError> {
    let Some(handle) = visitor else {
        return Err(ShopError::CartEmpty.into());
    };
    let mut shopper = handle.lock().await;
    current(&app, &mut shopper).await
}

/// `POST /api/checkout/country`: ships elsewhere, which changes what is to be paid.
pub(crate) async fn ship_to(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
    body: Result<Json<Destination>, JsonRejection>,
) -> Result<Json<CheckoutState>, ApiError> {
    let Ok(Json(destination)) = body else {
        return Err(ShopError::FormInvalid.into());
    };
    let Some(handle) = visitor else {
        return Err(ShopError::CartEmpty.into());
    };
    let mut shopper = handle.lock().await;
    shopper.basket.ship_to(destination.country);
    current(&app, &mut shopper).await
}

/// `POST /checkout/restart`: gives up an order that can take no card any more. The cart stays. An order
/// that was paid after all is not given up.
pub(crate) async fn restart(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
) -> Result<Redirect, PageError> {
    let Some(handle) = visitor else {
        return Ok(Redirect::to("/checkout"));
    };
    let mut shopper = handle.lock().await;
    let checkout = checkout::prepare(&app.verifier, &app.site.shop_origin, &mut shopper).await;
    let target = match checkout {
        Ok(Checkout::Placed) => "/order",
        Ok(Checkout::Ready(_)) => {
            shopper.open = None;
            "/checkout"
        }
        Err(error) => return Err(error.into()),
    };
    app.shoppers.changed();
    Ok(Redirect::to(target))
}

/// Where to ship.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Destination {
    country: Country,
}

/// What the page's script learns: how to mount the frame, and the amounts to show.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum CheckoutState {
    /// The order was paid: go to its page.
    Placed,
    /// The frame may be mounted.
    Ready {
        #[serde(flatten)]
        token: IssuedToken,
        verifier_origin: String,
        subtotal: String,
        shipping: String,
        total: String,
    },
}

async fn current(app: &App, shopper: &mut Shopper) -> Result<Json<CheckoutState>, ApiError> {
    let checkout = checkout::prepare(&app.verifier, &app.site.shop_origin, shopper).await;
    app.shoppers.changed();
    Ok(Json(match checkout? {
        Checkout::Placed => CheckoutState::Placed,
        Checkout::Ready(token) => CheckoutState::Ready {
            token,
            verifier_origin: app.site.verifier_origin.clone(),
            subtotal: shopper.basket.subtotal().to_string(),
            shipping: shopper.basket.shipping().to_string(),
            total: shopper.basket.total().to_string(),
        },
    }))
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage<'a> {
    basket: Basket,
    cart_pieces: u64,
    site: &'a Site,
    common_cards: Vec<BrandCards>,
    other_cards: Vec<BrandCards>,
}
