//! What can go wrong in the shop, and how pages and the page's requests are told.

use askama::Template;
use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use hyper::StatusCode;
use serde::Serialize;
use waxseal_protocol::ErrorCode;

use crate::{rng::RngError, verifier::VerifierError};

/// A request that the shop cannot do.
#[derive(Debug)]
pub enum ShopError {
    /// There is nothing to pay for.
    CartEmpty,
    /// The form is not one of this shop's.
    FormInvalid,
    /// There is no such page.
    NotFound,
    /// No random id could be made.
    Randomness,
    /// A page could not be written.
    Template(askama::Error),
    /// The session kept changing while it was being looked at.
    Unsettled,
    /// The verifier refused or did not answer.
    Verifier(VerifierError),
}

/// The error as a page.
#[derive(Debug)]
pub struct PageError(pub ShopError);

/// The error as JSON, for the page's own requests.
#[derive(Debug)]
pub struct ApiError(pub ShopError);

impl ShopError {
    fn status(&self) -> StatusCode {
        match self {
            Self::CartEmpty => StatusCode::CONFLICT,
            Self::FormInvalid => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Randomness | Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unsettled => StatusCode::SERVICE_UNAVAILABLE,
            Self::Verifier(_) => StatusCode::BAD_GATEWAY,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CartEmpty => "cart_empty",
            Self::FormInvalid => "form_invalid",
            Self::NotFound => "not_found",
            Self::Randomness | Self::Template(_) => "internal",
            Self::Unsettled => "unsettled",
            Self::Verifier(error) if error.is(ErrorCode::OriginNotRegistered) => {
                "origin_not_registered"
            }
            Self::Verifier(_) => "verifier_failed",
        }
    }

    /// One sentence for people. What the verifier said stays in the shop's log.
    fn message(&self) -> &'static str {
        match self {
            Self::CartEmpty => "Your cart is empty.",
            Self::FormInvalid => "The shop did not understand that form.",
            Self::NotFound => "There is no such page in this shop.",
            Self::Randomness | Self::Template(_) => "The shop's server failed; its log tells more.",
            Self::Unsettled => "The order kept changing. Please try again.",
            Self::Verifier(error) if error.is(ErrorCode::OriginNotRegistered) => {
                "This shop's address is not registered with the verifier."
            }
            Self::Verifier(_) => "The payment server did not answer as expected. Please try again.",
        }
    }

    fn log(&self) {
        match self {
            Self::Verifier(error) => tracing::error!(%error, "a call to the verifier failed"),
            Self::Template(error) => tracing::error!(%error, "a page could not be written"),
            Self::Randomness | Self::Unsettled => {
                tracing::error!(code = self.code(), "a request failed");
            }
            Self::CartEmpty | Self::FormInvalid | Self::NotFound => {}
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    message: &'static str,
    cart_pieces: u64,
}

#[derive(Serialize)]
struct ErrorBody {
    code: &'static str,
    message: &'static str,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        self.0.log();
        let page = ErrorPage {
            message: self.0.message(),
            cart_pieces: 0,
        };
        match page.render() {
            Ok(html) => (self.0.status(), Html(html)).into_response(),
            Err(_) => self.0.status().into_response(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.log();
        let body = ErrorBody {
            code: self.0.code(),
            message: self.0.message(),
        };
        (self.0.status(), Json(body)).into_response()
    }
}

impl<E: Into<ShopError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<E: Into<ShopError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<RngError> for ShopError {
    fn from(_: RngError) -> Self {
        Self::Randomness
    }
}

impl From<VerifierError> for ShopError {
    fn from(error: VerifierError) -> Self {
        Self::Verifier(error)
    }
}
