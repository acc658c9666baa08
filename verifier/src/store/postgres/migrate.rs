//! The schema's versions in PostgreSQL, embedded and applied in order under a lock.

use refinery::{Migration, Runner};
use tokio_postgres::Client;

use super::{
    super::{
        StoreError,
        schema::{self, Standing},
    },
    session::Session,
};

mod embedded {
    refinery::embed_migrations!("migrations/postgres");
}

/// Another verifier that starts at the same time waits for the first.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext(current_schema() || '.waxseal.schema'))";
/// An index over a large table takes its time.
const PATIENT: &str = "SET statement_timeout = 0; SET lock_timeout = 0";
const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtext(current_schema() || '.waxseal.schema'))";

/// Applies what is missing.
pub(in crate::store) fn run(session: &mut Session) -> Result<(), StoreError> {
    session.run(PATIENT)?;
    session.run(LOCK)?;
    let migrated = session.with_client(async |client| {
        let runner = schema::strict(embedded::migrations::runner());
        let applied = applied(client, &runner).await?;
        if schema::compare(runner.get_migrations(), &applied)? == Standing::Later {
            return Ok(());
        }
        let report = runner.run_async(client).await;
        report.map(drop).map_err(|error| schema::describe(&error))
    });
    session.run(UNLOCK)?;
    session.settle()?;
    migrated
}

/// Whether this version works with the schema.
pub(in crate::store) fn check(session: &mut Session) -> Result<(), StoreError> {
    let runner = embedded::migrations::runner();
    let applied = session.with_client(async |client| applied(client, &runner).await)?;
    schema::expect(runner.get_migrations(), &applied)
}

async fn applied(client: &mut Client, runner: &Runner) -> Result<Vec<Migration>, StoreError> {
    let none = "SELECT to_regclass('refinery_schema_history') IS NULL";
    if client.query_one(none, &[]).await?.try_get(0)? {
        return Ok(Vec::new());
    }
    let applied = runner.get_applied_migrations_async(client).await;
    applied.map_err(|error| schema::describe(&error))
}
