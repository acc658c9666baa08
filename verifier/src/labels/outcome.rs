//! Outcomes, as merchants' servers report them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    clock::Timestamp,
    http::{IdempotencyKey, Misfit, MisfitReason, Problem},
    identity::Caller,
    lists::is_word,
    store::{
        StoreError, Tx,
        audit::{self, AuditEntry},
        cards,
        idempotency::{self, IdempotencyRecord},
        may_be_id,
        outcomes::{self, OutcomeKind, OutcomeOf, OutcomeRow},
        sessions,
    },
};

/// Outcomes of a history at most.
const MOST: u32 = 100;
/// Seconds by which a merchant's clock may be ahead.
const AHEAD_S: i64 = 300;

/// Body of `POST /v1/outcomes`: of a session, an order or a card.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "session": "cs_test_01m8q4t1p0zzzzzzzzzzzzzzzz", "kind": "chargeback", "reason": "fraud_10_4" }))]
pub struct OutcomeRequest {
    /// Id of the session.
    #[serde(default)]
    pub session: Option<String>,
    /// The merchant's own reference: its latest session's, of those that took a card if there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[!-~]{1,64}$")]
    pub order_id: Option<String>,
    /// Id of the card: for each of its sessions that has no outcome of its own.
    #[serde(default)]
    pub card: Option<String>,
    /// What it turned out to be.
    pub kind: OutcomeKind,
    /// When, RFC 3339; now if left out.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub happened_at: Option<String>,
    /// Why, in one word.
    #[serde(default)]
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub reason: Option<String>,
}

/// What somebody said of a session or a card.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutcomeDetails {
    /// `out_test_…` or `out_live_…`.
    pub id: String,
    /// Id of the session, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Id of the card, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// What it turned out to be.
    pub kind: OutcomeKind,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub happened_at: String,
    /// Why, in one word.
    pub reason: Option<String>,
    /// Whether somebody found so who reviewed the decision.
    pub by_review: bool,
    /// When it was said, RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// All that was said of a session or a card.
#[derive(Serialize, ToSchema)]
pub struct OutcomeHistory {
    /// Latest first, at most 100. The first one holds.
    pub data: Vec<OutcomeDetails>,
}

impl From<OutcomeRow> for OutcomeDetails {
    fn from(row: OutcomeRow) -> Self {
        let (session, card) = match row.of {
            OutcomeOf::Card(id) => (None, Some(id)),
            OutcomeOf::Session(id) => (Some(id), None),
        };
        Self {
            id: row.id,
            session,
            card,
            kind: row.kind,
            happened_at: row.happened_at.rfc3339(),
            reason: row.reason,
            by_review: row.operator_id.is_some(),
            created_at: row.created_at.rfc3339(),
        }
    }
}

/// Records an outcome. One that says what the latest of the same already says is that one again.
///
/// # Errors
/// `request_invalid`, `not_found`, `idempotency_conflict`.
pub async fn record(
    app: &App,
    caller: Caller,
    request: OutcomeRequest,
    key: IdempotencyKey,
    request_id: String,
) -> Result<OutcomeDetails, Problem> {
    let now = app.clock.now();
    let OutcomeRequest {
        session,
        order_id,
        card,
        ..
    } = &request;
    let about = (session.as_deref(), order_id.as_deref(), card.as_deref());
    let row = OutcomeRow {
        id: app.rng.id(&caller.mode.id_prefix("out"), now)?,
        merchant_id: caller.merchant_id.clone(),
        of: subject(app, &caller.merchant_id, about).await?,
        kind: request.kind,
        happened_at: happened_at(request.happened_at.as_deref(), now)?,
        reason: checked(request.reason.clone())?,
        client_id: Some(caller.client_id),
        operator_id: None,
        created_at: now,
    };
    let keys = app.keys_of(caller.mode);
    let digests = key.digests(&keys.pseudonym, "POST /v1/outcomes", &request)?;
    let once = digests.map(|digests| IdempotencyRecord {
        merchant_id: caller.merchant_id,
        key_digest: digests.key,
        meaning_digest: digests.meaning,
        answer: row.id.clone(),
    });
    let is_timed = request.happened_at.is_some();
    let recorded = app.store.write("record_outcome", move |tx| {
        if let Some(once) = &once {
            match idempotency::find(tx, &once.merchant_id, &once.key_digest)? {
                Some(found) if found.meaning_digest != once.meaning_digest => {
                    return Ok(Err(ErrorCode::IdempotencyConflict));
                }
                Some(found) => {
                    let found = outcomes::find(tx, &found.answer)?;
                    return Ok(found.ok_or(ErrorCode::IdempotencyConflict));
                }
                None => {}
            }
        }
        if !is_there(tx, &row)? {
            return Ok(Err(ErrorCode::NotFound));
        }
        let latest = outcomes::history(tx, &row.merchant_id, &row.of, 1)?.pop();
        let says_the_same = |latest: &OutcomeRow| {
            latest.kind == row.kind
                && latest.reason == row.reason
                && (!is_timed || latest.happened_at == row.happened_at)
        };
        if let Some(latest) = latest.filter(says_the_same) {
            return Ok(Ok(latest));
        }
        if let Some(once) = &once {
            idempotency::insert(tx, once, now)?;
        }
        insert(tx, &row, request_id)?;
        Ok(Ok(row))
    });
    Ok(recorded.await??.into())
}

/// Adds an outcome, and says so in the audit.
pub(super) fn insert(
    tx: &Tx<'_>,
    row: &OutcomeRow,
    request_id: impl Into<Option<String>>,
) -> Result<(), StoreError> {
    let (session_id, card_id) = match &row.of {
        OutcomeOf::Card(id) => (None, Some(id.clone())),
        OutcomeOf::Session(id) => (Some(id.clone()), None),
    };
    let entry = AuditEntry {
        action: "outcome.recorded",
        reason: Some(row.kind.as_str()),
        merchant_id: Some(row.merchant_id.clone()),
        client_id: row.client_id.clone(),
        operator_id: row.operator_id.clone(),
        session_id,
        card_id,
        request_id: request_id.into(),
        ..AuditEntry::default()
    };
    outcomes::insert(tx, row)?;
    audit::append(tx, &entry, row.created_at)
}

fn is_there(tx: &Tx<'_>, row: &OutcomeRow) -> Result<bool, StoreError> {
    Ok(match &row.of {
        OutcomeOf::Card(id) => cards::find(tx, &row.merchant_id, id)?.is_some(),
        OutcomeOf::Session(id) => {
            let session = sessions::find(tx, id)?;
            session.is_some_and(|session| session.merchant_id == row.merchant_id)
        }
    })
}

/// All that was said of a session or a card of the caller's merchant.
///
/// # Errors
/// `request_invalid`.
pub async fn history(
    app: &App,
    caller: Caller,
    (session, order_id, card): (Option<String>, Option<String>, Option<String>),
) -> Result<OutcomeHistory, Problem> {
    let about = (session.as_deref(), order_id.as_deref(), card.as_deref());
    if about == (None, None, None) {
        return Ok(OutcomeHistory { data: Vec::new() });
    }
    let of = subject(app, &caller.merchant_id, about).await?;
    let rows = app
        .store
        .read(move |connection| outcomes::history(connection, &caller.merchant_id, &of, MOST));
    Ok(OutcomeHistory {
        data: rows.await?.into_iter().map(OutcomeDetails::from).collect(),
    })
}

/// What is meant by a session's id, an order's, or a card's.
async fn subject(
    app: &App,
    merchant_id: &str,
    about: (Option<&str>, Option<&str>, Option<&str>),
) -> Result<OutcomeOf, Problem> {
    let order_id = match about {
        (Some(session), None, None) => return Ok(OutcomeOf::Session(session.to_owned())),
        (None, None, Some(card)) => return Ok(OutcomeOf::Card(card.to_owned())),
        (None, Some(order_id), None) => order_id.to_owned(),
        (None, None, None) => return Err(Misfit::of("session", MisfitReason::Missing).into()),
        (_, Some(_), _) => return Err(Misfit::of("order_id", MisfitReason::Format).into()),
        (Some(_), None, Some(_)) => return Err(Misfit::of("card", MisfitReason::Format).into()),
    };
    if !may_be_id(&order_id) {
        return Err(ErrorCode::NotFound.into());
    }
    let merchant_id = merchant_id.to_owned();
    let found = app
        .store
        .read(move |connection| sessions::latest_of_order(connection, &merchant_id, &order_id));
    let session_id = found.await?.ok_or(ErrorCode::NotFound)?;
    Ok(OutcomeOf::Session(session_id))
}

fn happened_at(given: Option<&str>, now: Timestamp) -> Result<Timestamp, Misfit> {
    let Some(text) = given else {
        return Ok(now);
    };
    let at = Timestamp::parse_rfc3339(text);
    let at = at.ok_or(Misfit::of("happened_at", MisfitReason::Format))?;
    match at.millis() >= 0 && at <= now.plus_seconds(AHEAD_S) {
        true => Ok(at),
        false => Err(Misfit::of("happened_at", MisfitReason::Range)),
    }
}

fn checked(reason: Option<String>) -> Result<Option<String>, Misfit> {
    match reason {
        Some(reason) if !is_word(&reason) => Err(Misfit::of("reason", MisfitReason::Format)),
        reason => Ok(reason),
    }
}
