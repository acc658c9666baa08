//! A merchant's customers: named by the merchant's own reference, which is stored encrypted and found by a
//! keyed digest.

use std::{fmt, sync::Arc};

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    clock::Timestamp,
    http::Problem,
    identity::Caller,
    keys::ModeKeys,
    lengths::LengthPrefixed,
    rng::Rng,
    store::{
        Connection, StoreError,
        cards::{self, CardRow},
        customers::{self, CustomerRow},
        sessions::Session,
    },
};

const MAX_REFERENCE: usize = 64;

/// A merchant's reference to a customer: 1 to 64 printable ASCII characters without spaces. Personal, so
/// `Debug` does not show it.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[!-~]{1,64}$")]
pub struct CustomerRef(String);

impl CustomerRef {
    /// From text of that form.
    ///
    /// # Errors
    /// `request_invalid` for any other.
    pub fn parse(text: String) -> Result<Self, ErrorCode> {
        let fits = (1..=MAX_REFERENCE).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        match fits {
            true => Ok(Self(text)),
            false => Err(ErrorCode::RequestInvalid),
        }
    }

    /// As it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the customer of that reference is found by: bound to the merchant.
    pub(super) fn digest(&self, keys: &ModeKeys, merchant_id: &str) -> [u8; 32] {
        let parts = LengthPrefixed::default()
            .part(b"customer")
            .part(merchant_id.as_bytes())
            .part(self.0.as_bytes());
        let tag = hmac::sign(&keys.pseudonym, &parts.into_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(tag.as_ref());
        digest
    }

    /// The row of a customer who is named for the first time.
    pub(super) fn row(
        &self,
        keys: &ModeKeys,
        (id, merchant_id): (String, &str),
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<CustomerRow, StoreError> {
        let mut row = CustomerRow {
            id,
            merchant_id: merchant_id.to_owned(),
            reference_digest: self.digest(keys, merchant_id),
            reference_enc: Vec::new(),
            created_at: now,
        };
        let [digest] = row.found_by();
        let look_ups = [digest.as_str()];
        let place = customers::place(&row.id, merchant_id, &look_ups);
        row.reference_enc = keys.deks.encrypt(place, self.0.as_bytes(), rng)?;
        Ok(row)
    }
}

impl TryFrom<String> for CustomerRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text).map_err(|_| "1 to 64 printable ASCII characters")
    }
}

impl fmt::Debug for CustomerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a reference)")
    }
}

/// A customer, for the merchant's server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerDetails {
    /// The merchant's own reference.
    pub customer: CustomerRef,
    /// When a session named it first, RFC 3339.
    pub created_at: String,
    /// How many cards the customer has used.
    pub cards: u64,
}

/// The customer of `caller`'s merchant.
///
/// # Errors
/// `not_found`, for another merchant's customer too.
pub async fn customer(
    app: &Arc<App>,
    caller: Caller,
    reference: CustomerRef,
) -> Result<CustomerDetails, Problem> {
    let keys = app.keys_of(caller.mode);
    let found = app.store.read(move |connection| {
        let Some(row) = find_customer(connection, &keys, &caller.merchant_id, &reference)? else {
            return Ok(None);
        };
        Ok(Some(CustomerDetails {
            customer: open(&keys, &row)?,
            created_at: row.created_at.rfc3339(),
            cards: customers::count_cards(connection, &row.id)?,
        }))
    });
    found.await?.ok_or(ErrorCode::NotFound.into())
}

/// Cards of `caller`'s merchant behind the id `after`, of one customer or of all, `limit` at most.
///
/// # Errors
/// `not_found`, for another merchant's customer too.
pub async fn cards(
    app: &Arc<App>,
    caller: Caller,
    customer: Option<CustomerRef>,
    after: String,
    limit: u32,
) -> Result<Vec<CardRow>, Problem> {
    let keys = app.keys_of(caller.mode);
    let found = app.store.read(move |connection| {
        let merchant_id = &caller.merchant_id;
        let Some(reference) = customer else {
            return cards::page(connection, merchant_id, &after, limit).map(Some);
        };
        find_customer(connection, &keys, merchant_id, &reference)?
            .map(|customer| customers::cards(connection, &customer, &after, limit))
            .transpose()
    });
    found.await?.ok_or(ErrorCode::NotFound.into())
}

/// A merchant's customer by reference.
pub(super) fn find_customer(
    connection: &Connection,
    keys: &ModeKeys,
    merchant_id: &str,
    reference: &CustomerRef,
) -> Result<Option<CustomerRow>, StoreError> {
    let digest = reference.digest(keys, merchant_id);
    customers::find_by_reference(connection, merchant_id, &digest)
}

/// The reference in a customer's row.
pub(super) fn open(keys: &ModeKeys, row: &CustomerRow) -> Result<CustomerRef, StoreError> {
    let [digest] = row.found_by();
    let look_ups = [digest.as_str()];
    let place = customers::place(&row.id, &row.merchant_id, &look_ups);
    let reference = keys.deks.decrypt(place, &row.reference_enc)?;
    String::from_utf8(reference.to_vec())
        .map(CustomerRef)
        .map_err(|_| StoreError::Damaged("customer"))
}

/// The reference that a session was created with, unless it was erased.
pub(super) fn of_session(
    connection: &Connection,
    keys: &ModeKeys,
    session: &Session,
) -> Result<Option<CustomerRef>, StoreError> {
    let Some(id) = &session.customer_id else {
        return Ok(None);
    };
    // Erased since the session was read, if there is none.
    let row = customers::find(connection, &session.merchant_id, id)?;
    row.map(|row| open(keys, &row)).transpose()
}
