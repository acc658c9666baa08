//! Tables `customer` and `customer_card`: whom a merchant knows, and which cards they have used.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Connection, Row, RowId, StoreError, Tx,
    cards::{self, CardRow},
    crypter::Place,
};
use crate::{clock::Timestamp, values};

/// A merchant's customer as they lie in their row.
#[derive(Clone)]
pub struct CustomerRow {
    /// `cus_test_…` or `cus_live_…`.
    pub id: String,
    /// The merchant that they are a customer of.
    pub merchant_id: String,
    /// Keyed digest of the merchant's own reference.
    pub reference_digest: [u8; 32],
    /// That reference, encrypted, bound to its digest.
    pub reference_enc: Vec<u8>,
    /// When they were first named.
    pub created_at: Timestamp,
}

impl CustomerRow {
    /// What the reference is bound to beside its row: what the row is found by.
    pub fn found_by(&self) -> [String; 1] {
        [URL_SAFE_NO_PAD.encode(self.reference_digest)]
    }
}

/// Where the encrypted column lies. `look_ups` are [`CustomerRow::found_by`].
pub fn place<'p>(id: &'p str, merchant_id: &'p str, look_ups: &'p [&'p str]) -> Place<'p> {
    Place {
        table: "customer",
        column: "reference",
        row: id,
        merchant: merchant_id,
        look_ups,
    }
}

const KIND: &str = "cus";

const COLUMNS: &str = "id, merchant_id, reference_digest, reference_enc, created_at";

/// Adds a customer.
///
/// # Errors
/// [`StoreError::Conflict`] when another verifier has just added them.
pub fn insert(tx: &Tx<'_>, customer: &CustomerRow) -> Result<(), StoreError> {
    let added = tx.execute(
        "INSERT INTO customer (id, merchant_id, reference_digest, reference_enc, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (merchant_id, reference_digest) DO NOTHING",
        values![
            RowId::of(KIND, &customer.id)?,
            RowId::of("mch", &customer.merchant_id)?,
            customer.reference_digest,
            customer.reference_enc,
            customer.created_at,
        ],
    )?;
    match added {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// A merchant's customer by the digest of the merchant's reference.
///
/// # Errors
/// When the store fails.
pub fn find_by_reference(
    connection: &Connection,
    merchant_id: &str,
    digest: &[u8; 32],
) -> Result<Option<CustomerRow>, StoreError> {
    connection.row(
        &format!("SELECT {COLUMNS} FROM customer WHERE merchant_id = ?1 AND reference_digest = ?2"),
        values![RowId::sought("mch", merchant_id), digest],
        read,
    )
}

/// A merchant's customer by their id.
///
/// # Errors
/// When the store fails.
pub fn find(
    connection: &Connection,
    merchant_id: &str,
    id: &str,
) -> Result<Option<CustomerRow>, StoreError> {
    connection.row(
        &format!("SELECT {COLUMNS} FROM customer WHERE id = ?1 AND merchant_id = ?2"),
        values![RowId::sought(KIND, id), RowId::sought("mch", merchant_id)],
        read,
    )
}

/// Customers of all merchants behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(
    connection: &Connection,
    id: &str,
    limit: u32,
) -> Result<Vec<CustomerRow>, StoreError> {
    connection.rows(
        &format!("SELECT {COLUMNS} FROM customer WHERE id > ?1 ORDER BY id LIMIT ?2"),
        values![RowId::behind(KIND, id), limit],
        read,
    )
}

/// Writes the encrypted column anew.
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(tx: &Tx<'_>, id: &str, reference_enc: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE customer SET reference_enc = ?2 WHERE id = ?1",
        values![RowId::sought(KIND, id), reference_enc],
    )?;
    Ok(())
}

/// Deletes a customer who has no cards any more.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM customer WHERE id = ?1";
    tx.execute(sql, values![RowId::sought(KIND, id)])?;
    Ok(())
}

/// Notes that a customer has used a card, if that is not known.
///
/// # Errors
/// When the store fails.
pub fn link(
    tx: &Tx<'_>,
    customer_id: &str,
    card_id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute_any(
        "INSERT INTO customer_card (customer_id, card_id, created_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        values![
            RowId::of(KIND, customer_id)?,
            RowId::of("card", card_id)?,
            at
        ],
    )
}

/// Takes a card from a customer.
///
/// # Errors
/// When the store fails.
pub fn unlink(tx: &Tx<'_>, customer_id: &str, card_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM customer_card WHERE customer_id = ?1 AND card_id = ?2",
        values![
            RowId::sought(KIND, customer_id),
            RowId::sought("card", card_id)
        ],
    )
}

/// Takes a card from every customer.
///
/// # Errors
/// When the store fails.
pub fn unlink_all(tx: &Tx<'_>, card_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM customer_card WHERE card_id = ?1",
        values![RowId::sought("card", card_id)],
    )
}

/// Whether another customer than that one has a card.
///
/// # Errors
/// When the store fails.
pub fn others_have(
    connection: &Connection,
    customer_id: &str,
    card_id: &str,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM customer_card WHERE card_id = ?1 AND customer_id <> ?2 LIMIT 1",
        values![
            RowId::sought("card", card_id),
            RowId::sought(KIND, customer_id)
        ],
    )
}

/// How many cards a customer has.
///
/// # Errors
/// When the store fails.
pub fn count_cards(connection: &Connection, customer_id: &str) -> Result<u64, StoreError> {
    connection.the_row(
        "SELECT count(*) FROM customer_card WHERE customer_id = ?1",
        values![RowId::sought(KIND, customer_id)],
        |row| row.get(0),
    )
}

/// One of a customer's cards, by its id.
///
/// # Errors
/// When the store fails.
pub fn first_card(
    connection: &Connection,
    customer_id: &str,
) -> Result<Option<String>, StoreError> {
    connection.row(
        "SELECT card_id FROM customer_card WHERE customer_id = ?1 ORDER BY card_id LIMIT 1",
        values![RowId::sought(KIND, customer_id)],
        |row| Ok(row.get::<RowId>(0)?.text("card")),
    )
}

/// A customer's cards after the id `after`, oldest first, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn cards(
    connection: &Connection,
    customer: &CustomerRow,
    after: &str,
    limit: u32,
) -> Result<Vec<CardRow>, StoreError> {
    connection.rows(
        "SELECT id, merchant_id, token, brand, last4, pan_enc, salt_enc, card.created_at
         FROM customer_card JOIN card ON id = card_id AND merchant_id = ?1
         WHERE customer_id = ?2 AND card_id > ?3 ORDER BY card_id LIMIT ?4",
        values![
            RowId::sought("mch", &customer.merchant_id),
            RowId::sought(KIND, &customer.id),
            RowId::behind("card", after),
            limit
        ],
        cards::read,
    )
}

fn read(row: &Row<'_>) -> Result<CustomerRow, StoreError> {
    Ok(CustomerRow {
        id: row.get::<RowId>(0)?.text(KIND),
        merchant_id: row.get::<RowId>(1)?.text("mch"),
        reference_digest: row.get(2)?,
        reference_enc: row.get(3)?,
        created_at: row.get(4)?,
    })
}
