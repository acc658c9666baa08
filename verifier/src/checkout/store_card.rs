//! What an accepted envelope leaves: submission with its decision, velocity event, session status.

use std::sync::Arc;

use serde::Serialize;
use waxseal_engine::device::Sample;
use waxseal_protocol::{
    message::SessionStatus,
    seal::{SealedCard, ValidCard},
};
use zeroize::Zeroizing;

use super::{
    assess::{self, Judged},
    details::Details,
    device,
    envelope::Opened,
    submit::Attempt,
    velocity::Before,
};
use crate::{
    risk::Outcome,
    store::{
        StoreError, Tx,
        cards::CardRow,
        customers, device_visits,
        sessions::Session,
        submissions::{self, Submission},
        velocity, velocity_records,
    },
    vault::Candidate,
};

/// A card that passed every check but the session's, with its encrypted columns: made before the
/// transaction, so that the one writer has little left to do. The CVC is in none of them: it goes to its
/// holder, and to no row.
pub(super) struct Prepared {
    pub(super) valid: ValidCard,
    pub(super) candidate: Candidate,
    pub(super) device: device::Before,
    pub(super) velocity: Before,
    id: String,
    details_enc: Vec<u8>,
    signals_enc: Vec<u8>,
    ip_enc: Vec<u8>,
}

impl Prepared {
    pub(super) fn new(
        attempt: &Attempt,
        sealed: &SealedCard,
        valid: ValidCard,
        sample: Arc<Sample>,
    ) -> Result<Self, StoreError> {
        let (app, token) = (&attempt.app, &attempt.token);
        let keys = app.keys_of(token.mode);
        let owner = (token.mode, token.merchant_id.as_str());
        let id = app.rng.id(&token.mode.id_prefix("sub"), attempt.now)?;
        let collected = (&sealed.browser, &sealed.signals);
        Ok(Self {
            candidate: Candidate::new(&keys, owner, &valid.pan, attempt.now, &*app.rng)?,
            device: device::Before::new(attempt, sealed, sample)?,
            details_enc: encrypt(attempt, &id, "details", &[], &Details::from(&valid))?,
            signals_enc: encrypt(attempt, &id, "signals", &[], &collected)?,
            velocity: Before::new(attempt, sealed, &valid)?,
            ip_enc: encrypt(attempt, &id, "ip", &[], &attempt.peer.ip)?,
            id,
            valid,
        })
    }
}

/// Stores everything but the card itself and sets the session's status; gives the decision's outcome.
pub(super) fn store(
    attempt: &Attempt,
    tx: &Tx<'_>,
    session: &mut Session,
    opened: &Opened,
    prepared: &Prepared,
    card: &CardRow,
) -> Result<Outcome, StoreError> {
    let judged = assess::assess(attempt, tx, session, opened, prepared, card)?;
    let Judged {
        assessed,
        event,
        mut record,
        visit,
    } = judged;
    let outcome = assessed.decision.outcome;
    let leads_to = submissions::leads_to(&session.id, &card.id);
    let submission = Submission {
        session_id: session.id.clone(),
        merchant_id: session.merchant_id.clone(),
        card_id: card.id.clone(),
        customer_id: session.customer_id.clone(),
        network: prepared
            .valid
            .network
            .map(|network| network.as_str().to_owned()),
        details_enc: prepared.details_enc.clone(),
        signals_enc: prepared.signals_enc.clone(),
        ip_enc: prepared.ip_enc.clone(),
        outcome: outcome.as_str().to_owned(),
        facts_enc: encrypt(attempt, &prepared.id, "facts", &leads_to, &assessed)?,
        rule_set: assessed.rule_set,
        created_at: attempt.now,
        erased_at: None,
        id: prepared.id.clone(),
    };
    submissions::insert(tx, &submission)?;
    if let Some(visit) = &visit {
        device_visits::put(tx, visit)?;
    }
    record.is_rejected = outcome == Outcome::Reject;
    velocity_records::insert(tx, &record)?;
    if outcome != Outcome::Reject {
        velocity::put(tx, &event)?;
        if let Some(customer_id) = &session.customer_id {
            customers::link(tx, customer_id, &card.id, attempt.now)?;
        }
    }
    session.status = match outcome {
        Outcome::Allow | Outcome::Challenge | Outcome::Review => SessionStatus::Accepted,
        Outcome::Reject => SessionStatus::Declined,
    };
    session.submission_id = Some(submission.id);
    attempt.log(tx, "card.stored", None, Some(outcome.as_str()))?;
    Ok(outcome)
}

fn encrypt<T: Serialize>(
    attempt: &Attempt,
    row: &str,
    column: &'static str,
    look_ups: &[&str],
    value: &T,
) -> Result<Vec<u8>, StoreError> {
    let place = submissions::place(row, &attempt.token.merchant_id, column, look_ups);
    let json = serde_json::to_vec(value).map_err(|_| StoreError::Damaged(submissions::TABLE))?;
    let keys = attempt.app.keys_of(attempt.token.mode);
    keys.deks
        .encrypt(place, &Zeroizing::new(json), &*attempt.app.rng)
}
