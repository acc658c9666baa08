//! One connection to PostgreSQL, driven by the thread that uses it.

mod chains;
mod grouped;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    time::Duration,
};

use tokio::{runtime::Runtime, time::timeout};
use tokio_postgres::{Client, Statement, types::ToSql};

use super::{
    super::{
        StoreError,
        audit::chain::Heads,
        value::{Row, Value},
    },
    group::{Call, Change, Group},
    statement,
    url::PostgresUrl,
};

/// Seconds that a connection may take to be made.
const CONNECT_S: u64 = 10;
/// Seconds after which an answer is not waited for any longer. The server gives up before.
const ANSWER_S: u64 = 20;

/// What every session is set to: no statement waits for ever, and no transaction is left open by a
/// verifier that hangs. A commit that was answered survives a power cut. Rows are looked up by keys alone:
/// before PostgreSQL has statistics of a new table, it would read it whole instead. A look-up that it takes for
/// a long one is not worth compiling.
const SETTINGS: &str = "SET statement_timeout = '15s'; SET lock_timeout = '10s';
     SET idle_in_transaction_session_timeout = '15s'; SET synchronous_commit = on;
     SET client_min_messages = warning; SET enable_seqscan = off; SET enable_hashjoin = off;
     SET enable_mergejoin = off; SET jit = off;";

/// A connection with its prepared statements, and the group that runs on it, if one does.
pub struct Session {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    prepared: RefCell<HashMap<String, Statement>>,
    group: RefCell<Option<Group>>,
    /// Of the audit's chains.
    chain: Cell<u8>,
    /// Their heads, as this transaction has left them.
    heads: RefCell<Heads>,
    /// Whether a group's queries are made at once, as they are while its audit entries are chained.
    reads_at_once: Cell<bool>,
}

impl Session {
    /// Connects. Blocks: not for an async thread.
    pub(in crate::store) fn connect(url: &PostgresUrl) -> Result<Self, StoreError> {
        let unusable = |problem: String| StoreError::Database(url.to_string(), problem);
        let tls = url.tls().map_err(|error| unusable(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            // What the server has sent is looked at whenever something waits: see `is_closed`.
            .event_interval(1)
            .enable_all()
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        // Its own limit is that of the socket: a server may take the connection and say nothing.
        let limit = Duration::from_secs(CONNECT_S);
        let (client, connection) = runtime
            .block_on(async { timeout(limit, url.config().connect(tls)).await })
            .map_err(|_| unusable("does not answer".to_owned()))?
            .map_err(|error| unusable(describe(&error)))?;
        runtime.spawn(async move {
            // Whoever waits for an answer is told by the client.
            drop(connection.await);
        });
        let session = Self {
            runtime: Some(runtime),
            client,
            prepared: RefCell::default(),
            group: RefCell::default(),
            chain: Cell::default(),
            heads: RefCell::default(),
            reads_at_once: Cell::default(),
        };
        session.settle()?;
        Ok(session)
    }

    /// Sets what every session is set to.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.run(SETTINGS)
    }

    /// Whether the server has gone.
    pub(in crate::store) fn is_closed(&self) -> bool {
        // The connection notices while something drives it.
        drop(self.wait(async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            Ok::<_, StoreError>(())
        }));
        self.client.is_closed()
    }

    pub(in crate::store) fn rows<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        refuse_nul(values)?;
        if let Some(group) = &mut *self.group.borrow_mut()
            && !self.reads_at_once.get()
        {
            let rows = group.rows(Call::new(sql, values))?;
            return rows.iter().map(|row| read(&Row(row))).collect();
        }
        let statement = self.one(sql)?;
        let values = as_parameters(values);
        let rows = self.wait(self.client.query(&statement, &values))?;
        rows.iter().map(|row| read(&Row(row))).collect()
    }

    pub(in crate::store) fn execute(
        &self,
        sql: &str,
        values: &[Value<'_>],
        is_exact: bool,
    ) -> Result<u64, StoreError> {
        refuse_nul(values)?;
        if let Some(group) = &mut *self.group.borrow_mut() {
            let call = Call::new(sql, values);
            group.change(Change { call, is_exact });
            return Ok(1);
        }
        let statement = self.one(sql)?;
        self.wait(self.client.execute(&statement, &as_parameters(values)))
    }

    pub(in crate::store) fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.wait(self.client.batch_execute(sql))
    }

    /// Outside of any transaction, and however long it takes.
    pub(in crate::store) fn vacuum(&self, table: &'static str) -> Result<(), StoreError> {
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        self.run("SET statement_timeout = 0")?;
        let vacuumed = runtime.block_on(self.client.batch_execute(&format!("VACUUM {table}")));
        self.settle()?;
        Ok(vacuumed?)
    }

    /// For what is not written as statements of ours, such as migrations.
    pub(super) fn with_client<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        runtime.block_on(work(&mut self.client))
    }

    fn wait<T, E: Into<StoreError>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, StoreError> {
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        let limit = Duration::from_secs(ANSWER_S);
        runtime
            .block_on(async { timeout(limit, answer).await })
            .map_err(|_| StoreError::Unreachable)?
            .map_err(Into::into)
    }

    fn one(&self, sql: &str) -> Result<Statement, StoreError> {
        self.prepare(&statement::for_one(sql))
    }

    fn prepare(&self, text: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.borrow().get(text) {
            return Ok(statement.clone());
        }
        let statement = self.wait(self.client.prepare(text))?;
        let mut prepared = self.prepared.borrow_mut();
        prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // An async thread may not wait for it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn as_parameters<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

/// PostgreSQL takes no text with a NUL in it: one such would undo what is in its group too.
fn refuse_nul(values: &[Value<'_>]) -> Result<(), StoreError> {
    let has_nul = |value: &Value<'_>| matches!(value, Value::Text(text) if text.contains('\0'));
    match values.iter().any(has_nul) {
        true => Err(StoreError::Postgres(Some("22021".to_owned()))),
        false => Ok(()),
    }
}

/// Why a connection could not be made, without what was sent.
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => format!("{} ({})", refusal.message(), refusal.code().code()),
        None => error.to_string(),
    }
}
