//! Which of the audit's chains a connection writes, and their ends as it knows them.

use super::{
    super::{
        super::{
            Connection, RowId, StoreError,
            audit::chain::{CHAINS, Heads},
            value::Value,
        },
        group::{Change, Noted},
        value::Owned,
    },
    Session,
};

impl Session {
    /// Takes one of the audit's chains, for as long as the connection lives. When others have them all, it shares one.
    pub(in crate::store::postgres) fn take_chain(&self) -> Result<(), StoreError> {
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

    /// The number of that chain.
    pub(in crate::store) fn chain(&self) -> u8 {
        self.chain.get()
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
    pub(in crate::store::postgres) fn chain_entries(
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
    pub(in crate::store::postgres) fn forget_heads(&self) {
        *self.heads.borrow_mut() = Heads::default();
    }
}
