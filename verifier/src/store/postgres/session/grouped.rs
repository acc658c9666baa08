//! What the statements of a group become: one read and one write of each kind for many jobs.

use futures_util::future::try_join_all;
use tokio_postgres::{
    Statement,
    types::{ToSql, Type},
};

use super::{
    super::{
        super::{RowId, StoreError, value::Value},
        group::{Call, Calls, Change, Group, Noted},
        statement,
        value::{Owned, OwnedRow, owned},
    },
    Session, refuse_nul,
};

impl Session {
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
    pub(in crate::store::postgres) fn take_entries(&self) -> Vec<Noted> {
        let group = &mut *self.group.borrow_mut();
        group.as_mut().map(Group::take_entries).unwrap_or_default()
    }

    /// From now on statements are those of a group.
    pub(in crate::store::postgres) fn open_group(&self) {
        *self.group.borrow_mut() = Some(Group::default());
    }

    /// From now on statements run at once.
    pub(in crate::store::postgres) fn close_group(&self) {
        *self.group.borrow_mut() = None;
    }

    /// What the job that ran last wants to change.
    pub(in crate::store::postgres) fn take_changes(&self) -> Vec<Change> {
        let group = &mut *self.group.borrow_mut();
        group.as_mut().map(Group::take_changes).unwrap_or_default()
    }

    /// Reads everything that the group's jobs missed. `false`: they missed nothing.
    pub(in crate::store::postgres) fn read_wanted(&self) -> Result<bool, StoreError> {
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
    pub(in crate::store::postgres) fn write_all(
        &self,
        changes: &[Calls],
    ) -> Result<(), StoreError> {
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
