//! What was deleted goes from the disk too, as far as the engine can do that.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::{Connection, StoreError, postgres::Session};

/// Tables of which something was deleted since they were cleaned last.
#[derive(Default)]
pub(super) struct ToClean(Mutex<BTreeSet<&'static str>>);

impl ToClean {
    pub(super) fn note(&self, tables: &[&'static str]) {
        let noted = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.extend(tables);
    }

    pub(super) fn take(&self) -> Vec<&'static str> {
        let noted = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut **noted).into_iter().collect()
    }
}

/// `false`: others are in the way, so that it has to be tried again.
pub(super) fn clean(connection: &Connection, tables: &[&'static str]) -> Result<bool, StoreError> {
    match connection.postgres() {
        Some(session) => vacuum(session, tables).map(|()| true),
        None => fold_log(connection),
    }
}

/// Pages are wiped as rows go (`secure_delete`), but what they held before lies in the log still.
fn fold_log(connection: &Connection) -> Result<bool, StoreError> {
    // The writer must not wait for a long read: rather is it tried again.
    connection.run("PRAGMA busy_timeout = 100")?;
    let folded = connection.the_row("PRAGMA wal_checkpoint(TRUNCATE)", &[], |row| {
        row.get::<i64>(0)
    });
    connection.run("PRAGMA busy_timeout = 5000")?;
    Ok(folded? == 0)
}

/// Makes the space of dead rows free. Their bytes are there until something else is written over them.
fn vacuum(session: &Session, tables: &[&'static str]) -> Result<(), StoreError> {
    tables.iter().try_for_each(|table| session.vacuum(table))
}
