//! Request bodies of forms.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use waxseal_protocol::ErrorCode;

use super::{
    Problem,
    body::{has_type, read_body},
};
use crate::app::App;

/// A body of `application/x-www-form-urlencoded`, of bounded size, within bounded time.
pub struct FormBody(pub Bytes);

impl FromRequest<Arc<App>> for FormBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        if !has_type(request.headers(), "application/x-www-form-urlencoded") {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        read_body(request, app).await.map(Self)
    }
}
