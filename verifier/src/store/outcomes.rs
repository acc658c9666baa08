//! Table `risk_outcome`: what became of sessions and cards. Nothing is changed in it: a correction is a further row.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Connection, FromValue, Row, RowId, StoreError, ToValue, Tx, Value};
use crate::{clock::Timestamp, values};

/// What it turned out to be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// The holder had the bank take the money back.
    Chargeback,
    /// Somebody else's card, or no intention to pay.
    Fraud,
    /// A good customer.
    Legitimate,
}

impl OutcomeKind {
    const ALL: [Self; 3] = [Self::Chargeback, Self::Fraud, Self::Legitimate];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chargeback => "chargeback",
            Self::Fraud => "fraud",
            Self::Legitimate => "legitimate",
        }
    }
}

impl ToValue for OutcomeKind {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for OutcomeKind {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(text) = value else {
            return None;
        };
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What an outcome is of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OutcomeOf {
    /// Every session of a card that has none of its own.
    Card(String),
    /// One session.
    Session(String),
}

/// What somebody said of a session or a card.
#[derive(Clone, Debug)]
pub struct OutcomeRow {
    /// `out_test_…` or `out_live_…`.
    pub id: String,
    /// Whose session or card it is.
    pub merchant_id: String,
    /// Of what.
    pub of: OutcomeOf,
    /// What it turned out to be.
    pub kind: OutcomeKind,
    /// When.
    pub happened_at: Timestamp,
    /// Why, in one word.
    pub reason: Option<String>,
    /// The merchant's server that said so.
    pub client_id: Option<String>,
    /// The operator who said so.
    pub operator_id: Option<String>,
    /// When it was said.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, merchant_id, session_id, card_id, kind, happened_at, reason, client_id, operator_id, created_at";

impl OutcomeOf {
    fn column(&self) -> (&'static str, RowId) {
        match self {
            Self::Card(id) => ("card_id", RowId::sought("card", id)),
            Self::Session(id) => ("session_id", RowId::sought("cs", id)),
        }
    }
}

/// Adds an outcome.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, outcome: &OutcomeRow) -> Result<(), StoreError> {
    let (session_id, card_id) = match &outcome.of {
        OutcomeOf::Card(id) => (None, Some(RowId::of("card", id)?)),
        OutcomeOf::Session(id) => (Some(RowId::of("cs", id)?), None),
    };
    tx.execute(
        "INSERT INTO risk_outcome (id, merchant_id, session_id, card_id, kind, happened_at, reason, client_id,
             operator_id, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        values![
            outcome.id,
            RowId::of("mch", &outcome.merchant_id)?,
            session_id,
            card_id,
            outcome.kind,
            outcome.happened_at,
            outcome.reason,
            outcome.client_id,
            outcome.operator_id,
            outcome.created_at,
        ],
    )?;
    Ok(())
}

/// The outcome of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<OutcomeRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_outcome WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// A merchant's outcomes of a session or a card, the latest first, `limit` at most. The first one holds.
///
/// # Errors
/// When the store fails.
pub fn history(
    connection: &Connection,
    merchant_id: &str,
    of: &OutcomeOf,
    limit: u32,
) -> Result<Vec<OutcomeRow>, StoreError> {
    let (column, id) = of.column();
    let sql = format!(
        "SELECT {COLUMNS} FROM risk_outcome WHERE {column} = ?1 AND merchant_id = ?2
         ORDER BY created_at DESC, id DESC LIMIT ?3"
    );
    let merchant_id = RowId::sought("mch", merchant_id);
    connection.rows(&sql, values![id, merchant_id, limit], read)
}

/// Outcomes behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(connection: &Connection, id: &str, limit: u32) -> Result<Vec<OutcomeRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_outcome WHERE id > ?1 ORDER BY id LIMIT ?2");
    connection.rows(&sql, values![id, limit], read)
}

/// Deletes a card's outcomes.
///
/// # Errors
/// When the store fails.
pub fn delete_of_card(tx: &Tx<'_>, card_id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM risk_outcome WHERE card_id = ?1";
    tx.execute_any(sql, values![RowId::sought("card", card_id)])
}

fn read(row: &Row<'_>) -> Result<OutcomeRow, StoreError> {
    let session_id: Option<RowId> = row.get(2)?;
    let card_id: Option<RowId> = row.get(3)?;
    let of = match (session_id, card_id) {
        (Some(id), None) => OutcomeOf::Session(id.text("cs")),
        (None, Some(id)) => OutcomeOf::Card(id.text("card")),
        _ => return Err(StoreError::Damaged("risk_outcome")),
    };
    Ok(OutcomeRow {
        id: row.get(0)?,
        merchant_id: row.get::<RowId>(1)?.text("mch"),
        of,
        kind: row.get(4)?,
        happened_at: row.get(5)?,
        reason: row.get(6)?,
        client_id: row.get(7)?,
        operator_id: row.get(8)?,
        created_at: row.get(9)?,
    })
}
