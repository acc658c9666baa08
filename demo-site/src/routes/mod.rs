//! One file per page.

pub(crate) mod assets;
pub(crate) mod cart;
pub(crate) mod catalog;
pub(crate) mod checkout;
pub(crate) mod order;
pub(crate) mod panel;

use axum::response::Html;

use crate::error::{PageError, ShopError};

type Page = Result<Html<String>, PageError>;

/// `GET /healthz`
pub(crate) async fn health() -> &'static str {
    "ok"
}

/// Everything else.
pub(crate) async fn not_found() -> PageError {
    PageError(ShopError::NotFound)
}

fn render(page: &impl askama::Template) -> Page {
    page.render()
        .map(Html)
        .map_err(|error| PageError(ShopError::Template(error)))
}
