//! A decision without a session: the same rules and models, on what a merchant's server knows.

use std::{net::IpAddr, sync::Arc};

use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_engine::attribute::{Attribute, Attributes};
use waxseal_protocol::ErrorCode;
use zeroize::Zeroizing;

use super::{
    assessed::Assessed,
    create::MAX_AMOUNT,
    decide::decide,
    record::DecisionRecord,
    view::{DecisionView, decrypt},
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{IdempotencyKey, Misfit, MisfitReason, Problem},
    identity::Caller,
    keys::ModeKeys,
    mode::Mode,
    risk::{VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S, country::CountryCode},
    store::{
        Connection, StoreError,
        assessments::{self, AssessmentRow},
        audit::{self, AuditEntry},
        cards,
        idempotency::{self, IdempotencyRecord},
        velocity::{self, VelocityEvent},
    },
};

const ROUTE: &str = "POST /v1/assessments";

/// Body of `POST /v1/assessments`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "amount": 1999, "currency": "USD", "card": "card_test_01m8q4t1p0zzzzzzzzzzzzzzzz", "ip": "192.0.2.7", "shipping_country": "DE"
}))]
pub struct AssessmentRequest {
    /// In minor units of `currency`.
    #[schema(minimum = 1, maximum = 999_999_999_999_u64)]
    pub amount: u64,
    /// ISO 4217 alphabetic code.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// Id of a card in the vault.
    #[serde(default)]
    pub card: Option<String>,
    /// The first six to eight digits of a card that is not in the vault.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{6,8}$")]
    pub bin: Option<String>,
    /// The customer's address.
    #[schema(value_type = String)]
    pub ip: IpAddr,
    /// Digest of the customer's email address, as lists have it.
    #[serde(default)]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub email_digest: Option<String>,
    /// ISO 3166-1 alpha-2; absent when nothing is shipped.
    #[serde(default)]
    pub shipping_country: Option<CountryCode>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    pub billing_country: Option<CountryCode>,
}

/// A decision without a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssessmentDetails {
    /// `asm_test_…` or `asm_live_…`.
    pub id: String,
    /// What was decided, and why.
    pub decision: DecisionView,
}

/// Decides, and keeps the decision. Nothing is counted: an assessment is no payment.
///
/// # Errors
/// `request_invalid`, `not_found` for a card that is not the merchant's, `idempotency_conflict`.
pub async fn assess(
    app: &Arc<App>,
    caller: Caller,
    request: AssessmentRequest,
    key: IdempotencyKey,
    request_id: String,
) -> Result<AssessmentDetails, Problem> {
    check(&request)?;
    let now = app.clock.now();
    let keys = app.keys_of(caller.mode);
    let digests = key.digests(&keys.pseudonym, ROUTE, &request)?;
    let id = app.rng.id(&caller.mode.id_prefix("asm"), now)?;
    let once = digests.map(|digests| IdempotencyRecord {
        merchant_id: caller.merchant_id.clone(),
        key_digest: digests.key,
        meaning_digest: digests.meaning,
        answer: id.clone(),
    });
    let card_id = request.card.clone().unwrap_or_default();
    let (shared, merchant_id) = (Arc::clone(app), caller.merchant_id.clone());
    let mode = caller.mode;
    let read = app.store.read(move |connection| {
        let whose = (mode, merchant_id.as_str());
        let attributes = gather(connection, &shared, whose, &request, now)?;
        Ok(attributes.map(|attributes| decide(&shared, &merchant_id, attributes, None, now)))
    });
    let assessed = read.await?.ok_or(ErrorCode::NotFound)?;
    let look_ups = [card_id.as_str()];
    let place = assessments::place(&id, &caller.merchant_id, &look_ups);
    let json = serde_json::to_vec(&assessed);
    let json = Zeroizing::new(json.map_err(|_| StoreError::Damaged(assessments::TABLE))?);
    let row = AssessmentRow {
        record_enc: keys.deks.encrypt(place, &json, &*app.rng)?,
        merchant_id: caller.merchant_id.clone(),
        outcome: assessed.decision.outcome.as_str().to_owned(),
        rule_set: assessed.rule_set.clone(),
        created_at: now,
        card_id,
        id,
    };
    let entry = AuditEntry {
        action: "assessment.made",
        reason: Some(assessed.decision.outcome.as_str()),
        merchant_id: Some(caller.merchant_id),
        client_id: Some(caller.client_id),
        card_id: Some(row.card_id.clone()).filter(|id| !id.is_empty()),
        request_id: Some(request_id),
        ..AuditEntry::default()
    };
    let stored = app.store.write("store_assessment", move |tx| {
        if let Some(once) = &once {
            match idempotency::find(tx, &once.merchant_id, &once.key_digest)? {
                Some(found) if found.meaning_digest != once.meaning_digest => {
                    return Ok(Err(ErrorCode::IdempotencyConflict));
                }
                Some(found) => {
                    let found = assessments::find(tx, &found.answer)?;
                    return Ok(found.ok_or(ErrorCode::IdempotencyConflict));
                }
                None => idempotency::insert(tx, once, now)?,
            }
        }
        assessments::insert(tx, &row)?;
        audit::append(tx, &entry, now)?;
        Ok(Ok(row))
    });
    let row = stored.await??;
    let decision = open(&keys, &row)?;
    metrics::counter!("waxseal_assessments_total", "outcome" => decision.decision.outcome.as_str())
        .increment(1);
    Ok(AssessmentDetails {
        id: row.id,
        decision: decision.into(),
    })
}

/// The decision in a row, with what it was made from.
///
/// # Errors
/// When the row is not as it was written.
pub fn assessment_record(
    keys: &ModeKeys,
    row: &AssessmentRow,
) -> Result<DecisionRecord, StoreError> {
    open(keys, row).map(DecisionRecord::from)
}

fn open(keys: &ModeKeys, row: &AssessmentRow) -> Result<Assessed, StoreError> {
    let look_ups = [row.card_id.as_str()];
    let place = assessments::place(&row.id, &row.merchant_id, &look_ups);
    decrypt(keys, place, &row.record_enc)
}

fn check(request: &AssessmentRequest) -> Result<(), Misfit> {
    let amount_fits = (1..=MAX_AMOUNT).contains(&request.amount);
    let has_currency = Currency::from_code(&request.currency).is_some();
    let is_bin =
        |bin: &str| (6..=8).contains(&bin.len()) && bin.bytes().all(|digit| digit.is_ascii_digit());
    let bin_fits = request.bin.as_deref().is_none_or(is_bin);
    let has_one = request.card.is_none() || request.bin.is_none();
    let is_digest = |digest: &str| {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        digest.len() == 64 && digest.bytes().all(is_hex)
    };
    let digest_fits = request.email_digest.as_deref().is_none_or(is_digest);
    let checks = [
        (amount_fits, Misfit::of("amount", MisfitReason::Range)),
        (has_currency, Misfit::of("currency", MisfitReason::Format)),
        (bin_fits && has_one, Misfit::of("bin", MisfitReason::Format)),
        (
            digest_fits,
            Misfit::of("email_digest", MisfitReason::Format),
        ),
    ];
    match checks.into_iter().find(|(fits, _)| !fits) {
        None => Ok(()),
        Some((_, misfit)) => Err(misfit),
    }
}

/// What a session would have of these, and no signals: what only a browser tells is unknown. Nothing for a card that is
/// not the merchant's.
fn gather(
    connection: &Connection,
    app: &App,
    (mode, merchant_id): (Mode, &str),
    request: &AssessmentRequest,
    now: Timestamp,
) -> Result<Option<Attributes>, StoreError> {
    let mut attributes = Attributes::default();
    if let Some(id) = &request.card {
        let Some(card) = cards::find(connection, merchant_id, id)? else {
            return Ok(None);
        };
        attributes.set(Attribute::CardBrand, card.brand.as_str());
        attributes.set(Attribute::CardId, card.id.as_str());
        attributes.set(Attribute::CardIsNew, false);
    }
    if let Some(bin) = &request.bin {
        attributes.set(Attribute::CardBin, bin.get(..6));
        attributes.set(Attribute::CardBinCountry, app.bin_countries.lookup(bin));
    }
    let currency = Currency::from_code(&request.currency);
    let usd_micros =
        currency.and_then(|currency| app.usd_rates.usd_micros(request.amount, currency));
    let ip = request.ip.to_canonical();
    attributes.set(Attribute::IpAddress, ip);
    attributes.set(Attribute::IpCountry, app.ip_countries.lookup(ip));
    let event = VelocityEvent {
        session_id: String::new(),
        card_id: request.card.clone().unwrap_or_default(),
        address: velocity::address(&app.ip_digest(mode, ip), merchant_id)?,
        usd_micros,
        at: now,
    };
    let since = now.plus_seconds(-VELOCITY_WINDOW_S);
    let others = velocity::sum_usd_micros(connection, &event, since, VELOCITY_LIMIT_USD_MICROS)?;
    attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, others);
    attributes.set(
        Attribute::CustomerEmailDigest,
        request.email_digest.as_deref(),
    );
    attributes.set(Attribute::SessionAmountMinor, request.amount);
    attributes.set(Attribute::SessionAmountUsdMicros, usd_micros);
    attributes.set(Attribute::SessionBillingCountry, request.billing_country);
    attributes.set(Attribute::SessionCurrency, request.currency.as_str());
    attributes.set(Attribute::SessionPurpose, "payment");
    attributes.set(Attribute::SessionShippingCountry, request.shipping_country);
    // No envelope names another one.
    attributes.set(Attribute::SdkBuildKnown, true);
    attributes.set(Attribute::SignalsUnknown, 0_u32);
    Ok(Some(attributes))
}
