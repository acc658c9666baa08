//! Decisions without a session, for merchants' servers.

use std::sync::Arc;

use axum::extract::State;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    checkout::{self, AssessmentDetails, AssessmentRequest},
    http::{IdempotencyKey, Peer, Problem, StrictJson},
    identity::Caller,
    interface::{About, Created},
};

pub(crate) const ASSESS: About = About {
    id: "createAssessment",
    summary: "Have a payment decided on that is made elsewhere",
    codes: &[ErrorCode::NotFound],
};

/// `POST /v1/assessments`
///
/// # Errors
/// See [`checkout::assess`].
pub(crate) async fn assess(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<AssessmentRequest>,
) -> Result<Created<AssessmentDetails>, Problem> {
    let made = checkout::assess(&app, caller, request, key, peer.request_id);
    made.await.map(Created)
}
