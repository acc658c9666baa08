//! One connection to PostgreSQL, driven by the thread that uses it.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    time::Duration,
};

use futures_util::future::try_join_all;
use tokio::{runtime::Runtime, time::timeout};
use tokio_postgres::{
    Client, Statement,
    types::{ToSql, Type},
};

use super::{
    super::{
        Connection, RowId, StoreError,
        audit::chain::{CHAINS, Heads},
        value::{Row, Value},
    },
    group::{Call, Calls, Change, Group, Noted},
    statement,
    url::PostgresUrl,
    value::{Owned, OwnedRow, owned},
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

    /// Takes one of the audit's chains, for as long as the connection lives. When others have them all, it shares one.
    pub(super) fn take_chain(&self) -> Result<(), StoreError> {
        let number = |sql: &str| {
            let found = self.rows(sql, &[], &mut |row| row.get::<i64>(0))?;
            Ok::<_, StoreError>(found.first().copied().unwrap_or_default())
        };
        for chain in 0..CHAINS {
            let lock = format!(
                "SELECT count(*) FROM (SELECT pg_try_advisory_lock(
                     hashtext(current_schema() || '.waxseal.audit'), {chain}) AS taken) AS lock WHERE taken"
            );
            if number(&lock)? == 1 {
                self.chain.set(chain);
                return Ok(());
            }
        }
        let shared = number("SELECT pg_backend_pid()::bigint")? % i64::from(CHAINS);
        tracing::info!(event = "audit_chain_shared", chain = shared);
        self.chain.set(u8::try_from(shared).unwrap_or_default());
        Ok(())
    }

    /// Writes an audit entry behind the last one of this connection's chain of the merchant's.
    pub(in crate::store) fn append_entry(
        &self,
        connection: &Connection,
        merchant: RowId,
        fields: &[Value<'_>; 13],
    ) -> Result<(), StoreError> {
        let mut heads = self.heads.borrow_mut();
        heads.append(connection, merchant, self.chain.get(), fields)
    }

    /// Says how a group's audit entries are written, each behind the one before. The heads are in memory but for those
    /// of merchants that this connection has not written for yet.
    pub(super) fn chain_entries(
        &self,
        connection: &Connection,
        entries: &[Noted],
    ) -> Result<Vec<Change>, StoreError> {
        self.heads.borrow_mut().bound();
        self.reads_at_once.set(true);
        let chained = entries.iter().try_for_each(|entry| {
            let fields: Vec<Value<'_>> = entry.fields.iter().map(Owned::as_value).collect();
            let fields = fields.as_slice().try_into();
            let fields = fields.map_err(|_| StoreError::Damaged("an audit entry"))?;
            self.append_entry(connection, entry.merchant, fields)
        });
        self.reads_at_once.set(false);
        chained.map(|()| self.take_changes())
    }

    /// What was written is not there, or another may write to the same chains.
    pub(super) fn forget_heads(&self) {
        *self.heads.borrow_mut() = Heads::default();
    }

    /// Whether statements are those of a group.
    pub(in crate::store) fn is_in_group(&self) -> bool {
        self.group.borrow().is_some()
    }

    /// Keeps an audit entry for the writer to chain.
    pub(in crate::store) fn note_entry(
        &self,
        merchant: RowId,
        fields: &[Value<'_>],
    ) -> Result<(), StoreError> {
        refuse_nul(fields)?;
        if let Some(group) = &mut *self.group.borrow_mut() {
            let fields = fields.iter().map(Owned::from).collect();
            group.note(Noted { merchant, fields });
        }
        Ok(())
    }

    /// What the job that ran last has logged.
    pub(super) fn take_entries(&self) -> Vec<Noted> {
        let group = &mut *self.group.borrow_mut();
        group.as_mut().map(Group::take_entries).unwrap_or_default()
    }

    /// From now on statements are those of a group.
    pub(super) fn open_group(&self) {
        *self.group.borrow_mut() = Some(Group::default());
    }

    /// From now on statements run at once.
    pub(super) fn close_group(&self) {
        *self.group.borrow_mut() = None;
    }

    /// What the job that ran last wants to change.
    pub(super) fn take_changes(&self) -> Vec<Change> {
        let group = &mut *self.group.borrow_mut();
        group.as_mut().map(Group::take_changes).unwrap_or_default()
    }

    /// Reads everything that the group's jobs missed. `false`: they missed nothing.
    pub(super) fn read_wanted(&self) -> Result<bool, StoreError> {
        let mut group = self.group.borrow_mut();
        let Some(group) = group.as_mut() else {
            return Ok(false);
        };
        let wanted = group.take_wanted();
        if wanted.is_empty() {
            return Ok(false);
        }
        let prepared = self.prepare_all(&wanted)?;
        let answers = self.wait(try_join_all(prepared.iter().map(|(statement, arrays)| {
            let arrays = arrays.parameters();
            async move { self.client.query(statement, &arrays).await }
        })))?;
        drop(prepared);
        for (calls, rows) in wanted.into_iter().zip(answers) {
            for (call, rows) in by_call(calls, &rows)? {
                group.learn(call, rows);
            }
        }
        Ok(true)
    }

    /// Carries out changes of many jobs. [`StoreError::Conflict`] when a row was not as its job had read it.
    pub(super) fn write_all(&self, changes: &[Calls]) -> Result<(), StoreError> {
        let prepared = self.prepare_all(changes)?;
        let counts = self.wait(try_join_all(prepared.iter().map(|(statement, arrays)| {
            let arrays = arrays.parameters();
            async move { self.client.execute(statement, &arrays).await }
        })))?;
        let as_wanted = changes
            .iter()
            .zip(counts)
            .all(|(calls, count)| !calls.is_exact || count == calls.values.len() as u64);
        if let Some(group) = self.group.borrow_mut().as_mut() {
            group.forget();
        }
        if as_wanted {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
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

    fn prepare_all<'c>(
        &self,
        all: &'c [Calls],
    ) -> Result<Vec<(Statement, Arrays<'c>)>, StoreError> {
        all.iter()
            .map(|calls| {
                let one = self.one(&calls.sql)?;
                let text =
                    statement::for_many(&calls.sql, one.params()).ok_or(StoreError::NotForMany)?;
                let arrays = Arrays::new(one.params(), &calls.values)?;
                Ok((self.prepare(&text)?, arrays))
            })
            .collect()
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

/// The parameters of many calls: an array for each.
struct Arrays<'c>(Vec<Box<dyn ToSql + Sync + 'c>>);

impl<'c> Arrays<'c> {
    fn new(types: &[Type], calls: &'c [Vec<Owned>]) -> Result<Self, StoreError> {
        let arrays = types.iter().enumerate().map(|(at, ty)| {
            let column = calls.iter().map(|values| values.get(at));
            Some(match *ty {
                Type::BYTEA => array(column.map(|value| value.map(Owned::as_bytes)))?,
                Type::INT4 | Type::INT8 => array(column.map(|value| value.map(Owned::as_integer)))?,
                Type::TEXT => array(column.map(|value| value.map(Owned::as_text)))?,
                _ => return None,
            })
        });
        arrays
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(StoreError::NotForMany)
    }

    fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|array| &**array).collect()
    }
}

fn array<'c, T: ToSql + Sync + 'c>(
    column: impl Iterator<Item = Option<Option<T>>>,
) -> Option<Box<dyn ToSql + Sync + 'c>> {
    Some(Box::new(column.collect::<Option<Vec<Option<T>>>>()?))
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

/// The rows of each call; those that a call gave none for too.
fn by_call(
    calls: Calls,
    rows: &[tokio_postgres::Row],
) -> Result<Vec<(Call, Vec<OwnedRow>)>, StoreError> {
    let mut sorted: Vec<_> = calls
        .values
        .into_iter()
        .map(|values| {
            let sql = calls.sql.clone();
            (Call { sql, values }, Vec::new())
        })
        .collect();
    for row in rows {
        let number: i64 = row.try_get(0)?;
        let at = usize::try_from(number - 1).ok();
        let place = at.and_then(|at| sorted.get_mut(at));
        place
            .ok_or(StoreError::Damaged("a call"))?
            .1
            .push(owned(row, 1)?);
    }
    Ok(sorted)
}

/// Why a connection could not be made, without what was sent.
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => format!("{} ({})", refusal.message(), refusal.code().code()),
        None => error.to_string(),
    }
}
