//! Who calls an endpoint for tokens, with the parameters that they send.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};

use super::answer::failed;
use crate::{
    app::App,
    http::{ClientCertificate, FormBody, Peer},
    identity::oauth::{
        Authenticated, Credentials, OAuthError, OAuthFailure, Parameters, Proof, ProofOf, Refusal,
    },
    routes::{access_token::one_proof, certificate_owner::may_come},
};

/// An authenticated client, and what it asks.
pub(crate) struct Asking {
    pub(super) client: Authenticated,
    pub(super) parameters: Parameters,
    /// SHA-256 of the certificate of its connection.
    pub(super) certificate: Option<[u8; 32]>,
    /// Thumbprint of the key that its DPoP proof was signed with, if it sent one.
    pub(super) jkt: Option<String>,
    pub(super) peer: Peer,
}

impl FromRequest<Arc<App>> for Asking {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(peer) = Peer::from_request_parts(&mut parts, app).await;
        let head = parts.clone();
        let body = FormBody::from_request(Request::from_parts(parts, body), app).await;
        let FormBody(body) = body.map_err(IntoResponse::into_response)?;
        match read(&head, &body, app).await {
            Ok((client, parameters, jkt)) => Ok(Self {
                client,
                parameters,
                certificate: certificate(&head),
                jkt,
                peer,
            }),
            Err(failure) => Err(failed(app, failure, &peer).await),
        }
    }
}

async fn read(
    head: &Parts,
    body: &[u8],
    app: &App,
) -> Result<(Authenticated, Parameters, Option<String>), OAuthFailure> {
    let malformed = |error| Refusal::new(error, "request_malformed");
    let parameters = Parameters::parse(body).map_err(malformed)?;
    let authorization = head.headers.get(header::AUTHORIZATION);
    let authorization = authorization.map(|value| value.to_str().unwrap_or_default());
    let credentials = Credentials::read(authorization, &parameters).map_err(malformed)?;
    let (server, now) = (&app.authorization, app.clock.now());
    let certificate = certificate(head);
    let client = server.authenticate(
        &app.store,
        credentials,
        certificate.as_ref(),
        &app.client_secrets,
        now,
    );
    let client = client.await?;
    if !may_come(head, app, client.id()).await? {
        let refused = Refusal::new(OAuthError::InvalidClient, "certificate_owner");
        return Err(refused.of_client(client.id()).into());
    }
    let jkt = match head.headers.contains_key("dpop") {
        false => None,
        true => Some(
            prove(head, app)
                .await
                .map_err(|failure| of(failure, &client))?,
        ),
    };
    Ok((client, parameters, jkt))
}

/// The key of the request's proof.
async fn prove(head: &Parts, app: &App) -> Result<String, OAuthFailure> {
    let refused = |reason| Refusal::new(OAuthError::InvalidDpopProof, reason);
    let proof = one_proof(&head.headers).ok_or_else(|| refused("dpop_malformed"))?;
    let of = ProofOf {
        method: head.method.as_str(),
        path: head.uri.path(),
        origins: &app.authorization.origins,
        token: None,
    };
    let proof = Proof::verify(proof, of, app.clock.now());
    let proof = proof.map_err(|error| refused(error.0))?;
    match proof.consume(&app.store).await? {
        true => Ok(proof.jkt),
        false => Err(refused("dpop_replayed").into()),
    }
}

fn of(failure: OAuthFailure, client: &Authenticated) -> OAuthFailure {
    match failure {
        OAuthFailure::Refused(refusal) => refusal.of_client(client.id()).into(),
        failed @ OAuthFailure::Store(_) => failed,
    }
}

fn certificate(head: &Parts) -> Option<[u8; 32]> {
    let certificate = head.extensions.get::<ClientCertificate>();
    certificate.map(|certificate| *certificate.sha256())
}
