//! Erasing again what the erase ledger names: a backup that was brought back is from before.

use std::sync::Arc;

use super::erasure::{erase_card, erase_customer};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    mode::Mode,
    store::{
        Erasure, Store, StoreError, Tx,
        audit::{self, AuditEntry},
        cards, customers,
    },
};

/// What was there again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ErasedAgain {
    /// Cards.
    pub cards: u64,
    /// Customers.
    pub customers: u64,
}

/// Erases whatever of `erasures` is there, as often as that is asked for.
///
/// # Errors
/// When the store fails; asking again goes on.
pub async fn erase_again(
    store: &Store,
    keyring: &Arc<Keyring>,
    erasures: Vec<Erasure>,
    now: Timestamp,
) -> Result<ErasedAgain, StoreError> {
    let mut again = ErasedAgain::default();
    for erasure in erasures {
        let mut was_there = false;
        loop {
            let (keyring, erasure) = (Arc::clone(keyring), erasure.clone());
            let step = store.write("erase_again", move |tx| step(tx, &keyring, &erasure, now));
            match step.await? {
                None => break,
                Some(is_done) => {
                    was_there = true;
                    if is_done {
                        break;
                    }
                }
            }
        }
        let count = match erasure.id.starts_with("card_") {
            true => &mut again.cards,
            false => &mut again.customers,
        };
        *count += u64::from(was_there);
    }
    Ok(again)
}

/// Whether it is gone now; `None`: it was not there.
fn step(
    tx: &Tx<'_>,
    keyring: &Keyring,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let Erasure { merchant_id, id } = erasure;
    let keys = keyring.of(Mode::of_id(id));
    let (action, erased) = if id.starts_with("card_") {
        match cards::find(tx, merchant_id, id)? {
            None => return Ok(None),
            Some(card) => ("card.erased", erase_card(tx, keys, &card, now)?),
        }
    } else {
        match customers::find(tx, merchant_id, id)? {
            None => return Ok(None),
            // The cards that went with the customer have lines of their own.
            Some(customer) => (
                "customer.erased",
                erase_customer(tx, keys, &customer, None, now)?,
            ),
        }
    };
    if erased.is_done {
        let entry = AuditEntry {
            action,
            reason: Some("erase_ledger"),
            merchant_id: Some(merchant_id.clone()),
            ..AuditEntry::default()
        };
        audit::append(tx, &entry, now)?;
    }
    Ok(Some(erased.is_done))
}
