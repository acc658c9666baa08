//! The cart.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Form, State, rejection::FormRejection},
    response::{Redirect, Response},
};
use serde::Deserialize;

use super::{Page, render};
use crate::{
    app::{App, Visitor},
    basket::{Basket, MAX_QUANTITY},
    catalog::Product,
    checkout,
    country::{Country, FREE_DOMESTIC_FROM},
    error::{PageError, ShopError},
};

/// `GET /cart`
pub(crate) async fn show(Visitor(visitor): Visitor) -> Page {
    let basket = match visitor {
        Some(shopper) => shopper.lock().await.basket.clone(),
        None => Basket::default(),
    };
    render(&CartPage {
        cart_pieces: basket.pieces(),
        basket,
    })
}

/// `POST /cart`: puts some of one product into the cart.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Result<Form<Addition>, FormRejection>,
) -> Result<Response, PageError> {
    let Ok(Form(addition)) = form else {
        return Err(ShopError::FormInvalid.into());
    };
    change(
        &app,
        visitor,
        |basket| basket.add(addition.product, addition.quantity),
        "/cart",
    )
    .await
}

/// `POST /cart/update`: sets quantities and the country.
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, PageError> {
    let changes = form
        .ok()
        .and_then(|Form(fields)| CartChanges::parse(&fields));
    let Some(changes) = changes else {
        return Err(ShopError::FormInvalid.into());
    };
    let next = if changes.then_check_out {
        "/checkout"
    } else {
        "/cart"
    };
    change(&app, visitor, |basket| changes.apply(basket), next).await
}

/// The form under a product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Addition {
    product: Product,
    quantity: u8,
}

async fn change(
    app: &App,
    visitor: Visitor,
    change: impl FnOnce(&mut Basket),
    next: &'static str,
) -> Result<Response, PageError> {
    let (handle, cookie) = visitor.or_new(app)?;
    let mut shopper = handle.lock().await;
    change(&mut shopper.basket);
    if let Err(error) = checkout::follow_cart(&app.verifier, &mut shopper).await {
        // The checkout brings both in line before it hands out a token, so the cart may go ahead.
        tracing::warn!(?error, "the verifier was not told of a changed cart");
    }
    drop(shopper);
    app.shoppers.changed();
    Ok(cookie.with(Redirect::to(next)))
}

/// What the cart's form may say, and nothing beside it.
#[derive(Debug, Default)]
struct CartChanges {
    quantities: Vec<(Product, u8)>,
    country: Option<Country>,
    then_check_out: bool,
}

impl CartChanges {
    fn parse(fields: &[(String, String)]) -> Option<Self> {
        let mut changes = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "country" => changes.country = Some(Country::parse(value)?),
                "then" if value == "checkout" => changes.then_check_out = true,
                "remove" => changes.quantities.push((Product::parse(value)?, 0)),
                product => {
                    let quantity = value
                        .parse()
                        .ok()
                        .filter(|&count: &u8| count <= MAX_QUANTITY)?;
                    changes
                        .quantities
                        .push((Product::parse(product)?, quantity));
                }
            }
        }
        Some(changes)
    }

    fn apply(self, basket: &mut Basket) {
        for (product, quantity) in self.quantities {
            basket.set(product, quantity);
        }
        if let Some(country) = self.country {
            basket.ship_to(country);
        }
    }
}

#[derive(Template)]
#[template(path = "cart.html")]
struct CartPage {
    basket: Basket,
    cart_pieces: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(fields: &[(&str, &str)]) -> Option<CartChanges> {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        CartChanges::parse(&fields)
    }

    #[test]
    fn the_form_sets_quantities_and_country() {
        let mut basket = Basket::default();
        basket.add(Product::Seal, 1);
        parse(&[
            ("wax", "3"),
            ("seal", "2"),
            ("country", "SE"),
            ("remove", "seal"),
        ])
        .unwrap()
        .apply(&mut basket);
        assert_eq!(basket.quantity(Product::Wax), 3);
        assert_eq!(
            basket.quantity(Product::Seal),
            0,
            "the pressed button comes last"
        );
        assert_eq!(basket.country().code(), "SE");
    }

    #[test]
    fn anything_else_is_refused_as_a_whole() {
        for field in [
            ("wax", "21"),
            ("wax", "-1"),
            ("wax", "1.5"),
            ("wax", ""),
            ("price", "1"),
            ("country", "XX"),
            ("remove", "x"),
            ("then", "/evil"),
        ] {
            assert!(parse(&[("seal", "1"), field]).is_none(), "{field:?}");
        }
    }
}
