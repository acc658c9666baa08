//! Changing a session's amount or shipping: a new revision.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;
use waxseal_protocol::{ErrorCode, message::SessionStatus};

use super::{
    create::MAX_AMOUNT,
    customer::{CustomerRef, of_session},
    view::SessionDetails,
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{Misfit, MisfitReason, Problem},
    identity::Caller,
    keys::ModeKeys,
    risk::country::CountryCode,
    store::{
        StoreError, Touches, Tx,
        audit::{self, AuditEntry},
        sessions::{self, Session},
    },
};

/// Body of `PATCH /v1/sessions/{id}`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rev": 1, "amount": 2999, "shipping_country": "AT" }))]
pub struct ReviseSession {
    /// The revision that the caller knows; another one is refused.
    pub rev: u32,
    /// New amount in minor units.
    #[serde(default)]
    #[schema(maximum = 999_999_999_999_u64)]
    pub amount: Option<u64>,
    /// New shipping country.
    #[serde(default)]
    pub shipping_country: Option<CountryCode>,
}

/// Changes an open session. An envelope that was sealed for the former revision is refused from now
/// on.
///
/// # Errors
/// `not_found`, `request_invalid`, `revision_conflict`, `session_expired`, `session_completed`.
pub async fn revise(
    app: &Arc<App>,
    caller: Caller,
    session_id: String,
    request: ReviseSession,
    request_id: String,
) -> Result<SessionDetails, Problem> {
    let now = app.clock.now();
    let entry = AuditEntry {
        action: "session.revised",
        merchant_id: Some(caller.merchant_id.clone()),
        client_id: Some(caller.client_id.clone()),
        session_id: Some(session_id.clone()),
        request_id: Some(request_id),
        ..AuditEntry::default()
    };
    let merchant_id = caller.merchant_id;
    let keys = app.keys_of(caller.mode);
    let touches = Touches::default().and("session", &session_id);
    let (changed, customer) = app
        .store
        .write_grouped("revise_session", touches, move |tx| {
            let session = sessions::find(tx, &session_id)?;
            match session.filter(|session| session.merchant_id == merchant_id) {
                None => Ok(Err(ErrorCode::NotFound.into())),
                Some(session) => change(tx, &keys, session, &request, &entry, now),
            }
        })
        .await??;
    Ok(SessionDetails::new(&changed, caller.mode, customer, None))
}

/// A session with its customer's reference.
type Changed = (Session, Option<CustomerRef>);

fn change(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    mut session: Session,
    request: &ReviseSession,
    entry: &AuditEntry,
    now: Timestamp,
) -> Result<Result<Changed, Problem>, StoreError> {
    let amount = request.amount.unwrap_or(session.amount);
    let amount_fits = match session.purpose.as_str() {
        "setup" => amount == 0,
        _ => (1..=MAX_AMOUNT).contains(&amount),
    };
    let refused = if session.expires_at <= now {
        Some(ErrorCode::SessionExpired.into())
    } else if session.status == SessionStatus::Accepted {
        Some(ErrorCode::SessionCompleted.into())
    } else if session.rev != request.rev {
        Some(ErrorCode::RevisionConflict.into())
    } else if !amount_fits {
        Some(Misfit::of("amount", MisfitReason::Range).into())
    } else {
        None
    };
    if let Some(problem) = refused {
        return Ok(Err(problem));
    }
    session.amount = amount;
    if let Some(country) = request.shipping_country {
        session.shipping_country = Some(country.to_string());
    }
    session.rev = session.rev.saturating_add(1);
    sessions::revise(tx, &session, request.rev)?;
    audit::append(tx, entry, now)?;
    let customer = of_session(tx, keys, &session)?;
    Ok(Ok((session, customer)))
}
