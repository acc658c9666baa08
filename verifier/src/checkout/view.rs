//! A session as its two readers see it: the frame little, the merchant's server all but the PAN.

use std::{net::IpAddr, sync::Arc};

use iso_currency::Currency;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use waxseal_protocol::{
    ErrorCode,
    card::Brand,
    message::{SessionStatus, SessionView, SignalLevel},
};

use super::{
    assessed::Assessed,
    customer::{CustomerRef, of_session},
    details::Details,
};
use crate::{
    app::App,
    http::Problem,
    identity::{Caller, ClientToken},
    keys::ModeKeys,
    mode::Mode,
    risk::{Decision, Facts},
    store::{
        Connection, StoreError, cards,
        crypter::Place,
        merchants,
        sessions::{self, Session},
        submissions::{self, Submission},
    },
    vault,
};

/// A session, for the merchant's server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionDetails {
    /// `cs_test_…` or `cs_live_…`.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// `payment` or `setup`.
    pub purpose: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// In minor units of `currency`.
    pub amount: u64,
    /// ISO 4217 alphabetic code.
    pub currency: String,
    /// The merchant's own reference.
    pub order_id: String,
    /// The merchant's own reference to the customer, unless it was erased.
    pub customer: Option<CustomerRef>,
    /// The one origin that may mount the frame.
    pub origin: String,
    /// ISO 3166-1 alpha-2.
    pub shipping_country: Option<String>,
    /// ISO 3166-1 alpha-2, of the billing address.
    pub billing_country: Option<String>,
    /// Brands that are taken.
    pub accepted_brands: Vec<Brand>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// What the frame may collect.
    pub signals: SignalLevel,
    /// Counts changes of amount and shipping.
    pub rev: u32,
    /// Envelopes that opened or failed to open.
    pub attempts: u32,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
    /// The card and the decision, once there is one.
    #[serde(flatten)]
    pub assessed: AssessmentView,
}

/// The card of a session and the decision on it, or neither.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct AssessmentView {
    /// The card that was submitted, masked.
    pub card: Option<CardView>,
    /// What was decided, and why.
    pub decision: Option<DecisionView>,
    /// When both were erased, RFC 3339; what is left is the outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<String>,
    /// The decision's outcome, where no more is left of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// A masked card.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CardView {
    /// The primary reference.
    pub id: String,
    /// Digits that stand for the PAN; never Luhn-valid.
    pub token: String,
    /// Name of the brand.
    pub brand: String,
    /// The PAN's last four digits.
    pub last4: String,
    /// 1 to 12, as submitted.
    pub exp_month: u8,
    /// Four digits, as submitted.
    pub exp_year: u16,
}

/// A decision, for the merchant's server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// Outcome, points and every rule's answer.
    #[serde(flatten)]
    pub decision: Decision,
    /// What the rules read.
    pub facts: Facts,
    /// Version of the rules.
    pub rule_set: String,
    /// RFC 3339.
    pub decided_at: String,
}

impl From<Assessed> for DecisionView {
    fn from(assessed: Assessed) -> Self {
        Self {
            decision: assessed.decision,
            facts: assessed.facts,
            rule_set: assessed.rule_set,
            decided_at: assessed.decided_at.rfc3339(),
        }
    }
}

impl SessionDetails {
    pub(super) fn new(
        session: &Session,
        mode: Mode,
        customer: Option<CustomerRef>,
        assessed: Option<AssessmentView>,
    ) -> Self {
        Self {
            id: session.id.clone(),
            mode,
            purpose: session.purpose.clone(),
            status: session.status,
            amount: session.amount,
            currency: session.currency.clone(),
            order_id: session.order_id.clone(),
            customer,
            origin: session.origin.clone(),
            shipping_country: session.shipping_country.clone(),
            billing_country: session.billing_country.clone(),
            accepted_brands: session.accepted_brands.clone(),
            locale: session.locale.clone(),
            signals: session.signals,
            rev: session.rev,
            attempts: session.attempts,
            created_at: session.created_at.rfc3339(),
            expires_at: session.expires_at.rfc3339(),
            assessed: assessed.unwrap_or_default(),
        }
    }
}

/// The session of `caller`'s merchant, with its card and decision.
///
/// # Errors
/// `not_found`, for another merchant's session too.
pub async fn details(
    app: &Arc<App>,
    caller: Caller,
    session_id: String,
) -> Result<SessionDetails, Problem> {
    let shared = Arc::clone(app);
    let found = app
        .store
        .read(move |connection| {
            let session = sessions::find(connection, &session_id)?;
            let Some(session) = session.filter(|found| found.merchant_id == caller.merchant_id)
            else {
                return Ok(None);
            };
            let keys = shared.keys_of(caller.mode);
            let assessed = assessment(connection, &keys, &session)?;
            let customer = of_session(connection, &keys, &session)?;
            let details = SessionDetails::new(&session, caller.mode, customer, assessed);
            Ok(Some(details))
        })
        .await?;
    found.ok_or(ErrorCode::NotFound.into())
}

/// The session of a client token, as the frame may know it; `gpc` when the browser asks not to be
/// profiled (Global Privacy Control).
///
/// # Errors
/// `session_expired`.
pub async fn frame_view(
    app: &Arc<App>,
    token: ClientToken,
    gpc: bool,
) -> Result<SessionView, Problem> {
    let now = app.clock.now();
    let id = token.session_id.clone();
    let found = app.store.read(move |connection| {
        let Some(session) = sessions::find(connection, &id)? else {
            return Ok(None);
        };
        let merchant = merchants::find(connection, &session.merchant_id)?;
        Ok(merchant.map(|merchant| (session, merchant)))
    });
    let (session, merchant) = found.await?.ok_or(ErrorCode::SessionExpired)?;
    if session.expires_at <= now {
        return Err(ErrorCode::SessionExpired.into());
    }
    let under_gpc = app.signals.global_privacy_control;
    let exponent = Currency::from_code(&session.currency).and_then(Currency::exponent);
    Ok(SessionView {
        id: session.id,
        merchant_name: merchant.name,
        origin: session.origin,
        amount: session.amount,
        currency_exponent: exponent
            .and_then(|digits| u8::try_from(digits).ok())
            .unwrap_or(0),
        currency: session.currency,
        rev: session.rev,
        accepted_brands: session.accepted_brands,
        locale: session.locale,
        signals: match gpc {
            true => session.signals.lesser(under_gpc),
            false => session.signals,
        },
        signals_under_gpc: under_gpc,
        status: session.status,
        kid: token.sealing_kid,
        now: now.seconds(),
    })
}

/// Month and year of the card's expiry, as submitted.
///
/// # Errors
/// When the row is not as it was written.
pub fn expiry_of(keys: &ModeKeys, submission: &Submission) -> Result<(u8, u16), StoreError> {
    let place = submissions::place(&submission.id, &submission.merchant_id, "details", &[]);
    let details: Details = decrypt(keys, place, &submission.details_enc)?;
    Ok((details.exp_month, details.exp_year))
}

/// The address that a submission came from.
///
/// # Errors
/// When the row is not as it was written.
pub fn address(keys: &ModeKeys, submission: &Submission) -> Result<IpAddr, StoreError> {
    let place = submissions::place(&submission.id, &submission.merchant_id, "ip", &[]);
    decrypt(keys, place, &submission.ip_enc)
}

/// The decision on a submission.
///
/// # Errors
/// When the row is not as it was written.
pub fn decision(keys: &ModeKeys, submission: &Submission) -> Result<DecisionView, StoreError> {
    assessed(keys, submission).map(DecisionView::from)
}

/// The submission that the session names, with its card. Whatever of it is not as it was written is an
/// error: a merchant must never read another card, or another session's decision.
fn assessment(
    connection: &Connection,
    keys: &ModeKeys,
    session: &Session,
) -> Result<Option<AssessmentView>, StoreError> {
    let Some(id) = &session.submission_id else {
        return Ok(None);
    };
    let found = submission(connection, session, id)?;
    if let Some(erased) = erased_view(&found) {
        return Ok(Some(erased));
    }
    let Some(card) = cards::find(connection, &session.merchant_id, &found.card_id)? else {
        // It may have been erased since the submission was read.
        let found = submission(connection, session, id)?;
        let erased = erased_view(&found).ok_or(StoreError::Damaged("submission"))?;
        return Ok(Some(erased));
    };
    vault::check(keys, &card)?;
    assessment_view(keys, &card, &found).map(Some)
}

/// What is left of a submission that was erased.
fn erased_view(submission: &Submission) -> Option<AssessmentView> {
    Some(AssessmentView {
        erased_at: Some(submission.erased_at?.rfc3339()),
        outcome: Some(submission.outcome.clone()),
        ..AssessmentView::default()
    })
}

/// Id of the card that an accepted session took, which its sealed decision vouches for; none once that was
/// erased.
pub(super) fn accepted_card(
    connection: &Connection,
    keys: &ModeKeys,
    session: &Session,
) -> Result<Option<String>, StoreError> {
    let id = session.submission_id.as_deref();
    let id = id.ok_or(StoreError::Damaged("session"))?;
    let submission = submission(connection, session, id)?;
    if submission.erased_at.is_some() {
        return Ok(None);
    }
    assessed(keys, &submission)?;
    Ok(Some(submission.card_id))
}

fn submission(
    connection: &Connection,
    session: &Session,
    id: &str,
) -> Result<Submission, StoreError> {
    submissions::find(connection, id)?
        .filter(|submission| submission.session_id == session.id)
        .ok_or(StoreError::Damaged("session"))
}

pub(super) fn assessed(keys: &ModeKeys, submission: &Submission) -> Result<Assessed, StoreError> {
    let leads_to = submissions::leads_to(&submission.session_id, &submission.card_id);
    let (id, merchant_id) = (&*submission.id, &*submission.merchant_id);
    let facts = submissions::place(id, merchant_id, "facts", &leads_to);
    decrypt(keys, facts, &submission.facts_enc)
}

fn assessment_view(
    keys: &ModeKeys,
    card: &cards::CardRow,
    submission: &Submission,
) -> Result<AssessmentView, StoreError> {
    let (exp_month, exp_year) = expiry_of(keys, submission)?;
    let assessed = assessed(keys, submission)?;
    Ok(AssessmentView {
        card: Some(CardView {
            id: card.id.clone(),
            token: card.token.clone(),
            brand: card.brand.clone(),
            last4: card.last4.clone(),
            exp_month,
            exp_year,
        }),
        decision: Some(assessed.into()),
        ..AssessmentView::default()
    })
}

pub(super) fn decrypt<T: DeserializeOwned>(
    keys: &ModeKeys,
    place: Place<'_>,
    value: &[u8],
) -> Result<T, StoreError> {
    let json = keys.deks.decrypt(place, value)?;
    serde_json::from_slice(&json).map_err(|_| StoreError::Damaged(submissions::TABLE))
}
