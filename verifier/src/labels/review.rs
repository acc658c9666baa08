//! Decisions that ask for a person: who looks at one, and what is found. A verdict is an outcome too, and may put
//! what it is about on lists.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use super::outcome;
use crate::{
    app::App,
    checkout::{self, DecisionView},
    clock::Timestamp,
    http::{Misfit, MisfitReason, Problem, end_page},
    keys::{ModeKeys, Occasion},
    lists::{self, EntryRequest, NewEntry, is_word},
    mode::Mode,
    store::{
        StoreError, Tx,
        audit::{self, AuditEntry},
        outcomes::{OutcomeKind, OutcomeOf, OutcomeRow},
        reviews::{self, ReviewRow},
        submissions::{self, Submission},
    },
};

/// Seconds for which a decision is somebody's who has claimed it.
const LEASE_S: i64 = 15 * 60;
/// Things that one verdict blocks at most.
const MAX_BLOCKS: usize = 8;

/// Where a review stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Somebody looks at it.
    Claimed,
    /// Somebody has said what it is.
    Decided,
    /// It waits.
    #[default]
    Open,
}

/// What a person found.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not to be trusted.
    Fraud,
    /// A good customer.
    Legitimate,
}

/// A decision that a person should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewDetails {
    /// `sub_test_…` or `sub_live_…`.
    pub id: String,
    /// Id of the merchant.
    pub merchant: String,
    /// Id of the session.
    pub session: String,
    /// Id of the card.
    pub card: String,
    /// Where it stands.
    pub state: ReviewState,
    /// When it was decided that somebody should look, RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Id of who looks at it.
    pub claimed_by: Option<String>,
    /// Until when nobody else is to, RFC 3339.
    #[schema(format = DateTime)]
    pub claimed_until: Option<String>,
    /// What was found.
    pub verdict: Option<OutcomeKind>,
    /// Why, in one word.
    pub reason: Option<String>,
    /// Id of who found so.
    pub decided_by: Option<String>,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
    /// The rules' decision; on a page it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionView>,
}

/// One page of reviews.
#[derive(Serialize, ToSchema)]
pub struct ReviewPage {
    /// Oldest first.
    pub data: Vec<ReviewDetails>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Body of `POST /v1/reviews/{id}/decide`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "verdict": "fraud", "reason": "stolen_card",
    "block": [{ "what": "card", "expires_at": "2027-11-18T00:00:00Z" }]
}))]
pub struct VerdictRequest {
    /// What was found.
    pub verdict: Verdict,
    /// Why, in one word.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub reason: String,
    /// What of it goes on lists, for this merchant.
    #[serde(default)]
    #[schema(max_items = 8)]
    pub block: Vec<Block>,
}

/// Something of a decision that goes on a list.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What.
    pub what: BlockWhat,
    /// The list; `blocked_ips`, `blocked_cards` or `blocked_customers` if left out.
    #[serde(default)]
    pub list: Option<String>,
    /// From when on the entry says nothing any more, RFC 3339.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// What of a decision goes on a list.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockWhat {
    /// The address that the card came from.
    Address,
    /// The card.
    Card,
    /// The session's customer.
    Customer,
}

impl ReviewDetails {
    fn of(row: ReviewRow, now: Timestamp) -> Self {
        let is_claimed = row.claimed_until.is_some_and(|until| now < until);
        Self {
            state: match (row.decided_at, is_claimed) {
                (Some(_), _) => ReviewState::Decided,
                (None, true) => ReviewState::Claimed,
                (None, false) => ReviewState::Open,
            },
            id: row.id,
            merchant: row.merchant_id,
            session: row.session_id,
            card: row.card_id,
            created_at: row.created_at.rfc3339(),
            claimed_by: row.claimed_by,
            claimed_until: row.claimed_until.map(Timestamp::rfc3339),
            verdict: row.decision,
            reason: row.reason,
            decided_by: row.decided_by,
            decided_at: row.decided_at.map(Timestamp::rfc3339),
            decision: None,
        }
    }
}

/// Reviews behind the one of that id, of one merchant or of all, `limit` at most: those that are decided on, or the
/// others.
///
/// # Errors
/// When the store fails.
pub async fn reviews(
    app: &App,
    is_decided: bool,
    merchant: Option<String>,
    after: String,
    limit: u32,
) -> Result<ReviewPage, Problem> {
    let rows = app.store.read(move |connection| {
        reviews::page(
            connection,
            is_decided,
            merchant.as_deref(),
            &after,
            limit + 1,
        )
    });
    let mut rows = rows.await?;
    let next_cursor = end_page(&mut rows, limit, |row| row.id.clone());
    let now = app.clock.now();
    let data = rows.into_iter().map(|row| ReviewDetails::of(row, now));
    Ok(ReviewPage {
        data: data.collect(),
        next_cursor,
    })
}

/// The review of that id, with the decision.
///
/// # Errors
/// `not_found`.
pub async fn review(app: &Arc<App>, id: String) -> Result<ReviewDetails, Problem> {
    let shared = Arc::clone(app);
    let read = app.store.read(move |connection| {
        let found = reviews::find(connection, &id)?.zip(submissions::find(connection, &id)?);
        let details = found.map(|(row, submission)| {
            let keys = shared.keys_of(Mode::of_id(&submission.id));
            Ok(ReviewDetails {
                decision: Some(checkout::decision(&keys, &submission)?),
                ..ReviewDetails::of(row, shared.clock.now())
            })
        });
        details.transpose()
    });
    let details: Option<ReviewDetails> = read.await?;
    Ok(details.ok_or(ErrorCode::NotFound)?)
}

/// Says that the operator looks at it, for a quarter of an hour from now.
///
/// # Errors
/// `not_found`, `review_claimed`, `review_decided`.
pub async fn claim(app: &App, id: String, occasion: Occasion) -> Result<ReviewDetails, Problem> {
    let now = occasion.at;
    let claimed = app.store.write("claim_review", move |tx| {
        let mut row = match free(tx, &id, &occasion)? {
            Ok(row) => row,
            Err(code) => return Ok(Err(code)),
        };
        row.claimed_by.clone_from(&occasion.operator_id);
        row.claimed_until = Some(now.plus_seconds(LEASE_S));
        reviews::put(tx, &row)?;
        log(tx, "review.claimed", None, &row, &occasion)?;
        Ok(Ok(row))
    });
    Ok(ReviewDetails::of(claimed.await??, now))
}

/// Says what it is: an outcome of its session, and entries of lists.
///
/// # Errors
/// `request_invalid`, `not_found`, `review_claimed`, `review_decided`.
pub async fn decide(
    app: &Arc<App>,
    id: String,
    request: VerdictRequest,
    occasion: Occasion,
) -> Result<ReviewDetails, Problem> {
    if !is_word(&request.reason) {
        return Err(Misfit::of("reason", MisfitReason::Format).into());
    }
    if request.block.len() > MAX_BLOCKS {
        return Err(Misfit::of("block", MisfitReason::Length).into());
    }
    let (now, shared) = (occasion.at, Arc::clone(app));
    let outcome_id = app.rng.id(&Mode::of_id(&id).id_prefix("out"), now)?;
    let decided = app.store.write("decide_review", move |tx| {
        let mut row = match free(tx, &id, &occasion)? {
            Ok(row) => row,
            Err(code) => return Ok(Err(code.into())),
        };
        row.decision = Some(match request.verdict {
            Verdict::Fraud => OutcomeKind::Fraud,
            Verdict::Legitimate => OutcomeKind::Legitimate,
        });
        row.reason = Some(request.reason.clone());
        row.decided_by.clone_from(&occasion.operator_id);
        row.decided_at = Some(now);
        // Before anything is written: what is refused leaves nothing.
        let entries = match to_block(&shared, tx, &row, &request, now)? {
            Ok(entries) => entries,
            Err(misfit) => return Ok(Err(Problem::from(misfit))),
        };
        let known = are_of_kind(tx, &entries)?;
        if !known {
            return Ok(Err(Misfit::of("block", MisfitReason::Format).into()));
        }
        reviews::put(tx, &row)?;
        log(tx, "review.decided", row.decision, &row, &occasion)?;
        let said = outcome_of(&row, outcome_id, &occasion);
        outcome::insert(tx, &said, occasion.request_id.clone())?;
        let keys = shared.keys_of(Mode::Live);
        for entry in &entries {
            if lists::put_entry(tx, &keys, &*shared.rng, entry, &occasion)?.is_err() {
                return Err(StoreError::Damaged("risk_list"));
            }
        }
        Ok(Ok(row))
    });
    let row = decided.await??;
    app.lists.refresh(&app.store, app.keyring()).await?;
    Ok(ReviewDetails::of(row, now))
}

/// Whether each entry's value is of its list's kind.
fn are_of_kind(tx: &Tx<'_>, entries: &[NewEntry]) -> Result<bool, StoreError> {
    for entry in entries {
        let list = crate::store::lists::find(tx, &entry.list)?;
        let kind = list.and_then(|list| lists::ListKind::parse(&list.kind));
        if kind.and_then(|kind| kind.canonical(&entry.value)).is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The decision, if the operator may take it.
fn free(
    tx: &Tx<'_>,
    id: &str,
    occasion: &Occasion,
) -> Result<Result<ReviewRow, ErrorCode>, StoreError> {
    Ok(match reviews::find(tx, id)? {
        None => Err(ErrorCode::NotFound),
        Some(row) if row.decided_at.is_some() => Err(ErrorCode::ReviewDecided),
        Some(row) => {
            let is_claimed = row.claimed_until.is_some_and(|until| occasion.at < until);
            match is_claimed && row.claimed_by != occasion.operator_id {
                true => Err(ErrorCode::ReviewClaimed),
                false => Ok(row),
            }
        }
    })
}

fn to_block(
    app: &App,
    tx: &Tx<'_>,
    row: &ReviewRow,
    request: &VerdictRequest,
    now: Timestamp,
) -> Result<Result<Vec<NewEntry>, Misfit>, StoreError> {
    if request.block.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let keys = app.keys_of(Mode::of_id(&row.id));
    let submission = submissions::find(tx, &row.id)?;
    let submission = submission.ok_or(StoreError::Damaged("submission"))?;
    let mut entries = Vec::new();
    for block in &request.block {
        let Some((list, value)) = blocked(&keys, &submission, block.what)? else {
            return Ok(Err(Misfit::of("block", MisfitReason::Format)));
        };
        let list = block.list.as_deref().unwrap_or(list);
        let entry = EntryRequest {
            value,
            merchant: Some(row.merchant_id.clone()),
            reason: request.reason.clone(),
            expires_at: block.expires_at.clone(),
        };
        match NewEntry::check(list, entry, now) {
            Ok(entry) if is_word(list) => entries.push(entry),
            _ => return Ok(Err(Misfit::of("block", MisfitReason::Format))),
        }
    }
    Ok(Ok(entries))
}

/// The usual list of what is blocked, and the value; nothing where the session had none.
fn blocked(
    keys: &ModeKeys,
    submission: &Submission,
    what: BlockWhat,
) -> Result<Option<(&'static str, String)>, StoreError> {
    Ok(match what {
        BlockWhat::Address => {
            let ip = checkout::address(keys, submission)?;
            Some((lists::BLOCKED_IPS, ip.to_string()))
        }
        BlockWhat::Card => Some(("blocked_cards", submission.card_id.clone())),
        BlockWhat::Customer => {
            let customer_id = submission.customer_id.clone();
            customer_id.map(|id| ("blocked_customers", id))
        }
    })
}

fn outcome_of(row: &ReviewRow, id: String, occasion: &Occasion) -> OutcomeRow {
    OutcomeRow {
        id,
        merchant_id: row.merchant_id.clone(),
        of: OutcomeOf::Session(row.session_id.clone()),
        kind: row.decision.unwrap_or(OutcomeKind::Fraud),
        happened_at: occasion.at,
        reason: row.reason.clone(),
        client_id: None,
        operator_id: occasion.operator_id.clone(),
        created_at: occasion.at,
    }
}

fn log(
    tx: &Tx<'_>,
    action: &'static str,
    found: Option<OutcomeKind>,
    row: &ReviewRow,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        action,
        reason: found.map(OutcomeKind::as_str),
        merchant_id: Some(row.merchant_id.clone()),
        session_id: Some(row.session_id.clone()),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)
}
