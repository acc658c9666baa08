//! The session, for the frame.

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
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
    headers: HeaderMap,
) -> Result<Json<SessionView>, Problem> {
    // Global Privacy Control, section 3.2: any other value is as if it were not there.
    let gpc = headers.get("sec-gpc").is_some_and(|value| value == "1");
    checkout::frame_view(&app, token, gpc).await.map(Json)
}
