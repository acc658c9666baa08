//! One submission: from a sealed envelope to a stored card and a decision, in one transaction.

use std::sync::Arc;

use waxseal_engine::device::Sample;
use waxseal_protocol::{
    ErrorCode,
    card::{Brand, Cvc, is_test_card},
    message::{SessionStatus, SubmitResponse},
    seal::{SealedCard, ValidCard},
};

use super::{
    MAX_ATTEMPTS,
    envelope::{self, Opened, Refusal},
    store_card::{self, Prepared},
    view,
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{Peer, Problem},
    identity::ClientToken,
    keys::Purpose,
    mode::Mode,
    risk::Outcome,
    store::{
        StoreError, Touches, Tx,
        audit::{self, AuditEntry},
        keys,
        sessions::{self, Session},
    },
    vault::{self, cvc::Surroundings},
};

/// Times that an attempt is prepared again because there are newer keys.
const MAX_TRIES: u32 = 3;

/// Submits an envelope for the session of `token`. `challenge` is what a captcha gave the browser.
///
/// # Errors
/// Every code of a refused submission; the refusal is in the security log.
pub async fn submit(
    app: &Arc<App>,
    token: ClientToken,
    peer: Peer,
    compact: &str,
    challenge: Option<&str>,
) -> Result<SubmitResponse, Problem> {
    let mode = token.mode;
    let has_passed = match (&app.challenge, challenge) {
        (Some(service), Some(given)) => service.ask(&app.outbound, given, &token.origin).await,
        _ => None,
    };
    let mut tries = 0;
    let (answer, cvc) = loop {
        match attempt(app, token.clone(), peer.clone(), (compact, has_passed)).await? {
            (Some(answer), cvc) => break (answer, cvc),
            (None, _) if tries < MAX_TRIES => tries += 1,
            (None, _) => return Err(ErrorCode::Unavailable.into()),
        }
        // Another verifier has made a root of fingerprints since the keys were read.
        if let Err(error) = app.keys.refresh(&app.store).await {
            tracing::error!(event = "keys_not_read", %error);
            return Err(ErrorCode::Unavailable.into());
        }
    };
    // Counted when it is committed, not before.
    let outcome = answer.as_ref().map_or_else(|code| code.as_str(), |_| "ok");
    metrics::counter!("waxseal_submissions_total", "outcome" => outcome).increment(1);
    let answer = answer?;
    if let Some((submission, cvc)) = answer.accepted.zip(cvc) {
        let at = Surroundings {
            keys: &app.keys_of(mode),
            rng: &*app.rng,
            now: app.clock.now(),
        };
        // A CVC that cannot be held is missing from the authorisation: the card is stored all the same.
        app.cvc.hold(at, &submission, cvc).await;
    }
    if let Some(decided) = answer.decided {
        app.velocity.wake();
        metrics::counter!("waxseal_decisions_total", "outcome" => decided.as_str()).increment(1);
    }
    Ok(answer.response)
}

/// One attempt, and the CVC that it brought. No answer: it was made with keys that are not the newest, so that
/// a card that is there might not be found, and nothing was stored.
async fn attempt(
    app: &Arc<App>,
    token: ClientToken,
    peer: Peer,
    (compact, has_passed): (&str, Option<bool>),
) -> Result<(Option<Answer>, Option<Cvc>), Problem> {
    let now = app.clock.now();
    let mode = token.mode;
    let newest_root = app.keys_of(mode).newest_fingerprint_root();
    let opened = envelope::open(app, &token, compact, now);
    let attempt = Attempt {
        app: Arc::clone(app),
        token,
        peer,
        now,
        has_passed,
    };
    let sample = app
        .device_samples
        .of(&app.store, &attempt.token.merchant_id, now);
    let sample = sample.await?;
    let mut opened = match opened {
        Ok(opened) => Ok((attempt.prepare(&opened, sample)?, opened)),
        Err(refusal) => Err(refusal),
    };
    // The transaction has no use for it.
    let cvc = match &mut opened {
        Ok((Ok(prepared), _)) => prepared.valid.cvc.take(),
        _ => None,
    };
    let touches = attempt.touches(&opened);
    let job = move |tx: &Tx<'_>| {
        let root = Purpose::FingerprintRoot.as_str();
        if keys::has_newer(tx, root, mode, newest_root)? {
            return Ok(None);
        }
        attempt.run(tx, &opened).map(Some)
    };
    let answer = app.store.write_grouped("submit_card", touches, job).await?;
    Ok((answer, cvc))
}

/// One attempt and its surroundings, inside the transaction.
pub(super) struct Attempt {
    pub(super) app: Arc<App>,
    pub(super) token: ClientToken,
    pub(super) peer: Peer,
    pub(super) now: Timestamp,
    /// Whether a challenge was met; `None` where nobody was asked or answered.
    pub(super) has_passed: Option<bool>,
}

/// A card that was taken, now or by an earlier attempt.
struct Taken {
    response: SubmitResponse,
    /// Absent when the session had its answer already.
    decided: Option<Outcome>,
    /// The submission that was accepted now.
    accepted: Option<String>,
}

/// What an attempt is answered.
type Answer = Result<Taken, ErrorCode>;

impl Attempt {
    /// What can be checked and computed without the session. The inner error is the card's.
    fn prepare(
        &self,
        opened: &Opened,
        sample: Arc<Sample>,
    ) -> Result<Result<Prepared, ErrorCode>, StoreError> {
        match self.validate(&opened.card) {
            Ok(valid) => Prepared::new(self, &opened.card, valid, sample).map(Ok),
            Err(code) => Ok(Err(code)),
        }
    }

    /// What another submission at the same time may read or write too.
    fn touches(&self, opened: &Result<(Result<Prepared, ErrorCode>, Opened), Refusal>) -> Touches {
        let merchant_id = &self.token.merchant_id;
        let ip_digest = self.app.ip_digest(self.token.mode, self.peer.ip);
        let touches = Touches::default()
            .and("session", &self.token.session_id)
            .and("address", &(merchant_id, ip_digest));
        match opened {
            Ok((Ok(prepared), _)) => {
                let touches = prepared.candidate.touch(touches);
                let touches = prepared.device.touch(touches);
                prepared.velocity.touch(touches)
            }
            _ => touches,
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
        opened: &Result<(Result<Prepared, ErrorCode>, Opened), Refusal>,
    ) -> Result<Answer, StoreError> {
        let Some(mut session) = sessions::find(tx, &self.token.session_id)? else {
            return self.refuse(tx, ErrorCode::SessionExpired, None);
        };
        let is_exhausted = session.attempts >= MAX_ATTEMPTS;
        let refusal = match opened {
            Err(refusal) if !refusal.is_attempt => Some(*refusal),
            _ if session.expires_at <= self.now => Some(bare(ErrorCode::SessionExpired)),
            // The card that was taken by the last attempt is answered again, and nothing is counted.
            Ok((Ok(prepared), opened)) if is_exhausted => {
                if self.is_repeat(tx, &session, opened, prepared)? {
                    return Ok(Ok(repeat(&session, prepared)));
                }
                Some(bare(ErrorCode::AttemptsExhausted))
            }
            _ if is_exhausted => Some(bare(ErrorCode::AttemptsExhausted)),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return self.refuse(tx, refusal.code, refusal.reason);
        }
        let attempts = session.attempts;
        session.attempts += 1;
        let answer = match opened {
            Err(refusal) => {
                // What opened is not to be sent again, whatever was in it.
                if let Some(jti) = &refusal.jti {
                    sessions::consume_jti(tx, &session.id, jti)?;
                }
                self.refuse(tx, refusal.code, refusal.reason)?
            }
            Ok((prepared, opened)) => match judge(tx, &session, opened, prepared)? {
                Err(code) => self.refuse(tx, code, None)?,
                Ok(prepared) => self.take(tx, &mut session, opened, prepared)?,
            },
        };
        sessions::record_attempt(tx, &session, attempts)?;
        Ok(answer)
    }

    /// Stores the card and the decision, or finds that the session has its answer already.
    fn take(
        &self,
        tx: &Tx<'_>,
        session: &mut Session,
        opened: &Opened,
        prepared: &Prepared,
    ) -> Result<Answer, StoreError> {
        if session.status == SessionStatus::Accepted {
            if !self.is_the_accepted(tx, session, prepared)? {
                return self.refuse(tx, ErrorCode::SessionCompleted, None);
            }
            self.log(tx, "card.repeated", None, None)?;
            return Ok(Ok(repeat(session, prepared)));
        }
        let keys = self.app.keys_of(self.token.mode);
        let (candidate, pan) = (&prepared.candidate, &prepared.valid.pan);
        let card = vault::find_or_create(tx, &keys, candidate, pan, &*self.app.rng)?;
        let (brand, last4) = (pan.brand(), pan.last4().to_owned());
        let outcome = store_card::store(self, tx, session, opened, prepared, &card)?;
        let accepted = session
            .submission_id
            .clone()
            .filter(|_| session.status == SessionStatus::Accepted);
        Ok(Ok(Taken {
            response: response(session.status, brand, last4),
            decided: Some(outcome),
            accepted,
        }))
    }

    /// Whether a further envelope holds the card that the session has accepted, in a new envelope.
    fn is_repeat(
        &self,
        tx: &Tx<'_>,
        session: &Session,
        opened: &Opened,
        prepared: &Prepared,
    ) -> Result<bool, StoreError> {
        Ok(session.status == SessionStatus::Accepted
            && !sessions::has_jti(tx, &session.id, &opened.jti)?
            && self.is_the_accepted(tx, session, prepared)?)
    }

    fn is_the_accepted(
        &self,
        tx: &Tx<'_>,
        session: &Session,
        prepared: &Prepared,
    ) -> Result<bool, StoreError> {
        let keys = self.app.keys_of(self.token.mode);
        let accepted = view::accepted_card(tx, &keys, session)?;
        let same = vault::find(tx, &keys, &prepared.candidate, &prepared.valid.pan)?;
        Ok(accepted.is_some_and(|accepted| same.is_some_and(|card| card.id == accepted)))
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
fn judge<'p>(
    tx: &Tx<'_>,
    session: &Session,
    opened: &Opened,
    prepared: &'p Result<Prepared, ErrorCode>,
) -> Result<Result<&'p Prepared, ErrorCode>, StoreError> {
    if !sessions::consume_jti(tx, &session.id, &opened.jti)? {
        return Ok(Err(ErrorCode::EnvelopeReplayed));
    }
    if opened.header.rev != session.rev {
        return Ok(Err(ErrorCode::SessionChanged));
    }
    Ok(prepared
        .as_ref()
        .map_err(|code| *code)
        .and_then(|prepared| {
            let brand = prepared.valid.network.unwrap_or(prepared.valid.pan.brand());
            let accepted = session.accepted_brands.contains(&brand);
            accepted
                .then_some(prepared)
                .ok_or(ErrorCode::CardBrandNotAccepted)
        }))
}

/// The first answer again.
fn repeat(session: &Session, prepared: &Prepared) -> Taken {
    let pan = &prepared.valid.pan;
    Taken {
        response: response(session.status, pan.brand(), pan.last4().to_owned()),
        decided: None,
        accepted: None,
    }
}

/// The last four are for an accepted card alone: the customer may go on typing another.
fn response(status: SessionStatus, brand: Brand, last4: String) -> SubmitResponse {
    let last4 = (status == SessionStatus::Accepted).then_some(last4);
    SubmitResponse {
        status,
        brand,
        last4,
    }
}

const fn bare(code: ErrorCode) -> Refusal {
    Refusal {
        code,
        reason: None,
        is_attempt: false,
        jti: None,
    }
}
