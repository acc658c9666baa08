//! The shop window.

use askama::Template;

use super::{Page, render};
use crate::{app::Visitor, catalog::Product};

/// `GET /`
pub(crate) async fn show(Visitor(visitor): Visitor) -> Page {
    let cart_pieces = match visitor {
        Some(shopper) => shopper.lock().await.basket.pieces(),
        None => 0,
    };
    render(&CatalogPage {
        products: &Product::ALL,
        cart_pieces,
    })
}

#[derive(Template)]
#[template(path = "catalog.html")]
struct CatalogPage {
    products: &'static [Product],
    cart_pieces: u64,
}
