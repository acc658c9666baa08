//! Table `risk_model`: models that were added, and which of them score.

use super::{Connection, FromValue, Row, StoreError, ToValue, Tx, Value};
use crate::{clock::Timestamp, values};

/// What a model does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ModelState {
    /// Scores beside the champion, without effect.
    Challenger,
    /// Scores.
    Champion,
    /// Nothing.
    Kept,
}

impl ModelState {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Challenger => "challenger",
            Self::Champion => "champion",
            Self::Kept => "kept",
        }
    }
}

impl ToValue for ModelState {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for ModelState {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(text) = value else {
            return None;
        };
        let all = [Self::Challenger, Self::Champion, Self::Kept];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// A stored model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelRow {
    /// Its name and the beginning of its digest.
    pub version: String,
    /// What it does.
    pub state: ModelState,
    /// The file as it was added.
    pub file: Vec<u8>,
    /// A JWS over its digest.
    pub signed: String,
    /// The key that signed it.
    pub kid: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Every model, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<ModelRow>, StoreError> {
    let sql = "SELECT version, state, file, signed, kid, created_at FROM risk_model ORDER BY created_at, version";
    connection.rows(sql, values![], read)
}

/// The versions that score, and as what.
///
/// # Errors
/// When the store fails.
pub fn in_use(connection: &Connection) -> Result<Vec<(String, ModelState)>, StoreError> {
    let sql = "SELECT version, state FROM risk_model WHERE state <> 'kept' ORDER BY state";
    connection.rows(sql, values![], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The model of that version.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, version: &str) -> Result<Option<ModelRow>, StoreError> {
    let sql =
        "SELECT version, state, file, signed, kid, created_at FROM risk_model WHERE version = ?1";
    connection.row(sql, values![version], read)
}

/// Adds a model, unless it is there; gives whether it was not.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, model: &ModelRow) -> Result<bool, StoreError> {
    if find(tx, &model.version)?.is_some() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO risk_model (version, state, file, signed, kid, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        values![model.version, model.state, model.file, model.signed, model.kid, model.created_at],
    )?;
    Ok(true)
}

/// Gives a state to a version, or to none; whatever had it does nothing from then on. Gives whether the version is
/// there.
///
/// # Errors
/// When the store fails.
pub fn appoint(tx: &Tx<'_>, state: ModelState, version: Option<&str>) -> Result<bool, StoreError> {
    if let Some(version) = version
        && find(tx, version)?.is_none()
    {
        return Ok(false);
    }
    tx.execute_any(
        "UPDATE risk_model SET state = 'kept' WHERE state = ?1",
        values![state],
    )?;
    if let Some(version) = version {
        tx.execute(
            "UPDATE risk_model SET state = ?2 WHERE version = ?1",
            values![version, state],
        )?;
    }
    Ok(true)
}

fn read(row: &Row<'_>) -> Result<ModelRow, StoreError> {
    Ok(ModelRow {
        version: row.get(0)?,
        state: row.get(1)?,
        file: row.get(2)?,
        signed: row.get(3)?,
        kid: row.get(4)?,
        created_at: row.get(5)?,
    })
}
