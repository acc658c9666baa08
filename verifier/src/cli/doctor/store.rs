//! The store: where it lies, whose data is in it, and whether all of it can be read.

use std::sync::Arc;

use super::{check::Check, report::Report};
use crate::{
    keys::SharedKeyring,
    store::{Store, StoreError, merchants},
    vault,
};

pub(super) async fn look(
    report: &mut Report,
    store: &Store,
    keyring: &SharedKeyring,
    data: bool,
) -> Result<(), StoreError> {
    if data {
        inspect_data(report, store, keyring).await?;
    }
    match store.read(merchants::list).await?.len() {
        0 => report.warn(Check::Merchants, "none yet: `verifier merchants add`"),
        count => report.pass(Check::Merchants, count.to_string()),
    }
    Ok(())
}

async fn inspect_data(
    report: &mut Report,
    store: &Store,
    keyring: &SharedKeyring,
) -> Result<(), StoreError> {
    let keyring = Arc::clone(&keyring.current());
    let found = store
        .read(move |connection| vault::inspect(connection, &keyring))
        .await?;
    let whole = format!(
        "{} cards, {} submissions, {} customers",
        found.cards, found.submissions, found.customers
    );
    match found.first_damaged {
        None => report.pass(Check::Data, format!("{whole}, all whole")),
        Some(id) => report.fail(
            Check::Data,
            format!(
                "{} rows are damaged, {id} first; {whole} are whole",
                found.damaged
            ),
        ),
    }
    Ok(())
}
