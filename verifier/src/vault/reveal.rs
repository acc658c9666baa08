//! Shows a card's number to an operator: within limits, and never before the audit knows.

use std::sync::Arc;

use waxseal_protocol::ErrorCode;
use zeroize::Zeroizing;

use super::{CardId, Reason, cards::open_pan};
use crate::{
    clock::Timestamp,
    keys::ModeKeys,
    rng::Rng,
    store::{
        Store, StoreError, Subject, SubjectKind, Tx,
        alerts::{self, Alert, Detail, Sign},
        audit::{self, AuditEntry},
        cards::{self, CardRow},
        reveals::{self, Reveal},
    },
};

/// What the limits count over.
const WINDOW_S: i64 = 60 * 60;

/// Who asks for what, and when.
pub struct RevealRequest {
    /// The operator who calls.
    pub operator_id: String,
    /// The call.
    pub request_id: String,
    /// Keyed digest of the address that calls.
    pub ip_digest: [u8; 16],
    /// When.
    pub at: Timestamp,
}

/// Numbers that are shown within an hour at most.
#[derive(Clone, Copy, Debug)]
pub struct RevealLimits {
    /// To one operator.
    pub of_operator: u32,
    /// To all of them.
    pub of_all: u32,
}

/// A card with its number.
pub struct Revealed {
    /// The card.
    pub card: CardRow,
    /// Its number.
    pub number: Zeroizing<Vec<u8>>,
}

/// Why no number is shown.
#[derive(Debug)]
pub enum RevealError {
    /// Enough were shown; seconds until it may be asked again.
    Limited(u64),
    /// There is no such card.
    NotFound,
    /// The generator or the store failed, or the card's row is not as it was written.
    Store(StoreError),
}

impl std::fmt::Display for RevealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Limited(seconds) => write!(f, "enough numbers were shown: wait {seconds} s"),
            Self::NotFound => f.write_str("there is no such card"),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for RevealError {}

impl From<StoreError> for RevealError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The number of a card. It counts, and the audit says so, before anything of it is decrypted.
///
/// # Errors
/// [`RevealError`]; that it was refused is in the audit then, and an alert is raised for a limit.
pub async fn reveal(
    store: &Store,
    keys: Arc<ModeKeys>,
    (card_id, reason): (CardId, Reason),
    request: RevealRequest,
    limits: RevealLimits,
    rng: Arc<dyn Rng>,
) -> Result<Revealed, RevealError> {
    let shared = Arc::clone(&keys);
    let written = store.write("reveal_card", move |tx| {
        let Some(card) = cards::find_of_any(tx, card_id.as_str())? else {
            let code = ErrorCode::NotFound;
            append_refusal(tx, &request, code, Some(&card_id), None)?;
            return Ok(Err((RevealError::NotFound, None)));
        };
        if let Some(limit) = reached(tx, &request, limits)? {
            let code = ErrorCode::RateLimited;
            append_refusal(tx, &request, code, Some(&card_id), Some(&card.merchant_id))?;
            let alert = limit.alert(tx, &request, &*rng)?;
            return Ok(Err((RevealError::Limited(limit.retry_after_s), alert)));
        }
        append_reveal(tx, &shared, &card, &reason, &request, &*rng)?;
        Ok(Ok(card))
    });
    match written.await? {
        Ok(card) => Ok(Revealed {
            number: open_pan(&keys, &card)?,
            card,
        }),
        Err((error, alert)) => {
            if let Some(alert) = alert {
                alert.announce();
            }
            Err(error)
        }
    }
}

/// Puts a request that was refused for its form into the audit.
///
/// # Errors
/// When the store fails.
pub async fn audit_refused_reveal(
    store: &Store,
    card_id: Option<CardId>,
    request: RevealRequest,
    code: ErrorCode,
) -> Result<(), StoreError> {
    store
        .write("refuse_reveal", move |tx| {
            append_refusal(tx, &request, code, card_id.as_ref(), None)
        })
        .await
}

/// A limit that is reached.
struct Limit {
    kind: &'static str,
    /// Whom the alert is about: an operator, or all.
    subject: Subject,
    count: u32,
    retry_after_s: u64,
}

impl Limit {
    /// One alert until somebody has closed it, however often it is asked.
    fn alert(
        &self,
        tx: &Tx<'_>,
        request: &RevealRequest,
        rng: &dyn Rng,
    ) -> Result<Option<Alert>, StoreError> {
        let id = rng.id("alr_", request.at)?;
        let sign = Sign {
            kind: self.kind,
            subject: self.subject.clone(),
            aspect: String::new(),
            detail: Detail::default(),
            count: self.count,
            more: 1,
            at: request.at,
        };
        alerts::raise(tx, &id, &sign)
    }
}

fn reached(
    tx: &Tx<'_>,
    request: &RevealRequest,
    limits: RevealLimits,
) -> Result<Option<Limit>, StoreError> {
    let since = request.at.plus_seconds(-WINDOW_S);
    let own = reveals::of_operator(tx, &request.operator_id, since, limits.of_operator)?;
    let all = reveals::of_all(tx, since, limits.of_all)?;
    let subject = Subject::of_caller(&request.operator_id);
    let all_operators = Subject::new(SubjectKind::All, "");
    let subject = subject.unwrap_or_else(|| all_operators.clone());
    Ok([
        ("reveals_of_operator", subject, own, limits.of_operator),
        ("reveals_of_all", all_operators, all, limits.of_all),
    ]
    .into_iter()
    .find(|(_, _, counted, most)| counted.len() >= *most as usize)
    .map(|(kind, subject, counted, count)| Limit {
        kind,
        subject,
        count,
        retry_after_s: until_next(&counted, request.at),
    }))
}

/// Seconds until the first of these, which lie latest first, no longer counts.
fn until_next(counted: &[Timestamp], now: Timestamp) -> u64 {
    let first = counted.last().copied().unwrap_or(now);
    let wait = first.plus_seconds(WINDOW_S).millis() - now.millis();
    u64::try_from(wait).unwrap_or(0).div_ceil(1000).max(1)
}

fn append_reveal(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    card: &CardRow,
    reason: &Reason,
    request: &RevealRequest,
    rng: &dyn Rng,
) -> Result<(), StoreError> {
    let mode = crate::mode::Mode::of_id(&card.id);
    let id = rng.id(&mode.id_prefix("rvl"), request.at)?;
    let is_about = reveals::is_about(&request.operator_id, &card.id);
    let place = reveals::place(&id, &card.merchant_id, &is_about);
    let reason_enc = keys.deks.encrypt(place, reason.as_str().as_bytes(), rng)?;
    let reveal = Reveal {
        id,
        at: request.at,
        operator_id: request.operator_id.clone(),
        merchant_id: card.merchant_id.clone(),
        card_id: card.id.clone(),
        reason_enc,
    };
    reveals::insert(tx, &reveal)?;
    let entry = AuditEntry {
        action: "card.revealed",
        merchant_id: Some(card.merchant_id.clone()),
        card_id: Some(card.id.clone()),
        ..entry(request)
    };
    audit::append(tx, &entry, request.at)
}

fn append_refusal(
    tx: &Tx<'_>,
    request: &RevealRequest,
    code: ErrorCode,
    card_id: Option<&CardId>,
    merchant_id: Option<&str>,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        action: "card.reveal_refused",
        code: Some(code.as_str()),
        merchant_id: merchant_id.map(str::to_owned),
        card_id: card_id.map(|id| id.as_str().to_owned()),
        ..entry(request)
    };
    audit::append(tx, &entry, request.at)
}

fn entry(request: &RevealRequest) -> AuditEntry {
    AuditEntry {
        operator_id: Some(request.operator_id.clone()),
        ip_digest: Some(request.ip_digest),
        request_id: Some(request.request_id.clone()),
        ..AuditEntry::default()
    }
}
