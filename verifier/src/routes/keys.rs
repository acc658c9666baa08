//! Keys, for operators. Wrapping them anew stays a command: it needs the next key-encryption key.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use super::occasion::{occasion, occasion_once};
use crate::{
    app::App,
    http::{IdempotencyKey, Misfit, MisfitReason, PathOf, Peer, Problem, StrictJson},
    identity::Operator,
    interface::{About, Created},
    keys::{self, KeyView, KeyringError, Purpose, RotationError},
    mode::Mode,
    store::{
        key_state::KeyState,
        keys::{find, list as all},
    },
};

pub(crate) const DESTROY: About = About {
    id: "destroyKey",
    summary: "Wipe a key that nothing needs",
    codes: &[
        ErrorCode::KeyInUse,
        ErrorCode::KeyNeedsSuccessor,
        ErrorCode::KeyStateConflict,
        ErrorCode::KeyTooFresh,
    ],
};
pub(crate) const LIST: About = About {
    id: "listKeys",
    summary: "Read every key, oldest first, without its bytes",
    codes: &[],
};
pub(crate) const RETIRE: About = About {
    id: "retireKey",
    summary: "Let a key read what is old, and no more",
    codes: &[ErrorCode::KeyNeedsSuccessor, ErrorCode::KeyStateConflict],
};
pub(crate) const REVOKE: About = About {
    id: "revokeKey",
    summary: "Refuse a key from now on",
    codes: &[ErrorCode::KeyNeedsSuccessor, ErrorCode::KeyStateConflict],
};
pub(crate) const ROTATE: About = About {
    id: "rotateKey",
    summary: "Make a key that takes the active one's place",
    codes: &[ErrorCode::KeyNextWaiting, ErrorCode::KeyNotRotatable],
};

/// Every key, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyList {
    data: Vec<KeyView>,
}

/// Body of [`rotate`].
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "dek", "mode": "test" }))]
pub(crate) struct Rotate {
    /// What the key is for.
    purpose: String,
    /// Test or live.
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
    _: Operator,
) -> Result<Json<KeyList>, Problem> {
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
    operator: Operator,
    peer: Peer,
    key: IdempotencyKey,
    StrictJson(body): StrictJson<Rotate>,
) -> Result<Created<KeyView>, Problem> {
    let misfit = Misfit::of("purpose", MisfitReason::Format);
    let purpose = Purpose::parse(&body.purpose).ok_or(misfit)?;
    let (kek, kind) = (app.keys.kek(), (purpose, body.mode));
    let what = ("POST /v1/keys", &body);
    let occasion = occasion_once(&app, operator, peer, &key, what)?;
    let made = keys::rotate(&app.store, kek, kind, body.at_once, &*app.rng, occasion).await;
    let row = made.map_err(refused)?;
    follow(&app).await?;
    Ok(Created(KeyView::from(&row)))
}

/// `POST /v1/keys/{id}/retire`
///
/// # Errors
/// See [`keys::change_state`].
pub(crate) async fn retire(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, Problem> {
    change(&app, (operator, peer), &id, KeyState::Retired).await
}

/// `POST /v1/keys/{id}/revoke`
///
/// # Errors
/// See [`keys::change_state`].
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, Problem> {
    change(&app, (operator, peer), &id, KeyState::Revoked).await
}

/// `POST /v1/keys/{id}/destroy`
///
/// # Errors
/// `key_in_use` with the count for a key that rows still need, and see [`keys::change_state`].
pub(crate) async fn destroy(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<KeyView>, Problem> {
    change(&app, (operator, peer), &id, KeyState::Destroyed).await
}

async fn change(
    app: &App,
    (operator, peer): (Operator, Peer),
    id: &str,
    next: KeyState,
) -> Result<Json<KeyView>, Problem> {
    let occasion = occasion(app, operator, peer);
    keys::change_state(&app.store, app.keys.kek(), id, next, &*app.rng, occasion)
        .await
        .map_err(refused)?;
    follow(app).await?;
    let id = id.to_owned();
    let row = app.store.read(move |connection| find(connection, &id));
    let row = row.await?.ok_or(ErrorCode::NotFound)?;
    Ok(Json(KeyView::from(&row)))
}

/// The change takes effect here before it is answered; elsewhere within seconds.
async fn follow(app: &App) -> Result<(), Problem> {
    let followed = app.keys.refresh(&app.store).await;
    followed.map(drop).map_err(|error| failed(&error))
}

fn refused(error: RotationError) -> Problem {
    match error {
        RotationError::Idempotency => ErrorCode::IdempotencyConflict.into(),
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
