//! Erasing what a merchant's server asks to be erased.

use std::sync::Arc;

use waxseal_protocol::ErrorCode;

use super::customer::{CustomerRef, find_customer};
use crate::{
    app::App,
    http::Problem,
    identity::Caller,
    mode::Mode,
    rng::Rng,
    store::{
        Erasure, StoreError, Tx,
        audit::{self, AuditEntry},
        cards,
    },
    vault::{self, Erased},
};

/// Seconds after which no CVC is held any more, with room for clocks that differ.
const CVC_HELD_S: i64 = 1_200;
/// What of the database holds what was erased until the engine has cleaned up.
const TABLES: [&str; 9] = [
    "card",
    "card_fingerprint",
    "customer",
    "customer_card",
    "device_visit",
    "session",
    "submission",
    "velocity_event",
    "velocity_record",
];

/// Erases a card of `caller`'s merchant. The same PAN is a new card afterwards, with another token.
///
/// # Errors
/// `not_found`, for another merchant's card and for one that was erased too.
pub async fn erase_card(
    app: &Arc<App>,
    caller: Caller,
    card_id: String,
    request_id: String,
) -> Result<(), Problem> {
    let entry = entry("card.erased", &caller, request_id);
    in_steps(app, caller, move |app, caller, tx, is_first| {
        let (now, keys) = (app.clock.now(), app.keys_of(caller.mode));
        let Some(card) = cards::find(tx, &caller.merchant_id, &card_id)? else {
            return Ok(None);
        };
        if is_first {
            // Before it is gone, so that no erasure that is answered lacks its line.
            app.erase_ledger.append(&line(caller, &card.id), now)?;
        }
        let erased = vault::erase_card(tx, &keys, &card, now)?;
        if erased.is_done {
            audit::append(tx, &entry, now)?;
        }
        Ok(Some(erased))
    })
    .await
}

/// Erases a customer of `caller`'s merchant: the reference, what was submitted in their sessions, and their
/// cards that nobody else needs.
///
/// # Errors
/// `not_found`, for another merchant's customer and for one who was erased too.
pub async fn erase_customer(
    app: &Arc<App>,
    caller: Caller,
    reference: CustomerRef,
    request_id: String,
) -> Result<(), Problem> {
    let entry = entry("customer.erased", &caller, request_id);
    in_steps(app, caller, move |app, caller, tx, is_first| {
        let (now, keys) = (app.clock.now(), app.keys_of(caller.mode));
        let Some(customer) = find_customer(tx, &keys, &caller.merchant_id, &reference)? else {
            return Ok(None);
        };
        if is_first {
            app.erase_ledger.append(&line(caller, &customer.id), now)?;
        }
        let ledger = Some(&app.erase_ledger);
        let erased = vault::erase_customer(tx, &keys, &customer, ledger, now)?;
        if erased.is_done {
            audit::append(tx, &entry, now)?;
        }
        Ok(Some(erased))
    })
    .await
}

/// Takes steps until one is the last. `None` at the first: there is nothing to erase.
async fn in_steps(
    app: &Arc<App>,
    caller: Caller,
    step: impl Fn(&App, &Caller, &Tx<'_>, bool) -> Result<Option<Erased>, StoreError>
    + Send
    + Sync
    + 'static,
) -> Result<(), Problem> {
    // A fingerprint is found by the keys; another verifier may have made one.
    if let Err(error) = app.keys.refresh(&app.store).await {
        tracing::error!(event = "keys_not_read", %error);
        return Err(ErrorCode::Unavailable.into());
    }
    let (step, caller) = (Arc::new(step), Arc::new(caller));
    let mut is_first = true;
    loop {
        let (shared, caller, step) = (Arc::clone(app), Arc::clone(&caller), Arc::clone(&step));
        let taken = app
            .store
            .write("erase", move |tx| step(&shared, &caller, tx, is_first));
        let erased = match (taken.await?, is_first) {
            (Some(erased), _) => erased,
            (None, true) => return Err(ErrorCode::NotFound.into()),
            // Another request for the same came to its end first.
            (None, false) => return Ok(()),
        };
        app.store.note_deleted(&TABLES);
        // A code is held for a quarter of an hour at most: of an older submission there is none.
        let now = app.clock.now();
        let since = now.plus_seconds(-CVC_HELD_S);
        for submission in &erased.submissions {
            let prefix = Mode::of_id(submission).id_prefix("sub");
            if *submission >= <dyn Rng>::first_id(&prefix, since) {
                app.cvc.consume(now, submission).await;
            }
        }
        let submissions = erased.submissions.len() as u64;
        metrics::counter!("waxseal_submissions_erased_total").increment(submissions);
        if erased.is_done {
            return Ok(());
        }
        is_first = false;
    }
}

fn entry(action: &'static str, caller: &Caller, request_id: String) -> AuditEntry {
    AuditEntry {
        action,
        merchant_id: Some(caller.merchant_id.clone()),
        client_id: Some(caller.client_id.clone()),
        request_id: Some(request_id),
        ..AuditEntry::default()
    }
}

fn line(caller: &Caller, id: &str) -> Erasure {
    Erasure {
        merchant_id: caller.merchant_id.clone(),
        id: id.to_owned(),
    }
}
