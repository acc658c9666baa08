//! Access tokens, for servers and programs.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};

use super::{answer::failed, caller::Asking};
use crate::{
    app::App,
    identity::oauth::{
        Authenticated, OAuthError, OAuthFailure, Redemption, Refusal, Renewal, TokenAnswer,
    },
    store::{clients::Client, public_clients::PublicClient},
};

/// `POST /oauth/token`
pub(crate) async fn issue(State(app): State<Arc<App>>, asking: Asking) -> Response {
    let peer = asking.peer.clone();
    match answer(&app, asking).await {
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => failed(&app, failure, &peer).await,
    }
}

async fn answer(app: &App, asking: Asking) -> Result<TokenAnswer, OAuthFailure> {
    let id = asking.client.id().to_owned();
    let refused = |error, reason| Refusal::new(error, reason).of_client(&id);
    let resource = asking.parameters.get("resource");
    if resource.is_some_and(|resource| resource != app.authorization.issuer) {
        return Err(refused(OAuthError::InvalidTarget, "resource").into());
    }
    let kind = asking.parameters.need("grant_type");
    let kind = kind.map_err(|error| refused(error, "request_malformed"))?;
    match (kind, &asking.client) {
        ("client_credentials", Authenticated::Server(client)) => {
            to_server(app, client, &asking).await
        }
        ("authorization_code", Authenticated::Program(program)) => {
            for_code(app, program, &asking).await
        }
        ("refresh_token", Authenticated::Program(program)) => {
            for_refresh_token(app, program, &asking).await
        }
        ("client_credentials" | "authorization_code" | "refresh_token", _) => {
            Err(refused(OAuthError::UnauthorizedClient, "grant_type").into())
        }
        _ => Err(refused(OAuthError::UnsupportedGrantType, "grant_type").into()),
    }
}

async fn to_server(
    app: &App,
    client: &Client,
    asking: &Asking,
) -> Result<TokenAnswer, OAuthFailure> {
    let keyring = app.keyring();
    let issued = app.authorization.issue_to_server(
        &app.store,
        &keyring,
        client,
        asking.parameters.get("scope"),
        (asking.certificate.as_ref(), asking.jkt.clone()),
        asking.peer.request_id.clone(),
        app.clock.now(),
        &*app.rng,
    );
    issued.await
}

async fn for_code(
    app: &App,
    program: &PublicClient,
    asking: &Asking,
) -> Result<TokenAnswer, OAuthFailure> {
    let need = |name| {
        let value = asking.parameters.need(name).map(str::to_owned);
        value.map_err(|error| Refusal::new(error, "request_malformed").of_client(&program.id))
    };
    let given = Redemption {
        code: need("code")?.into(),
        verifier: need("code_verifier")?.into(),
        redirect_uri: need("redirect_uri")?,
        jkt: bound(asking)?,
        request_id: asking.peer.request_id.clone(),
    };
    let (keyring, now) = (app.keyring(), app.clock.now());
    let redeemed = app
        .authorization
        .redeem(&app.store, &keyring, program, given, now, &*app.rng);
    redeemed.await
}

async fn for_refresh_token(
    app: &App,
    program: &PublicClient,
    asking: &Asking,
) -> Result<TokenAnswer, OAuthFailure> {
    let token = asking.parameters.need("refresh_token");
    let token =
        token.map_err(|error| Refusal::new(error, "request_malformed").of_client(&program.id));
    let given = Renewal {
        token: token?.to_owned().into(),
        scope: asking.parameters.get("scope").map(str::to_owned),
        jkt: bound(asking)?,
        request_id: asking.peer.request_id.clone(),
    };
    let (keyring, now) = (app.keyring(), app.clock.now());
    let renewed = app
        .authorization
        .refresh(&app.store, &keyring, program, given, now, &*app.rng);
    renewed.await
}

/// A program has no secret: its tokens are bound to a key, or there are none.
fn bound(asking: &Asking) -> Result<String, Refusal> {
    let missing = Refusal::new(OAuthError::InvalidDpopProof, "dpop_missing");
    asking
        .jkt
        .clone()
        .ok_or_else(|| missing.of_client(asking.client.id()))
}
