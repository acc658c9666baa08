//! One submission: from a sealed envelope to a stored card and a decision, in one transaction.

use std::sync::Arc;

use waxseal_protocol::{
    ErrorCode,
    card::is_test_card,
    message::{SessionStatus, SubmitResponse},
    seal::{SealedCard, ValidCard},
};

use super::{
    MAX_ATTEMPTS,
    envelope::{self, Opened, Refusal},
    store_card::{self, Prepared},
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{Peer, Problem},
    identity::ClientToken,
    mode::Mode,
    risk::Outcome,
    store::{
        StoreError, Tx,
        audit::{self, AuditEntry},
        sessions::{self, Session},
        submissions,
    },
    vault,
};

/// Submits an envelope for the session of `token`.
///
/// # Errors
/// Every code of a refused submission; the refusal is in the security log.
pub async fn submit(
    app: &Arc<App>,
    token: ClientToken,
    peer: Peer,
    compact: &str,
) -> Result<SubmitResponse, Problem> {
    let now = app.clock.now();
    let opened = envelope::open(app, &token, compact, now);
    let attempt = Attempt {
        app: Arc::clone(app),
        token,
        peer,
        now,
    };
    let opened = match opened {
        Ok(opened) => Ok((attempt.prepare(&opened)?, opened)),
        Err(refusal) => Err(refusal),
    };
    let answer = app
        .store
        .write("submit_card", move |tx| attempt.run(tx, opened))
        .await?;
    // Counted when it is committed, not before.
    let outcome = answer.as_ref().map_or_else(|code| code.as_str(), |_| "ok");
    metrics::counter!("waxseal_submissions_total", "outcome" => outcome).increment(1);
    let taken = answer?;
    if let Some(decided) = taken.decided {
        metrics::counter!("waxseal_decisions_total", "outcome" => decided.as_str()).increment(1);
    }
    Ok(taken.response)
}

/// One attempt and its surroundings, inside the transaction.
pub(super) struct Attempt {
    pub(super) app: Arc<App>,
    pub(super) token: ClientToken,
    pub(super) peer: Peer,
    pub(super) now: Timestamp,
}

/// A card that was taken, now or by an earlier attempt.
struct Taken {
    response: SubmitResponse,
    /// Absent when the session had its answer already.
    decided: Option<Outcome>,
}

/// What an attempt is answered.
type Answer = Result<Taken, ErrorCode>;

impl Attempt {
    /// What can be checked and computed without the session. The inner error is the card's.
    fn prepare(&self, opened: &Opened) -> Result<Result<Prepared, ErrorCode>, StoreError> {
        match self.validate(&opened.card) {
            Ok(valid) => Prepared::new(self, &opened.card, valid).map(Ok),
            Err(code) => Ok(Err(code)),
        }
    }

    fn validate(&self, sealed: &SealedCard) -> Result<ValidCard, ErrorCode> {
        // A session for a saved card cannot be created yet, so none may be paid with one.
        let fields = sealed.card.as_ref().ok_or(ErrorCode::EnvelopeInvalid)?;
        let (year, month) = self.now.year_month();
        let valid = fields.validate(year, month)?;
        // EXPOSE: to compare with the well-known test numbers.
        if self.token.mode == Mode::Live && is_test_card(valid.pan.digits()) {
            return Err(ErrorCode::TestCardInLiveMode);
        }
        Ok(valid)
    }

    /// Carries out the attempt. A refusal is a success of the transaction: the count, the jti and the
    /// security log entry stay.
    fn run(
        &self,
        tx: &Tx<'_>,
        opened: Result<(Result<Prepared, ErrorCode>, Opened), Refusal>,
    ) -> Result<Answer, StoreError> {
        let Some(mut session) = sessions::find(tx, &self.token.session_id)? else {
            return self.refuse(tx, ErrorCode::SessionExpired, None);
        };
        let refusal = match &opened {
            Err(refusal) if !refusal.is_attempt => Some(*refusal),
            _ if session.expires_at <= self.now => Some(bare(ErrorCode::SessionExpired)),
            _ if session.attempts >= MAX_ATTEMPTS => Some(bare(ErrorCode::AttemptsExhausted)),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return self.refuse(tx, refusal.code, refusal.reason);
        }
        session.attempts += 1;
        let answer = match opened {
            Err(refusal) => self.refuse(tx, refusal.code, refusal.reason)?,
            Ok((prepared, opened)) => match judge(tx, &session, &opened, prepared)? {
                Err(code) => self.refuse(tx, code, None)?,
                Ok(prepared) => self.take(tx, &mut session, &opened, prepared)?,
            },
        };
        sessions::record_attempt(tx, &session)?;
        Ok(answer)
    }

    /// Stores the card and the decision, or finds that the session has its answer already.
    fn take(
        &self,
        tx: &Tx<'_>,
        session: &mut Session,
        opened: &Opened,
        prepared: Prepared,
    ) -> Result<Answer, StoreError> {
        let keys = self.app.keyring.of(self.token.mode);
        let (brand, last4) = (
            prepared.valid.pan.brand(),
            prepared.valid.pan.last4().to_owned(),
        );
        let decided = if session.status == SessionStatus::Accepted {
            let first = accepted_card(tx, session)?;
            let same = vault::find(tx, keys, &prepared.candidate)?;
            if same.is_none_or(|card| card.id != first) {
                return self.refuse(tx, ErrorCode::SessionCompleted, None);
            }
            None
        } else {
            let (candidate, pan) = (&prepared.candidate, &prepared.valid.pan);
            let card = vault::find_or_create(tx, keys, candidate, pan, &*self.app.rng)?;
            let outcome = store_card::store(self, tx, session, opened, prepared, &card)?;
            Some(outcome)
        };
        let response = SubmitResponse {
            status: session.status,
            brand,
            last4,
        };
        Ok(Ok(Taken { response, decided }))
    }

    fn refuse(
        &self,
        tx: &Tx<'_>,
        code: ErrorCode,
        reason: Option<&'static str>,
    ) -> Result<Answer, StoreError> {
        self.log(tx, "card.refused", Some(code), reason)?;
        Ok(Err(code))
    }

    pub(super) fn log(
        &self,
        tx: &Tx<'_>,
        action: &'static str,
        code: Option<ErrorCode>,
        reason: Option<&'static str>,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            action,
            code: code.map(ErrorCode::as_str),
            reason,
            merchant_id: Some(self.token.merchant_id.clone()),
            session_id: Some(self.token.session_id.clone()),
            ip_digest: Some(self.app.ip_digest(self.token.mode, self.peer.ip)),
            request_id: Some(self.peer.request_id.clone()),
            ..AuditEntry::default()
        };
        audit::append(tx, &entry, self.now)
    }
}

/// Everything that can be wrong with an envelope that opened, in the order in which it is told.
fn judge(
    tx: &Tx<'_>,
    session: &Session,
    opened: &Opened,
    prepared: Result<Prepared, ErrorCode>,
) -> Result<Result<Prepared, ErrorCode>, StoreError> {
    if !sessions::consume_jti(tx, &session.id, &opened.jti)? {
        return Ok(Err(ErrorCode::EnvelopeReplayed));
    }
    if opened.header.rev != session.rev {
        return Ok(Err(ErrorCode::SessionChanged));
    }
    Ok(prepared.and_then(|prepared| {
        let brand = prepared.valid.network.unwrap_or(prepared.valid.pan.brand());
        let accepted = session.accepted_brands.contains(&brand);
        accepted
            .then_some(prepared)
            .ok_or(ErrorCode::CardBrandNotAccepted)
    }))
}

fn accepted_card(tx: &Tx<'_>, session: &Session) -> Result<String, StoreError> {
    let missing = StoreError::Damaged("session");
    let Some(id) = &session.submission_id else {
        return Err(missing);
    };
    let found = submissions::find(tx, id)?;
    found.map(|submission| submission.card_id).ok_or(missing)
}

const fn bare(code: ErrorCode) -> Refusal {
    Refusal {
        code,
        reason: None,
        is_attempt: false,
    }
}
