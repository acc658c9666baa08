//! Merchants: their names, modes and registered origins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use super::{Name, once::once};
use crate::{
    app::App,
    config::parse_origin,
    http::{Problem, end_page},
    keys::Occasion,
    mode::Mode,
    store::{
        Connection, StoreError, Tx,
        audit::{self, AuditEntry},
        merchants::{self, Merchant},
    },
};

/// Most origins that a merchant may register.
const MAX_ORIGINS: usize = 32;

/// Registered origins: 1 to 32, each once.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "Vec<String>")]
pub struct Origins(Vec<String>);

/// Body of `POST /v1/merchants`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "My shop", "mode": "test", "origins": ["https://shop.example"]
}))]
pub struct MerchantRequest {
    /// Shown to customers.
    pub name: Name,
    /// Test or live, for ever: keys, ids and data are apart.
    pub mode: Mode,
    /// Origins of pages that may mount the form: scheme, host and port only; `http` is for localhost.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 32)]
    pub origins: Origins,
}

/// Body of `PATCH /v1/merchants/{id}`: what is to change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "origins": ["https://shop.example", "https://shop.example:8443"] }))]
pub struct MerchantChange {
    /// Shown to customers.
    #[serde(default)]
    pub name: Option<Name>,
    /// In the place of all former ones. A session keeps the origin that it was created with.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 32)]
    pub origins: Option<Origins>,
}

/// A merchant, for operators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MerchantDetails {
    /// `mch_test_…` or `mch_live_…`.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// Shown to customers.
    pub name: String,
    /// Origins of pages that may mount the form.
    pub origins: Vec<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// One page of merchants.
#[derive(Serialize, ToSchema)]
pub struct MerchantPage {
    /// By id: live ones first, then in the order in which they were made.
    pub data: Vec<MerchantDetails>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl TryFrom<Vec<String>> for Origins {
    type Error = String;

    fn try_from(mut origins: Vec<String>) -> Result<Self, Self::Error> {
        if let Some(bad) = origins.iter().find(|origin| parse_origin(origin).is_none()) {
            return Err(format!(
                "{bad}: give scheme, host and port only, such as https://shop.example; http is for localhost"
            ));
        }
        origins.sort();
        let all = origins.len();
        origins.dedup();
        if origins.len() < all || !(1..=MAX_ORIGINS).contains(&all) {
            return Err(format!("give 1 to {MAX_ORIGINS} origins, each once"));
        }
        Ok(Self(origins))
    }
}

/// Makes a merchant, once for each idempotency key.
///
/// # Errors
/// `idempotency_conflict`.
pub async fn create_merchant(
    app: &App,
    request: MerchantRequest,
    occasion: Occasion,
) -> Result<MerchantDetails, Problem> {
    let merchant = Merchant {
        id: app.rng.id(&request.mode.id_prefix("mch"), occasion.at)?,
        mode: request.mode,
        name: request.name.as_str().to_owned(),
        created_at: occasion.at,
    };
    let made = app.store.write("create_merchant", move |tx| {
        let again = |id: &str| find(tx, id);
        once(tx, &occasion, &merchant.id, again, || {
            insert_merchant(tx, &merchant, &request.origins, &occasion)?;
            details(tx, merchant.clone()).map(Ok)
        })
    });
    Ok(made.await??)
}

/// Adds a merchant, and says so in the audit.
///
/// # Errors
/// When the store fails.
pub fn insert_merchant(
    tx: &Tx<'_>,
    merchant: &Merchant,
    origins: &Origins,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    merchants::insert(tx, merchant, &origins.0)?;
    log(tx, "merchant.created", &merchant.id, occasion)
}

/// Merchants behind the id `after`, `limit` at most.
///
/// # Errors
/// When the store fails.
pub async fn merchants(app: &App, after: String, limit: u32) -> Result<MerchantPage, Problem> {
    let page = app.store.read(move |connection| {
        let mut rows = merchants::page(connection, &after, limit + 1)?;
        let next_cursor = end_page(&mut rows, limit, |row| row.id.clone());
        let data = rows.into_iter().map(|row| details(connection, row));
        Ok(MerchantPage {
            data: data.collect::<Result<_, _>>()?,
            next_cursor,
        })
    });
    Ok(page.await?)
}

/// The merchant of that id.
///
/// # Errors
/// `not_found`.
pub async fn merchant(app: &App, id: String) -> Result<MerchantDetails, Problem> {
    let found = app.store.read(move |connection| find(connection, &id));
    found.await?.ok_or(ErrorCode::NotFound.into())
}

/// Changes a merchant's name and origins.
///
/// # Errors
/// `not_found`.
pub async fn change_merchant(
    app: &App,
    id: String,
    change: MerchantChange,
    occasion: Occasion,
) -> Result<MerchantDetails, Problem> {
    let changed = app.store.write("change_merchant", move |tx| {
        if merchants::find(tx, &id)?.is_none() {
            return Ok(None);
        }
        if let Some(name) = &change.name {
            merchants::rename(tx, &id, name.as_str())?;
        }
        if let Some(origins) = &change.origins {
            merchants::replace_origins(tx, &id, &origins.0)?;
        }
        if change.name.is_some() || change.origins.is_some() {
            log(tx, "merchant.revised", &id, &occasion)?;
        }
        find(tx, &id)
    });
    changed.await?.ok_or(ErrorCode::NotFound.into())
}

fn find(connection: &Connection, id: &str) -> Result<Option<MerchantDetails>, StoreError> {
    let found = merchants::find(connection, id)?;
    found.map(|row| details(connection, row)).transpose()
}

fn details(connection: &Connection, merchant: Merchant) -> Result<MerchantDetails, StoreError> {
    Ok(MerchantDetails {
        origins: merchants::origins(connection, &merchant.id)?,
        mode: merchant.mode,
        name: merchant.name,
        created_at: merchant.created_at.rfc3339(),
        id: merchant.id,
    })
}

fn log(
    tx: &Tx<'_>,
    action: &'static str,
    merchant_id: &str,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        action,
        merchant_id: Some(merchant_id.to_owned()),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)
}
