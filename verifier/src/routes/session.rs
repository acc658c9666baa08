//! The session, for the frame.

use std::sync::Arc;

use axum::{Json, extract::State};
use waxseal_protocol::message::SessionView;

use super::callers::Frame;
use crate::{app::App, checkout, http::Problem};

/// `GET /v1/session`
///
/// # Errors
/// `session_expired`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Frame(token): Frame,
) -> Result<Json<SessionView>, Problem> {
    checkout::frame_view(&app, token).await.map(Json)
}
