//! Creating a session.

use std::{net::IpAddr, sync::Arc};

use icu_locale_core::Locale;
use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::{
    ErrorCode,
    card::Brand,
    message::{SessionStatus, SignalLevel},
};

use super::{customer::CustomerRef, token, view::SessionDetails};
use crate::{
    app::App,
    http::{IdempotencyKey, Misfit, MisfitReason, Problem},
    identity::Caller,
    risk::country::CountryCode,
    store::{
        StoreError, Touches, Tx,
        audit::{self, AuditEntry},
        customers::{self, CustomerRow},
        idempotency::{self, IdempotencyRecord},
        merchants,
        sessions::{self, Session},
    },
    stray::holds_stray,
};

/// Largest amount in minor units: twelve digits.
pub(super) const MAX_AMOUNT: u64 = 999_999_999_999;
const MAX_ORDER_ID: usize = 64;
const MAX_LOCALE: usize = 35;

/// What a session is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To pay `amount`.
    #[default]
    Payment,
    /// To save a card; `amount` is 0.
    Setup,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Setup => "setup",
        }
    }
}

/// Body of `POST /v1/sessions`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "amount": 1999, "currency": "USD", "order_id": "1001", "origin": "https://shop.example",
    "shipping_country": "DE", "customer": "c-1001"
}))]
pub struct CreateSession {
    /// In minor units of `currency`, at most 12 digits.
    #[schema(maximum = 999_999_999_999_u64)]
    pub amount: u64,
    /// ISO 4217 alphabetic code.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// The merchant's own reference, 1 to 64 printable ASCII characters.
    #[schema(pattern = "^[!-~]{1,64}$")]
    pub order_id: String,
    /// One of the merchant's registered origins.
    pub origin: String,
    /// ISO 3166-1 alpha-2; absent when nothing is shipped.
    #[serde(default)]
    pub shipping_country: Option<CountryCode>,
    /// Brands to take; all when absent.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 12)]
    pub accepted_brands: Option<Vec<Brand>>,
    /// BCP 47 language tag to show the form in.
    #[serde(default)]
    #[schema(max_length = 35)]
    pub locale: Option<String>,
    /// What the frame may collect.
    #[serde(default)]
    pub signals: SignalLevel,
    /// What the session is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// The merchant's own reference to the customer. Left out of what a request means when it is not given,
    /// as before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerRef>,
    /// ISO 3166-1 alpha-2, of the billing address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_country: Option<CountryCode>,
    /// Digest of the customer's email address, the same for the same address: 64 hexadecimal digits, such as an HMAC-SHA-256 of
    /// it in small letters under a key of yours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-fA-F]{64}$")]
    pub email_digest: Option<String>,
    /// Address of who shops, as your server sees it: so many sessions are made for one at most (`limits.shopper_per_s`). It is
    /// not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub shopper_ip: Option<IpAddr>,
}

/// Answer to [`CreateSession`].
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedSession {
    /// For the browser: lets one frame submit one card.
    pub client_token: String,
    /// When the client token expires, RFC 3339.
    pub client_token_expires_at: String,
    /// The session.
    #[serde(flatten)]
    pub session: SessionDetails,
}

/// Creates a session, once for each idempotency key.
///
/// # Errors
/// `request_invalid`, `origin_not_registered`, `idempotency_conflict`.
pub async fn create(
    app: &Arc<App>,
    caller: Caller,
    request: CreateSession,
    idempotency_key: IdempotencyKey,
    request_id: String,
) -> Result<CreatedSession, Problem> {
    check(&request)?;
    // PostgreSQL takes no text with a NUL.
    if !request.origin.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ErrorCode::OriginNotRegistered.into());
    }
    let now = app.clock.now();
    let session = Session {
        id: app.rng.id(&caller.mode.id_prefix("cs"), now)?,
        merchant_id: caller.merchant_id.clone(),
        purpose: request.purpose.as_str().to_owned(),
        amount: request.amount,
        currency: request.currency.clone(),
        order_id: request.order_id.clone(),
        origin: request.origin.clone(),
        shipping_country: request.shipping_country.map(|country| country.to_string()),
        billing_country: request.billing_country.map(|country| country.to_string()),
        email_digest: request.email_digest.as_deref().map(str::to_ascii_lowercase),
        accepted_brands: request
            .accepted_brands
            .clone()
            .unwrap_or_else(|| Brand::ALL.to_vec()),
        locale: request.locale.clone(),
        signals: request.signals,
        status: SessionStatus::Open,
        rev: 1,
        attempts: 0,
        submission_id: None,
        customer_id: None,
        created_at: now,
        expires_at: now.plus_seconds(app.limits.session_ttl_s.into()),
    };
    let keys = app.keys_of(caller.mode);
    let digests = idempotency_key.digests(&keys.pseudonym, "POST /v1/sessions", &request)?;
    let record = digests.map(|digests| IdempotencyRecord {
        merchant_id: caller.merchant_id.clone(),
        key_digest: digests.key,
        meaning_digest: digests.meaning,
        answer: session.id.clone(),
    });
    let customer = match &request.customer {
        None => None,
        Some(reference) => {
            let id = app.rng.id(&caller.mode.id_prefix("cus"), now)?;
            let whose = (id, caller.merchant_id.as_str());
            Some(reference.row(&keys, whose, now, &*app.rng)?)
        }
    };
    let entry = AuditEntry {
        action: "session.created",
        merchant_id: Some(caller.merchant_id.clone()),
        client_id: Some(caller.client_id),
        session_id: Some(session.id.clone()),
        request_id: Some(request_id),
        ..AuditEntry::default()
    };
    let touches = match &record {
        Some(record) => Touches::default().and("idempotency", &record.key_digest),
        None => Touches::default(),
    };
    let touches = match &customer {
        Some(customer) => touches.and("customer", &customer.reference_digest),
        None => touches,
    };
    let stored = app
        .store
        .write_grouped("create_session", touches, move |tx| {
            insert(tx, &session, customer.as_ref(), record.as_ref(), &entry)
        })
        .await?;
    let session = stored?;
    let (client_token, expires_at) = token::first(app, caller.mode, &session, now)?;
    Ok(CreatedSession {
        client_token,
        client_token_expires_at: expires_at.rfc3339(),
        // The customer of a session that was created before may have been erased since.
        session: SessionDetails::new(
            &session,
            caller.mode,
            session.customer_id.as_ref().and(request.customer),
            None,
        ),
    })
}

fn check(request: &CreateSession) -> Result<(), Misfit> {
    let amount_fits = match request.purpose {
        Purpose::Payment => (1..=MAX_AMOUNT).contains(&request.amount),
        Purpose::Setup => request.amount == 0,
    };
    let brands_fit = request
        .accepted_brands
        .as_ref()
        .is_none_or(|brands| (1..=Brand::ALL.len()).contains(&brands.len()));
    let locale = request.locale.as_deref();
    let locale_is_short = locale.is_none_or(|locale| locale.len() <= MAX_LOCALE);
    // What is no such tag throws in the browser's Intl, which shows the amount.
    let locale_fits = !locale_is_short
        || locale.is_none_or(|tag| !tag.contains('_') && Locale::try_from_str(tag).is_ok());
    let has_currency = Currency::from_code(&request.currency).is_some();
    let order_id = &request.order_id;
    let order_id_is_short = (1..=MAX_ORDER_ID).contains(&order_id.len());
    let order_id_fits =
        order_id.bytes().all(|byte| byte.is_ascii_graphic()) && !holds_stray(order_id);
    let customer = request.customer.as_ref();
    let customer_fits = customer.is_none_or(|customer| !holds_stray(customer.as_str()));
    let email_digest = request.email_digest.as_deref();
    let email_fits = email_digest.is_none_or(|digest| {
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    let checks = [
        (amount_fits, Misfit::of("amount", MisfitReason::Range)),
        (has_currency, Misfit::of("currency", MisfitReason::Format)),
        (
            order_id_is_short,
            Misfit::of("order_id", MisfitReason::Length),
        ),
        (order_id_fits, Misfit::of("order_id", MisfitReason::Format)),
        (customer_fits, Misfit::of("customer", MisfitReason::Format)),
        (email_fits, Misfit::of("email_digest", MisfitReason::Format)),
        (locale_is_short, Misfit::of("locale", MisfitReason::Length)),
        (locale_fits, Misfit::of("locale", MisfitReason::Format)),
        (
            brands_fit,
            Misfit::of("accepted_brands", MisfitReason::Length),
        ),
    ];
    match checks.into_iter().find(|(fits, _)| !fits) {
        None => Ok(()),
        Some((_, misfit)) => Err(misfit),
    }
}

fn insert(
    tx: &Tx<'_>,
    session: &Session,
    customer: Option<&CustomerRow>,
    record: Option<&IdempotencyRecord>,
    entry: &AuditEntry,
) -> Result<Result<Session, ErrorCode>, StoreError> {
    let mut first = None;
    if let Some(record) = record {
        match idempotency::find(tx, &record.merchant_id, &record.key_digest)? {
            Some(found) if found.meaning_digest != record.meaning_digest => {
                return Ok(Err(ErrorCode::IdempotencyConflict));
            }
            Some(found) => {
                return Ok(sessions::find(tx, &found.answer)?.ok_or(ErrorCode::IdempotencyConflict));
            }
            None => first = Some(record),
        }
    }
    if !merchants::has_origin(tx, &session.merchant_id, &session.origin)? {
        return Ok(Err(ErrorCode::OriginNotRegistered));
    }
    // What was refused may be asked again: only an answer binds its key.
    if let Some(record) = first {
        idempotency::insert(tx, record, session.created_at)?;
    }
    let mut session = session.clone();
    if let Some(customer) = customer {
        let (merchant_id, digest) = (&customer.merchant_id, &customer.reference_digest);
        session.customer_id = match customers::find_by_reference(tx, merchant_id, digest)? {
            Some(known) => Some(known.id),
            None => {
                customers::insert(tx, customer)?;
                Some(customer.id.clone())
            }
        };
    }
    sessions::insert(tx, &session)?;
    audit::append(tx, entry, session.created_at)?;
    Ok(Ok(session))
}
