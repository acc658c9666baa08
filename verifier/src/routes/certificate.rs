//! A client certificate that was good when its connection began, before each request on it.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    checkout::audit_refusal,
    http::{ClientCertificate, Peer, Problem},
    store::audit::AUTH_FAILED,
};

/// Refuses the request, and closes its connection, when the certificate has ended or been revoked since,
/// or its authority is trusted no longer.
pub(crate) async fn still_trusted(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let certificate = request.extensions().get::<ClientCertificate>();
    if certificate.is_none_or(|certificate| certificate.is_trusted(app.clock.now())) {
        return next.run(request).await;
    }
    let (mut parts, _) = request.into_parts();
    let Ok(peer) = Peer::from_request_parts(&mut parts, &app).await;
    let code = ErrorCode::ClientCertificateRefused;
    let reason = Some("client_certificate");
    let problem = match audit_refusal(&app, AUTH_FAILED, code, reason, &peer).await {
        Ok(()) => Problem::from(code),
        Err(error) => error.into(),
    };
    let mut response = problem.into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}
