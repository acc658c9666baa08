//! What the jobs of a group have read so far, and what they are to write.

use std::collections::{HashMap, HashSet};

use super::{
    super::{RowId, StoreError, value::Value},
    value::{Owned, OwnedRow},
};

/// A statement with its parameters.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Call {
    pub(super) sql: String,
    pub(super) values: Vec<Owned>,
}

impl Call {
    pub(super) fn new(sql: &str, values: &[Value<'_>]) -> Self {
        Self {
            sql: sql.to_owned(),
            values: values.iter().map(Owned::from).collect(),
        }
    }
}

/// Calls of one statement.
pub(super) struct Calls {
    pub(super) sql: String,
    pub(super) values: Vec<Vec<Owned>>,
    /// Whether each of them has to change one row.
    pub(super) is_exact: bool,
}

/// A call that changes rows.
pub(super) struct Change {
    pub(super) call: Call,
    pub(super) is_exact: bool,
}

/// An audit entry that is not chained yet.
pub(super) struct Noted {
    pub(super) merchant: RowId,
    pub(super) fields: Vec<Owned>,
}

#[derive(Default)]
pub(super) struct Group {
    entries: Vec<Noted>,
    known: HashMap<Call, Vec<OwnedRow>>,
    wanted: HashSet<Call>,
    changes: Vec<Change>,
}

impl Group {
    /// The rows of a query; [`StoreError::Unread`] when it was not made yet.
    pub(super) fn rows(&mut self, call: Call) -> Result<&[OwnedRow], StoreError> {
        if !self.known.contains_key(&call) {
            self.wanted.insert(call);
            return Err(StoreError::Unread);
        }
        Ok(&self.known[&call])
    }

    pub(super) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(super) fn note(&mut self, entry: Noted) {
        self.entries.push(entry);
    }

    /// What was logged since this was asked last.
    pub(super) fn take_entries(&mut self) -> Vec<Noted> {
        std::mem::take(&mut self.entries)
    }

    /// What was changed since this was asked last.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// What has to be read, by statement.
    pub(super) fn take_wanted(&mut self) -> Vec<Calls> {
        let wanted = self.wanted.drain().map(|call| Change {
            call,
            is_exact: false,
        });
        by_statement(wanted)
    }

    pub(super) fn learn(&mut self, call: Call, rows: Vec<OwnedRow>) {
        self.known.insert(call, rows);
    }

    /// What was read may have changed.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

/// Puts calls of one statement together, in the order in which each statement came first.
pub(super) fn by_statement(changes: impl IntoIterator<Item = Change>) -> Vec<Calls> {
    let mut sorted: Vec<Calls> = Vec::new();
    for Change { call, is_exact } in changes {
        match sorted.iter_mut().find(|calls| calls.sql == call.sql) {
            Some(calls) => calls.values.push(call.values),
            None => sorted.push(Calls {
                sql: call.sql,
                values: vec![call.values],
                is_exact,
            }),
        }
    }
    sorted
}
