//! Tables `risk_rule_set` and `risk_rule_change`: versions of rules, and what was done with them. A text never changes.

use super::{Connection, FromValue, Row, StoreError, ToValue, Tx, Value};
use crate::{clock::Timestamp, values};

/// What a set does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RuleSetState {
    /// Decides.
    Active,
    /// Nothing yet.
    Draft,
    /// Nothing any more.
    Kept,
    /// Is asked beside the active one, without effect.
    Shadow,
}

impl RuleSetState {
    const ALL: [Self; 4] = [Self::Active, Self::Draft, Self::Kept, Self::Shadow];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draft => "draft",
            Self::Kept => "kept",
            Self::Shadow => "shadow",
        }
    }
}

impl ToValue for RuleSetState {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for RuleSetState {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(text) = value else {
            return None;
        };
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One version of rules.
#[derive(Clone, Debug)]
pub struct RuleSetRow {
    /// `rls_…`
    pub id: String,
    /// Whose sessions it is for; empty for everybody's.
    pub merchant_id: String,
    /// From 1 on, of that merchant's.
    pub version: u32,
    /// What it does.
    pub state: RuleSetState,
    /// Canonical, with comments.
    pub text: String,
    /// SHA-256 of the canonical text without comments.
    pub digest: [u8; 32],
    /// What it is for.
    pub note: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The operator; nobody for the command line.
    pub created_by: Option<String>,
}

/// Something that was done with a set.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// Whose sets; empty for everybody's.
    pub merchant_id: String,
    /// From 1 on, of that merchant's.
    pub number: u64,
    /// `activated`, `created`, `rolled_back`, `shadow_ended` or `shadowed`.
    pub change: String,
    /// With which; none where nothing is active from then on.
    pub rule_set: Option<String>,
    /// When.
    pub changed_at: Timestamp,
    /// The operator; nobody for the command line.
    pub changed_by: Option<String>,
}

const COLUMNS: &str = "id, merchant_id, version, state, text, digest, note, created_at, created_by";

/// The set of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<RuleSetRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_rule_set WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// A set that does what the digest says.
///
/// # Errors
/// When the store fails.
pub fn of_digest(
    connection: &Connection,
    digest: &[u8; 32],
) -> Result<Option<RuleSetRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_rule_set WHERE digest = ?1 ORDER BY id LIMIT 1");
    connection.row(&sql, values![digest], read)
}

/// Sets behind the one of that id, of one merchant (empty: for all) or every one, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(
    connection: &Connection,
    merchant_id: Option<&str>,
    id: &str,
    limit: u32,
) -> Result<Vec<RuleSetRow>, StoreError> {
    let rows = |whose: &str, values: &[Value<'_>]| {
        let sql = format!(
            "SELECT {COLUMNS} FROM risk_rule_set WHERE id > ?1 {whose} ORDER BY id LIMIT ?2"
        );
        connection.rows(&sql, values, read)
    };
    match merchant_id {
        None => rows("", values![id, limit]),
        Some(merchant_id) => rows("AND merchant_id = ?3", values![id, limit, merchant_id]),
    }
}

/// Sets that are asked.
///
/// # Errors
/// When the store fails.
pub fn in_use(connection: &Connection) -> Result<Vec<RuleSetRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM risk_rule_set WHERE state IN ('active', 'shadow') ORDER BY id"
    );
    connection.rows(&sql, values![], read)
}

/// A merchant's set (empty: that for all) in that state.
///
/// # Errors
/// When the store fails.
pub fn in_state(
    connection: &Connection,
    merchant_id: &str,
    state: RuleSetState,
) -> Result<Option<RuleSetRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_rule_set WHERE merchant_id = ?1 AND state = ?2");
    connection.row(&sql, values![merchant_id, state], read)
}

/// The version that a merchant's next set has.
///
/// # Errors
/// When the store fails.
pub fn next_version(connection: &Connection, merchant_id: &str) -> Result<u32, StoreError> {
    let sql = "SELECT COALESCE(MAX(version), 0) + 1 FROM risk_rule_set WHERE merchant_id = ?1";
    connection.the_row(sql, values![merchant_id], |row| row.get(0))
}

/// Adds a set.
///
/// # Errors
/// When the store fails, or the version is taken.
pub fn insert(tx: &Tx<'_>, set: &RuleSetRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO risk_rule_set (id, merchant_id, version, state, text, digest, note, created_at, created_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        values![
            set.id,
            set.merchant_id,
            set.version,
            set.state,
            set.text,
            set.digest,
            set.note,
            set.created_at,
            set.created_by,
        ],
    )?;
    Ok(())
}

/// Gives a state to a set.
///
/// # Errors
/// When the store fails, or another of the merchant's has the state and it is one for one.
pub fn set_state(tx: &Tx<'_>, id: &str, state: RuleSetState) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE risk_rule_set SET state = ?2 WHERE id = ?1",
        values![id, state],
    )?;
    changed(tx)
}

/// Writes down what was done, as the merchant's next number.
///
/// # Errors
/// When the store fails, or another verifier took the number at the same time.
pub fn note(
    tx: &Tx<'_>,
    merchant_id: &str,
    (change, rule_set): (&str, Option<&str>),
    (at, by): (Timestamp, Option<&str>),
) -> Result<(), StoreError> {
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM risk_rule_change WHERE merchant_id = ?1";
    let number: u64 = tx.the_row(sql, values![merchant_id], |row| row.get(0))?;
    tx.execute(
        "INSERT INTO risk_rule_change (merchant_id, number, change, rule_set, changed_at, changed_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        values![merchant_id, number, change, rule_set, at, by],
    )?;
    Ok(())
}

/// What was done with a merchant's sets (empty: with those for all) behind that number, oldest first, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn changes(
    connection: &Connection,
    merchant_id: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<ChangeRow>, StoreError> {
    connection.rows(
        "SELECT merchant_id, number, change, rule_set, changed_at, changed_by FROM risk_rule_change
         WHERE merchant_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
        values![merchant_id, after, limit],
        |row| {
            Ok(ChangeRow {
                merchant_id: row.get(0)?,
                number: row.get(1)?,
                change: row.get(2)?,
                rule_set: row.get(3)?,
                changed_at: row.get(4)?,
                changed_by: row.get(5)?,
            })
        },
    )
}

/// A number that is another one after every change of what is asked.
///
/// # Errors
/// When the store fails.
pub fn revision(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT revision FROM risk_revision WHERE name = 'rules'";
    connection.the_row(sql, values![], |row| row.get(0))
}

fn changed(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE risk_revision SET revision = revision + 1 WHERE name = 'rules'",
        values![],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<RuleSetRow, StoreError> {
    Ok(RuleSetRow {
        id: row.get(0)?,
        merchant_id: row.get(1)?,
        version: row.get(2)?,
        state: row.get(3)?,
        text: row.get(4)?,
        digest: row.get(5)?,
        note: row.get(6)?,
        created_at: row.get(7)?,
        created_by: row.get(8)?,
    })
}
