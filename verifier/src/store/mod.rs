//! What is kept, in SQLite or in PostgreSQL; one writer, several readers.
//!
//! Every change is a job for the writer: all that wait are taken into one transaction and answered after
//! its commit, so that a durable commit is shared. A job's own failure rolls back that job alone. A
//! statement has one text for both engines.

pub mod alert_deliveries;
pub mod alerts;
pub mod assessments;
pub mod audit;
pub mod cards;
mod cleaning;
pub mod client_auths;
pub mod client_certificates;
pub mod clients;
pub mod configuration_sections;
mod connection;
pub mod crypter;
pub mod customers;
pub mod device_visits;
mod erase_ledger;
mod error;
pub mod failed_authentications;
pub mod heartbeat;
pub mod idempotency;
pub mod identity_bindings;
mod job;
pub mod key_state;
pub mod key_uses;
pub mod keys;
pub mod leases;
pub mod lists;
mod location;
pub mod login_sessions;
pub mod merchants;
pub mod models;
pub mod oauth_grants;
pub mod operator_requests;
pub mod operators;
pub mod outcomes;
pub mod pending_logins;
mod postgres;
pub mod public_clients;
mod readers;
pub mod retention;
pub mod reveals;
pub mod reviews;
mod revised;
mod row_id;
pub mod rule_sets;
mod schema;
pub mod sessions;
pub mod sightings;
pub mod sign_in_failures;
mod sqlite;
mod subject;
pub mod submissions;
pub mod traffic;
pub mod used_proofs;
pub mod users;
mod value;
pub mod velocity;
pub mod velocity_records;
mod writer;

use std::path::Path;

pub use connection::Connection;
pub use erase_ledger::{EraseLedger, Erasure, Erasures};
pub use error::StoreError;
pub use job::{Touches, Tx};
pub use location::{Location, Schema};
pub use postgres::{PostgresUrl, UrlError, Writing};
pub use revised::Revised;
pub use row_id::{RowId, may_be_id};
pub use subject::{Subject, SubjectKind};
pub use value::{Columns, FromValue, Row, ToValue, Value};

use cleaning::ToClean;
use readers::Readers;
use writer::Writer;

use crate::spans;

/// A handle on the database; cheap to share behind an `Arc`.
pub struct Store {
    writer: Writer,
    readers: Readers,
    to_clean: ToClean,
}

impl Store {
    /// Opens the database, which must exist.
    ///
    /// # Errors
    /// When it is missing, damaged, of another schema than wanted, or cannot be written.
    pub async fn open(location: &Location, schema: Schema) -> Result<Self, StoreError> {
        let location = location.clone();
        // Connecting blocks.
        let opened = tokio::task::spawn_blocking(move || location::open(&location, schema));
        let (writer, readers) = opened.await.map_err(|_| StoreError::Closed)??;
        Ok(Self {
            writer,
            readers,
            to_clean: ToClean::default(),
        })
    }

    /// Like [`Store::open`], but makes a database file when it is missing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn create(location: &Location) -> Result<Self, StoreError> {
        if let Location::Sqlite(path) = location {
            sqlite::create(path)?;
        }
        Self::open(location, Schema::Migrate).await
    }

    /// Runs `job` in a transaction in which nothing else runs, in whichever verifier, and answers after its
    /// commit. `name` is for the log. An `Err` rolls `job` back, and nothing else.
    ///
    /// # Errors
    /// What `job` gave, or the commit's failure.
    pub async fn write<T, F>(&self, name: &'static str, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let span = spans::store("store.write", || name);
        let begun = span.begun();
        let job = move |tx: &Tx<'_>| {
            begun.mark();
            job(tx)
        };
        span.ended(self.writer.run(name, job).await)
    }

    /// Like [`Store::write`], beside other jobs that touch nothing of what this one `touches`: for what
    /// happens often. `job` may be run several times before it is answered, so it changes nothing but the
    /// store, and reads nothing that it has written itself.
    ///
    /// # Errors
    /// What `job` gave, or the commit's failure.
    pub async fn write_grouped<T, F>(
        &self,
        name: &'static str,
        touches: Touches,
        job: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let span = spans::store("store.write", || name);
        let begun = span.begun();
        let job = move |tx: &Tx<'_>| {
            begun.mark();
            job(tx)
        };
        span.ended(self.writer.run_grouped(name, touches, job).await)
    }

    /// Notes that rows of these tables were deleted or erased, for [`Store::clean`].
    pub fn note_deleted(&self, tables: &[&'static str]) {
        self.to_clean.note(tables);
    }

    /// Has what was deleted go from the disk too, as far as the engine can do that: SQLite's log is folded into
    /// its file, PostgreSQL's tables are vacuumed.
    ///
    /// # Errors
    /// When the store fails; it is then tried again the next time.
    pub async fn clean(&self) -> Result<(), StoreError> {
        let tables = self.to_clean.take();
        if tables.is_empty() {
            return Ok(());
        }
        let taken = tables.clone();
        let cleaned = self.read(move |connection| cleaning::clean(connection, &taken));
        let cleaned = cleaned.await;
        if !matches!(cleaned, Ok(true)) {
            self.to_clean.note(&tables);
        }
        cleaned.map(drop)
    }

    /// Ends the writer when all that waits is written. A SQLite file is whole by itself then.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// Runs `query` on a reader, away from the async threads.
    ///
    /// # Errors
    /// What `query` gave.
    pub async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let span = spans::store("store.read", spans::short_name::<F>);
        let begun = span.begun();
        let query = move |connection: &Connection| {
            begun.mark();
            query(connection)
        };
        span.ended(self.readers.run(query).await)
    }
}

/// Writes a copy of the whole database, as of one moment, into the empty file at `target`.
///
/// # Errors
/// When the file cannot be written, or the database is no file.
pub fn copy_into(connection: &Connection, target: &Path) -> Result<(), StoreError> {
    let connection = connection.sqlite().ok_or(StoreError::NotAFile)?;
    sqlite::copy_into(connection, target)
}
