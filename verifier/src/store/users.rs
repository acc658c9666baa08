//! Tables `user_account` and `second_factor`: people who sign in.

use super::{Connection, Row, StoreError, Tx, crypter::Place, sign_in_failures};
use crate::{clock::Timestamp, values};

/// A person who signs in.
#[derive(Clone)]
pub struct User {
    /// `usr_…`
    pub id: String,
    /// What the person types.
    pub name: String,
    /// The merchant that the person acts for; an operator acts for none.
    pub merchant_id: Option<String>,
    /// What may be granted in the person's name, space separated.
    pub scopes: String,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// When the person was locked out for good.
    pub disabled_at: Option<Timestamp>,
    /// When the person was added.
    pub created_at: Timestamp,
}

/// A person's second factor.
#[derive(Clone)]
pub struct SecondFactor {
    /// Whose.
    pub user_id: String,
    /// The TOTP seed, encrypted.
    pub seed_enc: Vec<u8>,
    /// Time step of the last code that was taken.
    pub last_step: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, name, merchant_id, scopes, password_hash, disabled_at, created_at";

/// Where a person's seed lies.
pub const fn seed_place(user_id: &str) -> Place<'_> {
    Place {
        table: "second_factor",
        column: "seed",
        row: user_id,
        merchant: "",
        look_ups: &[],
    }
}

/// Adds a person.
///
/// # Errors
/// When the store fails, such as for a name that is taken.
pub fn insert(tx: &Tx<'_>, user: &User) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO user_account (id, name, merchant_id, scopes, password_hash, failures,
             disabled_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
        values![
            user.id,
            user.name,
            user.merchant_id,
            user.scopes,
            user.password_hash,
            user.disabled_at,
            user.created_at,
        ],
    )?;
    Ok(())
}

/// The person of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user_account WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// The person of that name.
///
/// # Errors
/// When the store fails.
pub fn find_by_name(connection: &Connection, name: &str) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user_account WHERE name = ?1");
    connection.row(&sql, values![name], read)
}

/// Everybody, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user_account ORDER BY created_at, id");
    connection.rows(&sql, values![], read)
}

/// Locks a person out for good, or lets them in again.
///
/// # Errors
/// When the store fails.
pub fn set_disabled(
    tx: &Tx<'_>,
    id: &str,
    disabled_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_account SET disabled_at = ?2 WHERE id = ?1",
        values![id, disabled_at],
    )?;
    sign_in_failures::forget(tx, id)
}

/// Writes a new password's hash.
///
/// # Errors
/// When the store fails.
pub fn set_password(tx: &Tx<'_>, id: &str, password_hash: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_account SET password_hash = ?2 WHERE id = ?1",
        values![id, password_hash],
    )?;
    Ok(())
}

/// Puts a second factor in the place of the one that is there, if any.
///
/// # Errors
/// When the store fails.
pub fn put_second_factor(tx: &Tx<'_>, factor: &SecondFactor) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO second_factor (user_id, seed_enc, last_step, created_at)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_id) DO UPDATE SET seed_enc = excluded.seed_enc,
             last_step = excluded.last_step, created_at = excluded.created_at",
        values![
            factor.user_id,
            factor.seed_enc,
            factor.last_step,
            factor.created_at
        ],
    )?;
    Ok(())
}

/// A person's second factor.
///
/// # Errors
/// When the store fails.
pub fn second_factor(
    connection: &Connection,
    user_id: &str,
) -> Result<Option<SecondFactor>, StoreError> {
    connection.row(
        "SELECT user_id, seed_enc, last_step, created_at FROM second_factor WHERE user_id = ?1",
        values![user_id],
        read_factor,
    )
}

/// Takes the code of a time step; `false` when it, or a later one, was taken before.
///
/// # Errors
/// When the store fails.
pub fn take_step(tx: &Tx<'_>, user_id: &str, step: u64) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "UPDATE second_factor SET last_step = ?2 WHERE user_id = ?1 AND last_step < ?2",
        values![user_id, step],
    )?;
    Ok(taken == 1)
}

/// Second factors behind the one of that person, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn second_factors_after(
    connection: &Connection,
    user_id: &str,
    limit: u32,
) -> Result<Vec<SecondFactor>, StoreError> {
    connection.rows(
        "SELECT user_id, seed_enc, last_step, created_at FROM second_factor WHERE user_id > ?1
         ORDER BY user_id LIMIT ?2",
        values![user_id, limit],
        read_factor,
    )
}

/// Writes the encrypted seed anew.
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(tx: &Tx<'_>, user_id: &str, seed_enc: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE second_factor SET seed_enc = ?2 WHERE user_id = ?1",
        values![user_id, seed_enc],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        merchant_id: row.get(2)?,
        scopes: row.get(3)?,
        password_hash: row.get(4)?,
        disabled_at: row.get(5)?,
        created_at: row.get(6)?,
    })
}

fn read_factor(row: &Row<'_>) -> Result<SecondFactor, StoreError> {
    Ok(SecondFactor {
        user_id: row.get(0)?,
        seed_enc: row.get(1)?,
        last_step: row.get(2)?,
        created_at: row.get(3)?,
    })
}
