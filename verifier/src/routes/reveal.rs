//! A card's number, for an operator who says why.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, Response, header},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;
use zeroize::Zeroizing;

use crate::{
    app::App,
    checkout,
    http::{Misfit, MisfitReason, PathOf, Peer, Problem, StrictJson},
    identity::Operator,
    interface::{About, Written},
    mode::Mode,
    store::submissions,
    vault::{self, CardId, Reason, RevealError, RevealLimits, RevealRequest, Revealed},
};

pub(crate) const REVEAL: About = About {
    id: "revealCard",
    summary: "Read a card's number, for a reason",
    codes: &[],
};

/// Holds any answer: a buffer that grows would leave a number behind.
const ANSWER_LEN: usize = 256;

/// Body of [`reveal`].
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Chargeback 4711, asked by the bank" }))]
pub(crate) struct WhyReveal {
    /// 10 to 200 printable characters; stored encrypted. Never a card number.
    reason: String,
}

/// Expiry is that of the latest submission, and absent when there is none.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevealedCard<'c> {
    number: &'c str,
    brand: &'c str,
    last4: &'c str,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
}

/// `POST /v1/cards/{id}/reveal`
///
/// # Errors
/// `not_found`, `rate_limited`, `request_invalid`.
pub(crate) async fn reveal(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
    body: Result<StrictJson<WhyReveal>, Problem>,
) -> Result<Written<RevealedCard<'static>>, Problem> {
    let request = RevealRequest {
        operator_id: operator.id,
        ip_digest: app.ip_digest(Mode::Live, peer.ip),
        request_id: peer.request_id,
        at: app.clock.now(),
    };
    let card_id = CardId::parse(id);
    let reason = body.and_then(|StrictJson(body)| {
        let misfit = Misfit::of("reason", MisfitReason::Format);
        Reason::parse(&body.reason).ok_or_else(|| misfit.into())
    });
    let asked = reason.and_then(|reason| match &card_id {
        Some(card_id) => Ok((card_id.clone(), reason)),
        None => Err(ErrorCode::NotFound.into()),
    });
    match asked {
        Ok(asked) => answer(&app, asked, request).await.map(Written::new),
        Err(problem) => {
            vault::audit_refused_reveal(&app.store, card_id, request, problem.code()).await?;
            Err(problem)
        }
    }
}

async fn answer(
    app: &App,
    asked: (CardId, Reason),
    request: RevealRequest,
) -> Result<Response<Body>, Problem> {
    let keys = app.keys_of(Mode::of_id(asked.0.as_str()));
    let limits = RevealLimits {
        of_operator: app.limits.reveals_per_operator_hour,
        of_all: app.limits.reveals_per_hour,
    };
    let (shared, rng) = (Arc::clone(&keys), Arc::clone(&app.rng));
    let revealed = vault::reveal(&app.store, shared, asked, request, limits, rng).await;
    let Revealed { card, number } = revealed.map_err(refused)?;
    let (merchant_id, card_id) = (card.merchant_id.clone(), card.id.clone());
    let latest = app
        .store
        .read(move |connection| submissions::latest_of_card(connection, &merchant_id, &card_id));
    let expiry = latest.await?;
    let expiry = expiry.map(|submission| checkout::expiry_of(&keys, &submission));
    let (exp_month, exp_year) = expiry.transpose()?.unzip();
    write(&RevealedCard {
        // EXPOSE: to the operator, whom the audit names.
        number: str::from_utf8(&number).map_err(|_| ErrorCode::Internal)?,
        brand: &card.brand,
        last4: &card.last4,
        exp_month,
        exp_year,
    })
}

/// Written here, for a buffer that is wiped when it is sent.
fn write(card: &RevealedCard<'_>) -> Result<Response<Body>, Problem> {
    let mut json = Zeroizing::new(Vec::with_capacity(ANSWER_LEN));
    serde_json::to_writer(&mut *json, card).map_err(|_| ErrorCode::Internal)?;
    let mut response = Response::new(Body::from(Bytes::from_owner(json)));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn refused(error: RevealError) -> Problem {
    match error {
        RevealError::Limited(seconds) => {
            Problem::from(ErrorCode::RateLimited).with_retry_after(seconds)
        }
        RevealError::NotFound => ErrorCode::NotFound.into(),
        RevealError::Store(error) => error.into(),
    }
}
