//! Tokens taken back (RFC 7009).

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{answer::failed, caller::Asking};
use crate::{
    app::App,
    identity::oauth::{OAuthFailure, Refusal},
};

/// `POST /oauth/revoke`
pub(crate) async fn revoke(State(app): State<Arc<App>>, asking: Asking) -> Response {
    match revoked(&app, &asking).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(failure) => failed(&app, failure, &asking.peer).await,
    }
}

async fn revoked(app: &App, asking: &Asking) -> Result<(), OAuthFailure> {
    let id = asking.client.id().to_owned();
    let token = asking.parameters.need("token");
    let token = token.map_err(|error| Refusal::new(error, "request_malformed").of_client(&id))?;
    let (keyring, now) = (app.keyring(), app.clock.now());
    let request_id = asking.peer.request_id.clone();
    let revoked =
        app.authorization
            .revoke(&app.store, &keyring, id.clone(), token, request_id, now);
    Ok(revoked.await?)
}
