//! The session, for the frame.

use std::sync::Arc;

use axum::{Json, extract::State};
use waxseal_protocol::{ErrorCode, message::SessionView};

use crate::{app::App, checkout, http::Problem, identity::ClientToken, interface::About};

pub(crate) const READ: About = About {
    id: "readFrameSession",
    summary: "Read what the frame shows",
    codes: &[ErrorCode::SessionExpired],
};

/// `GET /v1/session`
///
/// # Errors
/// `session_expired`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    token: ClientToken,
) -> Result<Json<SessionView>, Problem> {
    checkout::frame_view(&app, token).await.map(Json)
}
