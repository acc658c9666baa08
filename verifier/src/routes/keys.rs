//! Keys, for operators. Wrapping them anew stays a command: it needs the next key-encryption key.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use waxseal_protocol::ErrorCode;

use super::callers::Operating;
use crate::{
    app::App,
    http::{PathOf, Peer, Problem, StrictJson},
    identity::{Operator, OperatorScope},
    keys::{self, KeyView, KeyringError, Occasion, Purpose, RotationError},
    mode::Mode,
    store::{
        key_state::KeyState,
        keys::{find, list as all},
    },
};

/// Every key, oldest first.
#[derive(Serialize)]
pub(crate) struct KeyList {
    data: Vec<KeyView>,
}

/// Body of [`rotate`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    purpose: String,
    mode: Mode,
    /// Use a sealing key now, without publishing it for a while before.
    #[serde(default)]
    at_once: bool,
}

/// `GET /v1/keys`
///
/// # Errors
/// `forbidden`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    operating: Operating,
) -> Result<Json<KeyList>, Problem> {
    operating.with(&app, OperatorScope::KeysRead).await?;
    let rows = app.store.read(all).await?;
    Ok(Json(KeyList {
        data: rows.iter().map(KeyView::from).collect(),
    }))
}

/// `POST /v1/keys`
///
/// # Errors
/// `request_invalid`, and see [`keys::rotate`].
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    operating: Operating,
    body: Result<StrictJson<Rotate>, Problem>,
) -> Result<(StatusCode, Json<KeyView>), Problem> {
    let caller = operating.with(&app, OperatorScope::KeysWrite).await?;
    let StrictJson(body) = body?;
    let purpose = Purpose::parse(&body.purpose).ok_or(ErrorCode::RequestInvalid)?;
    let (kek, kind) = (app.keys.kek(), (purpose, body.mode));
    let occasion = occasion(&app, caller);
    let made = keys::rotate(&app.store, kek, kind, body.at_once, &*app.rng, occasion).await;
    let row = made.map_err(refused)?;
    follow(&app).await?;
    Ok((StatusCode::CREATED, Json(KeyView::from(&row))))
}

/// `POST /v1/keys/{id}/retire`
///
/// # Errors
/// See [`keys::change_state`].
pub(crate) async fn retire(
    State(app): State<Arc<App>>,
    operating: Operating,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, Problem> {
    change(&app, operating, &id, KeyState::Retired).await
}

/// `POST /v1/keys/{id}/revoke`
///
/// # Errors
/// See [`keys::change_state`].
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    operating: Operating,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, Problem> {
    change(&app, operating, &id, KeyState::Revoked).await
}

/// `POST /v1/keys/{id}/destroy`
///
/// # Errors
/// `key_in_use` with the count for a key that rows still need, and see [`keys::change_state`].
pub(crate) async fn destroy(
    State(app): State<Arc<App>>,
    operating: Operating,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, Problem> {
    change(&app, operating, &id, KeyState::Destroyed).await
}

async fn change(
    app: &App,
    operating: Operating,
    id: &str,
    next: KeyState,
) -> Result<Json<KeyView>, Problem> {
    let caller = operating.with(app, OperatorScope::KeysWrite).await?;
    let occasion = occasion(app, caller);
    keys::change_state(&app.store, app.keys.kek(), id, next, &*app.rng, occasion)
        .await
        .map_err(refused)?;
    follow(app).await?;
    let id = id.to_owned();
    let row = app.store.read(move |connection| find(connection, &id));
    let row = row.await?.ok_or(ErrorCode::NotFound)?;
    Ok(Json(KeyView::from(&row)))
}

fn occasion(app: &App, (operator, peer): (Operator, Peer)) -> Occasion {
    Occasion {
        at: app.clock.now(),
        operator_id: Some(operator.id),
        request_id: Some(peer.request_id),
    }
}

/// The change takes effect here before it is answered; elsewhere within seconds.
async fn follow(app: &App) -> Result<(), Problem> {
    let followed = app.keys.refresh(&app.store).await;
    followed.map(drop).map_err(|error| failed(&error))
}

fn refused(error: RotationError) -> Problem {
    match error {
        RotationError::InUse(count) => Problem::from(ErrorCode::KeyInUse).with_values(count),
        RotationError::Keyring(error) => failed(&error),
        RotationError::NotFound => ErrorCode::NotFound.into(),
        RotationError::NotRotated(_) => ErrorCode::KeyNotRotatable.into(),
        RotationError::OnlyOne => ErrorCode::KeyNeedsSuccessor.into(),
        RotationError::TooSoon => ErrorCode::KeyTooFresh.into(),
        RotationError::Transition(..) => ErrorCode::KeyStateConflict.into(),
        RotationError::Waiting => ErrorCode::KeyNextWaiting.into(),
    }
}

fn failed(error: &KeyringError) -> Problem {
    let code = match error {
        // A module that is gone comes back, and a database too.
        KeyringError::Kek(_) | KeyringError::Store(_) => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    };
    Problem::from(code).because(error)
}
