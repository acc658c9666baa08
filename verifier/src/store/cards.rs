//! Tables `card` and `card_fingerprint`.

use super::{Connection, Row, RowId, StoreError, Tx, crypter::Place, merchants};
use crate::{clock::Timestamp, mode::Mode, values};

/// Where an encrypted column of a card lies. `look_ups` are [`shown_as`] for the PAN, and nothing for the
/// salt.
pub fn place<'p>(
    id: &'p str,
    merchant_id: &'p str,
    column: &'static str,
    look_ups: &'p [&'p str],
) -> Place<'p> {
    Place {
        table: "card",
        column,
        row: id,
        merchant: merchant_id,
        look_ups,
    }
}

/// What a card is found by and shown as, bound to its PAN.
pub const fn shown_as<'p>(token: &'p str, brand: &'p str, last4: &'p str) -> [&'p str; 3] {
    [token, brand, last4]
}

/// A card as it lies in its row.
#[derive(Clone)]
pub struct CardRow {
    /// `card_test_…` or `card_live_…`.
    pub id: String,
    /// The merchant it belongs to.
    pub merchant_id: String,
    /// Digits that stand for the PAN.
    pub token: String,
    /// Name of the brand.
    pub brand: String,
    /// The PAN's last four digits.
    pub last4: String,
    /// The PAN, encrypted, bound to the token.
    pub pan_enc: Vec<u8>,
    /// FF1's salt, encrypted; absent for a token that was drawn at random.
    pub salt_enc: Option<Vec<u8>>,
    /// When the card was first seen.
    pub created_at: Timestamp,
}

impl CardRow {
    fn mode(&self) -> Mode {
        Mode::of_id(&self.id)
    }

    fn row_id(&self) -> RowId {
        RowId::sought(KIND, &self.id)
    }
}

const KIND: &str = "card";

const COLUMNS: &str = "id, merchant_id, token, brand, last4, pan_enc, salt_enc, created_at";

/// Adds a card.
///
/// # Errors
/// [`StoreError::Conflict`] when the merchant has a card of that token.
pub fn insert(tx: &Tx<'_>, card: &CardRow) -> Result<(), StoreError> {
    let added = tx.execute(
        "INSERT INTO card (id, merchant_id, token, brand, last4, pan_enc, salt_enc, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (merchant_id, token) DO NOTHING",
        values![
            RowId::of(KIND, &card.id)?,
            RowId::of("mch", &card.merchant_id)?,
            card.token,
            card.brand,
            card.last4,
            card.pan_enc,
            card.salt_enc,
            card.created_at,
        ],
    )?;
    match added {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

const INSERT_FINGERPRINT: &str = "INSERT INTO card_fingerprint (mode, version, value, card_id)
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (mode, version, value) DO NOTHING";

/// Makes a new card findable by a fingerprint of its PAN.
///
/// # Errors
/// [`StoreError::Conflict`] when another card is found by it.
pub fn insert_fingerprint(
    tx: &Tx<'_>,
    version: u32,
    value: &[u8; 32],
    card_id: &str,
) -> Result<(), StoreError> {
    let id = RowId::of(KIND, card_id)?;
    let added = tx.execute(
        INSERT_FINGERPRINT,
        values![number(Mode::of_id(card_id)), version, value, id],
    )?;
    match added {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// Makes a card findable by a further fingerprint of its PAN, if it is not.
///
/// # Errors
/// When the store fails.
pub fn add_fingerprint(
    tx: &Tx<'_>,
    version: u32,
    value: &[u8; 32],
    card_id: &str,
) -> Result<(), StoreError> {
    let id = RowId::of(KIND, card_id)?;
    tx.execute_any(
        INSERT_FINGERPRINT,
        values![number(Mode::of_id(card_id)), version, value, id],
    )
}

/// Deletes a card. Its fingerprints and links are deleted apart.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, merchant_id: &str, id: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM card WHERE merchant_id = ?1 AND id = ?2",
        values![RowId::sought("mch", merchant_id), RowId::sought(KIND, id)],
    )?;
    Ok(())
}

/// Deletes a fingerprint, if it leads to that card.
///
/// # Errors
/// When the store fails.
pub fn delete_fingerprint(
    tx: &Tx<'_>,
    card: &CardRow,
    version: u32,
    value: &[u8; 32],
) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM card_fingerprint
         WHERE mode = ?1 AND version = ?2 AND value = ?3 AND card_id = ?4",
        values![number(card.mode()), version, value, card.row_id()],
    )
}

/// Deletes fingerprints that lead to a card under versions before `oldest` or behind `newest`. Reads all of
/// those: where a root is not known.
///
/// # Errors
/// When the store fails.
pub fn delete_fingerprints_outside(
    tx: &Tx<'_>,
    card: &CardRow,
    oldest: u32,
    newest: u32,
) -> Result<(), StoreError> {
    for (range, bound) in [("version < ?3", oldest), ("version > ?3", newest)] {
        tx.execute_any(
            &format!("DELETE FROM card_fingerprint WHERE mode = ?1 AND card_id = ?2 AND {range}"),
            values![number(card.mode()), card.row_id(), bound],
        )?;
    }
    Ok(())
}

/// Deletes every fingerprint that leads to a card. Reads all there are: where the PAN is not known.
///
/// # Errors
/// When the store fails.
pub fn delete_fingerprints(tx: &Tx<'_>, card: &CardRow) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM card_fingerprint WHERE mode = ?1 AND card_id = ?2",
        values![number(card.mode()), card.row_id()],
    )
}

/// How many cards a mode's merchants have.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection, mode: Mode) -> Result<u64, StoreError> {
    let (first, last) = RowId::all(mode);
    connection.the_row(
        "SELECT count(*) FROM card WHERE merchant_id >= ?1 AND merchant_id <= ?2",
        values![first, last],
        |row| row.get(0),
    )
}

/// Deletes fingerprints of a mode's merchants under versions before `version`, `limit` at most; gives how
/// many.
///
/// # Errors
/// When the store fails.
pub fn delete_fingerprints_before(
    tx: &Tx<'_>,
    mode: Mode,
    version: u32,
    limit: u32,
) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM card_fingerprint WHERE (mode, version, value) IN (
                 SELECT mode, version, value FROM card_fingerprint
                 WHERE mode = ?1 AND version < ?2 LIMIT ?3)",
        values![number(mode), version, limit],
    )
}

/// A merchant's card by its PAN's fingerprint.
///
/// # Errors
/// When the store fails.
pub fn find_by_fingerprint(
    connection: &Connection,
    merchant_id: &str,
    version: u32,
    value: &[u8; 32],
) -> Result<Option<CardRow>, StoreError> {
    connection.row(
        "SELECT id, merchant_id, token, brand, last4, pan_enc, salt_enc, created_at
         FROM card_fingerprint JOIN card ON id = card_id AND merchant_id = ?4
         WHERE mode = ?1 AND version = ?2 AND value = ?3",
        values![
            number(Mode::of_id(merchant_id)),
            version,
            value,
            RowId::sought("mch", merchant_id)
        ],
        read,
    )
}

/// A merchant's card by its id.
///
/// # Errors
/// When the store fails.
pub fn find(
    connection: &Connection,
    merchant_id: &str,
    id: &str,
) -> Result<Option<CardRow>, StoreError> {
    connection.row(
        &format!("SELECT {COLUMNS} FROM card WHERE merchant_id = ?1 AND id = ?2"),
        values![RowId::sought("mch", merchant_id), RowId::sought(KIND, id)],
        read,
    )
}

/// A card by its id, whichever merchant's it is: for operators, since it looks at each merchant.
///
/// # Errors
/// When the store fails.
pub fn find_of_any(connection: &Connection, id: &str) -> Result<Option<CardRow>, StoreError> {
    for merchant in merchants::list(connection)? {
        if let Some(card) = find(connection, &merchant.id, id)? {
            return Ok(Some(card));
        }
    }
    Ok(None)
}

/// A merchant's cards after the id `after`, oldest first, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn page(
    connection: &Connection,
    merchant_id: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<CardRow>, StoreError> {
    connection.rows(
        &format!(
            "SELECT {COLUMNS} FROM card WHERE merchant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        ),
        values![
            RowId::sought("mch", merchant_id),
            RowId::behind(KIND, after),
            limit
        ],
        read,
    )
}

/// Cards of all merchants behind one of them, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(
    connection: &Connection,
    merchant_id: &str,
    id: &str,
    limit: u32,
) -> Result<Vec<CardRow>, StoreError> {
    connection.rows(
        &format!(
            "SELECT {COLUMNS} FROM card WHERE (merchant_id, id) > (?1, ?2)
         ORDER BY merchant_id, id LIMIT ?3"
        ),
        values![
            RowId::behind("mch", merchant_id),
            RowId::behind(KIND, id),
            limit
        ],
        read,
    )
}

/// Writes a card's encrypted columns anew.
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(
    tx: &Tx<'_>,
    card: &CardRow,
    pan_enc: &[u8],
    salt_enc: Option<&[u8]>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE card SET pan_enc = ?3, salt_enc = ?4 WHERE merchant_id = ?1 AND id = ?2",
        values![
            RowId::sought("mch", &card.merchant_id),
            card.row_id(),
            pan_enc,
            salt_enc
        ],
    )?;
    Ok(())
}

/// A mode as a fingerprint's row has it.
pub(super) const fn number(mode: Mode) -> i64 {
    match mode {
        Mode::Live => 0,
        Mode::Test => 1,
    }
}

pub(super) fn read(row: &Row<'_>) -> Result<CardRow, StoreError> {
    Ok(CardRow {
        id: row.get::<RowId>(0)?.text(KIND),
        merchant_id: row.get::<RowId>(1)?.text("mch"),
        token: row.get(2)?,
        brand: row.get(3)?,
        last4: row.get(4)?,
        pan_enc: row.get(5)?,
        salt_enc: row.get(6)?,
        created_at: row.get(7)?,
    })
}
