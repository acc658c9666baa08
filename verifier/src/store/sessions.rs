//! Tables `session` and `session_jti`.

use waxseal_protocol::{
    card::Brand,
    message::{SessionStatus, SignalLevel},
};

use super::{Connection, Row, RowId, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// A checkout session.
#[derive(Clone, Debug)]
pub struct Session {
    /// `cs_test_…` or `cs_live_…`.
    pub id: String,
    /// The merchant it belongs to.
    pub merchant_id: String,
    /// `payment` or `setup`.
    pub purpose: String,
    /// In minor units of `currency`.
    pub amount: u64,
    /// ISO 4217 alphabetic code.
    pub currency: String,
    /// The merchant's own reference.
    pub order_id: String,
    /// The one origin that may mount the frame.
    pub origin: String,
    /// ISO 3166-1 alpha-2, where goods are shipped.
    pub shipping_country: Option<String>,
    /// ISO 3166-1 alpha-2, of the billing address.
    pub billing_country: Option<String>,
    /// Digest of the customer's email address, as the merchant made it: 64 hexadecimal digits.
    pub email_digest: Option<String>,
    /// Brands that the merchant takes.
    pub accepted_brands: Vec<Brand>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// What the frame may collect.
    pub signals: SignalLevel,
    /// Where it stands.
    pub status: SessionStatus,
    /// Counts changes of amount and shipping.
    pub rev: u32,
    /// Envelopes that opened or failed to open.
    pub attempts: u32,
    /// The submission that set the status.
    pub submission_id: Option<String>,
    /// The merchant's customer, if one was named and not erased since.
    pub customer_id: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Adds a session.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, session: &Session) -> Result<(), StoreError> {
    let brands: Vec<_> = session
        .accepted_brands
        .iter()
        .map(|brand| brand.as_str())
        .collect();
    let of = |kind, id: &Option<String>| id.as_deref().map(|id| RowId::of(kind, id)).transpose();
    tx.execute(
        "INSERT INTO session (id, merchant_id, purpose, amount, currency, order_id, origin,
             shipping_country, accepted_brands, locale, signals, status, rev, attempts,
             submission_id, customer_id, created_at, expires_at, billing_country, email_digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        values![
            RowId::of(KIND, &session.id)?,
            RowId::of("mch", &session.merchant_id)?,
            session.purpose,
            session.amount,
            session.currency,
            session.order_id,
            session.origin,
            session.shipping_country,
            brands.join(","),
            session.locale,
            session.signals.as_str(),
            session.status.as_str(),
            session.rev,
            session.attempts,
            of("sub", &session.submission_id)?,
            of("cus", &session.customer_id)?,
            session.created_at,
            session.expires_at,
            session.billing_country,
            session.email_digest,
        ],
    )?;
    Ok(())
}

/// The session of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Session>, StoreError> {
    connection.row(
        &format!("SELECT {COLUMNS} FROM session WHERE id = ?1"),
        values![RowId::sought(KIND, id)],
        read,
    )
}

/// Id of a merchant's latest session for an order: of those with a card, if there are such.
///
/// # Errors
/// When the store fails.
pub fn latest_of_order(
    connection: &Connection,
    merchant_id: &str,
    order_id: &str,
) -> Result<Option<String>, StoreError> {
    connection.row(
        "SELECT id FROM session WHERE merchant_id = ?1 AND order_id = ?2
         ORDER BY CASE WHEN submission_id IS NULL THEN 1 ELSE 0 END, id DESC LIMIT 1",
        values![RowId::sought("mch", merchant_id), order_id],
        |row| Ok(row.get::<RowId>(0)?.text(KIND)),
    )
}

/// A customer's sessions behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn of_customer(
    connection: &Connection,
    customer_id: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<Session>, StoreError> {
    connection.rows(
        &format!(
            "SELECT {COLUMNS} FROM session WHERE customer_id = ?1 AND id > ?2
             ORDER BY id LIMIT ?3"
        ),
        values![
            RowId::sought("cus", customer_id),
            RowId::behind(KIND, after),
            limit
        ],
        read,
    )
}

/// Makes sessions of a customer nobody's, `limit` at most; gives how many.
///
/// # Errors
/// When the store fails.
pub fn forget_customer(tx: &Tx<'_>, customer_id: &str, limit: u32) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE session SET customer_id = NULL, email_digest = NULL WHERE id IN (
             SELECT id FROM session WHERE customer_id = ?1 LIMIT ?2)",
        values![RowId::sought("cus", customer_id), limit],
    )
}

/// Sets what an attempt changes, where there were `attempts` before it.
///
/// # Errors
/// [`StoreError::Conflict`] when another attempt or revision came first.
pub fn record_attempt(tx: &Tx<'_>, session: &Session, attempts: u32) -> Result<(), StoreError> {
    let submission_id = session.submission_id.as_deref();
    let submission_id = submission_id.map(|id| RowId::of("sub", id)).transpose()?;
    let changed = tx.execute(
        "UPDATE session SET attempts = ?2, status = ?3, submission_id = ?4
         WHERE id = ?1 AND attempts = ?5 AND rev = ?6",
        values![
            RowId::sought(KIND, &session.id),
            session.attempts,
            session.status.as_str(),
            submission_id,
            attempts,
            session.rev,
        ],
    )?;
    only(changed)
}

/// Sets what the merchant may change, and the revision, which was `rev` before.
///
/// # Errors
/// [`StoreError::Conflict`] when another revision or an attempt came first.
pub fn revise(tx: &Tx<'_>, session: &Session, rev: u32) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE session SET amount = ?2, shipping_country = ?3, rev = ?4
         WHERE id = ?1 AND attempts = ?5 AND rev = ?6",
        values![
            RowId::sought(KIND, &session.id),
            session.amount,
            session.shipping_country,
            session.rev,
            session.attempts,
            rev,
        ],
    )?;
    only(changed)
}

/// Marks an envelope's jti as seen in a session. `false`: it had been seen before.
///
/// # Errors
/// When the store fails.
pub fn consume_jti(tx: &Tx<'_>, session_id: &str, jti: &[u8; 16]) -> Result<bool, StoreError> {
    if has_jti(tx, session_id, jti)? {
        return Ok(false);
    }
    let added = tx.execute(
        "INSERT INTO session_jti (session_id, jti) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        values![RowId::of(KIND, session_id)?, jti],
    )?;
    Ok(added == 1)
}

/// Whether an envelope's jti was seen in a session.
///
/// # Errors
/// When the store fails.
pub fn has_jti(
    connection: &Connection,
    session_id: &str,
    jti: &[u8; 16],
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM session_jti WHERE session_id = ?1 AND jti = ?2",
        values![RowId::sought(KIND, session_id), jti],
    )
}

const KIND: &str = "cs";

const COLUMNS: &str = "id, merchant_id, purpose, amount, currency, order_id, origin, \
     shipping_country, accepted_brands, locale, signals, status, rev, attempts, submission_id, \
     customer_id, created_at, expires_at, billing_country, email_digest";

const fn only(changed: u64) -> Result<(), StoreError> {
    match changed {
        1 => Ok(()),
        _ => Err(StoreError::Conflict),
    }
}

fn read(row: &Row<'_>) -> Result<Session, StoreError> {
    let brands: String = row.get(8)?;
    Ok(Session {
        id: row.get::<RowId>(0)?.text(KIND),
        merchant_id: row.get::<RowId>(1)?.text("mch"),
        purpose: row.get(2)?,
        amount: row.get(3)?,
        currency: row.get(4)?,
        order_id: row.get(5)?,
        origin: row.get(6)?,
        shipping_country: row.get(7)?,
        accepted_brands: brands.split(',').filter_map(brand).collect(),
        locale: row.get(9)?,
        signals: named(row, 10, SignalLevel::parse)?,
        status: named(row, 11, SessionStatus::parse)?,
        rev: row.get(12)?,
        attempts: row.get(13)?,
        submission_id: row.get::<Option<RowId>>(14)?.map(|id| id.text("sub")),
        customer_id: row.get::<Option<RowId>>(15)?.map(|id| id.text("cus")),
        created_at: row.get(16)?,
        expires_at: row.get(17)?,
        billing_country: row.get(18)?,
        email_digest: row.get(19)?,
    })
}

fn named<T>(row: &Row<'_>, column: usize, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(&row.get::<String>(column)?).ok_or(StoreError::Damaged("session"))
}

fn brand(name: &str) -> Option<Brand> {
    Brand::ALL
        .iter()
        .copied()
        .find(|brand| brand.as_str() == name)
}
