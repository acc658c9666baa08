//! One connection, to either engine. The text of a statement is the same for both.

use std::cell::RefCell;

use super::{
    RowId, StoreError,
    audit::chain::Heads,
    postgres::Session,
    value::{Row, Value},
};

/// In SQLite one writes at a time.
const SQLITE_CHAIN: u8 = 0;

/// A connection; statements on it run at once, in the order in which they are asked for.
pub struct Connection(Engine);

enum Engine {
    Postgres(Box<Session>),
    Sqlite(Sqlite),
}

struct Sqlite {
    connection: rusqlite::Connection,
    /// The ends of chains, while a group of jobs is written: nobody else writes until it commits.
    heads: RefCell<Option<Heads>>,
}

impl Connection {
    /// Every row that a query gives, as `read` takes them.
    ///
    /// # Errors
    /// When the store fails, or what `read` gave.
    pub fn rows<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        match &self.0 {
            Engine::Postgres(session) => session.rows(sql, values, &mut read),
            Engine::Sqlite(Sqlite { connection, .. }) => {
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                let mut taken = Vec::new();
                while let Some(row) = rows.next()? {
                    taken.push(read(&Row(row))?);
                }
                Ok(taken)
            }
        }
    }

    /// The first row that a query gives.
    ///
    /// # Errors
    /// As [`Connection::rows`].
    pub fn row<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, values, read)?.into_iter().next())
    }

    /// The one row that a query always gives, such as a count's.
    ///
    /// # Errors
    /// As [`Connection::rows`].
    pub fn the_row<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.row(sql, values, read)?
            .ok_or(StoreError::Damaged("a row that is always there"))
    }

    /// Whether a query gives any row.
    ///
    /// # Errors
    /// When the store fails.
    pub fn exists(&self, sql: &str, values: &[Value<'_>]) -> Result<bool, StoreError> {
        Ok(self.row(sql, values, |_| Ok(()))?.is_some())
    }

    /// Changes rows; gives how many. In a group the count is not known yet: 1 is taken for granted, and the
    /// group does not commit unless that was so.
    ///
    /// # Errors
    /// When the store fails.
    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        match &self.0 {
            Engine::Postgres(session) => session.execute(sql, values, true),
            Engine::Sqlite(Sqlite { connection, .. }) => execute(connection, sql, values),
        }
    }

    /// Changes rows, however many.
    ///
    /// # Errors
    /// When the store fails.
    pub fn execute_any(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreError> {
        match &self.0 {
            Engine::Postgres(session) => session.execute(sql, values, false),
            Engine::Sqlite(Sqlite { connection, .. }) => execute(connection, sql, values),
        }
        .map(drop)
    }

    /// Runs statements without parameters.
    ///
    /// # Errors
    /// When the store fails.
    pub fn run(&self, sql: &str) -> Result<(), StoreError> {
        match &self.0 {
            Engine::Postgres(session) => session.run(sql),
            Engine::Sqlite(Sqlite { connection, .. }) => Ok(connection.execute_batch(sql)?),
        }
    }

    /// Writes an audit entry behind the last one of a chain of the merchant's; in a group, when the group does.
    pub(super) fn append_entry(
        &self,
        merchant: RowId,
        fields: &[Value<'_>; 13],
    ) -> Result<(), StoreError> {
        match &self.0 {
            Engine::Postgres(session) if session.is_in_group() => {
                session.note_entry(merchant, fields)
            }
            Engine::Postgres(session) => session.append_entry(self, merchant, fields),
            Engine::Sqlite(own) => {
                let mut of_group = own.heads.borrow_mut();
                let heads = of_group.as_mut();
                heads
                    .unwrap_or(&mut Heads::default())
                    .append(self, merchant, SQLITE_CHAIN, fields)
            }
        }
    }

    /// From here until [`Connection::forget_heads`] this connection alone writes, in one transaction.
    pub(super) fn remember_heads(&self) {
        if let Engine::Sqlite(own) = &self.0 {
            own.heads.replace(Some(Heads::default()));
        }
    }

    /// The transaction has ended.
    pub(super) fn forget_heads(&self) {
        if let Engine::Sqlite(own) = &self.0 {
            own.heads.replace(None);
        }
    }

    /// In which lane it writes: what one lane has is committed in the order in which it was written.
    pub(super) fn lane(&self) -> u8 {
        match &self.0 {
            Engine::Postgres(session) => session.chain(),
            Engine::Sqlite(_) => SQLITE_CHAIN,
        }
    }

    /// Whether there is no other lane.
    pub(super) fn has_one_lane(&self) -> bool {
        matches!(self.0, Engine::Sqlite(_))
    }

    /// SQLite's own connection, if that is what it is.
    pub(super) fn sqlite(&self) -> Option<&rusqlite::Connection> {
        match &self.0 {
            Engine::Postgres(_) => None,
            Engine::Sqlite(Sqlite { connection, .. }) => Some(connection),
        }
    }

    /// PostgreSQL's session, if that is what it is.
    pub(super) fn postgres(&self) -> Option<&Session> {
        match &self.0 {
            Engine::Postgres(session) => Some(session),
            Engine::Sqlite(_) => None,
        }
    }
}

impl From<rusqlite::Connection> for Connection {
    fn from(connection: rusqlite::Connection) -> Self {
        Self(Engine::Sqlite(Sqlite {
            connection,
            heads: RefCell::default(),
        }))
    }
}

impl From<Session> for Connection {
    fn from(session: Session) -> Self {
        Self(Engine::Postgres(Box::new(session)))
    }
}

fn execute(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value<'_>],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.execute(rusqlite::params_from_iter(values))? as u64)
}
