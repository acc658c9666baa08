//! Erasing a card or a customer, in steps of one transaction each.
//!
//! What has to go may be much: each step takes a batch, and the card's or customer's own row goes with the
//! last one. So an erasure that was cut off is ended by asking for it again.

use crate::{
    clock::Timestamp,
    keys::ModeKeys,
    store::{
        EraseLedger, Erasure, StoreError, Tx, assessments,
        cards::{self, CardRow},
        customers::{self, CustomerRow},
        device_visits, outcomes, sessions,
        submissions::{self, Of},
        velocity, velocity_records,
    },
};

/// Rows that one step erases at most: few enough that submissions hardly wait for it.
const ROWS_A_STEP: u32 = 200;

/// What one step of an erasure did.
#[derive(Debug, Default)]
pub struct Erased {
    /// Ids of submissions that were erased: what is held of them elsewhere has to go too.
    pub submissions: Vec<String>,
    /// Whether there is nothing left to do.
    pub is_done: bool,
}

/// Erases a card: its row and with it token and PAN, every fingerprint and link, its velocity events, and all
/// of its submissions but their decisions' outcome and rule set.
///
/// # Errors
/// When the store fails.
pub fn erase_card(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    card: &CardRow,
    now: Timestamp,
) -> Result<Erased, StoreError> {
    let mut erased = erase_submissions(tx, Of::Card(&card.id), now)?;
    if !erased.is_done {
        return Ok(erased);
    }
    velocity::delete_of_card(tx, &card.id)?;
    customers::unlink_all(tx, &card.id)?;
    outcomes::delete_of_card(tx, &card.id)?;
    assessments::delete_of_card(tx, &card.id)?;
    super::cards::delete(tx, keys, card)?;
    erased.is_done = true;
    Ok(erased)
}

/// Erases a customer: their row and with it the merchant's reference, what was submitted in their sessions,
/// and each of their cards that nobody else's session or customer's record needs. `ledger` is told of each
/// card before it goes.
///
/// # Errors
/// When the store or the ledger fails.
pub fn erase_customer(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    customer: &CustomerRow,
    ledger: Option<&EraseLedger>,
    now: Timestamp,
) -> Result<Erased, StoreError> {
    let mut erased = erase_submissions(tx, Of::Customer(&customer.id), now)?;
    if !erased.is_done {
        return Ok(erased);
    }
    erased.is_done = false;
    let forgotten = sessions::forget_customer(tx, &customer.id, ROWS_A_STEP)?;
    if forgotten == u64::from(ROWS_A_STEP) {
        return Ok(erased);
    }
    let Some(card_id) = customers::first_card(tx, &customer.id)? else {
        customers::delete(tx, &customer.id)?;
        erased.is_done = true;
        return Ok(erased);
    };
    let card = cards::find(tx, &customer.merchant_id, &card_id)?;
    let is_needed = customers::others_have(tx, &customer.id, &card_id)?
        || submissions::is_in_open_session(tx, &card_id, now)?;
    match card.filter(|_| !is_needed) {
        None => customers::unlink(tx, &customer.id, &card_id)?,
        Some(card) => {
            if let Some(ledger) = ledger {
                let erasure = Erasure {
                    merchant_id: card.merchant_id.clone(),
                    id: card.id.clone(),
                };
                ledger.append(&erasure, now)?;
            }
            let with_card = erase_card(tx, keys, &card, now)?;
            erased.submissions.extend(with_card.submissions);
        }
    }
    Ok(erased)
}

/// Erases a step's worth of submissions; a customer's with the velocity events of their sessions.
fn erase_submissions(tx: &Tx<'_>, of: Of<'_>, now: Timestamp) -> Result<Erased, StoreError> {
    let mut erased = Erased::default();
    for submission in submissions::of(tx, of, "", ROWS_A_STEP)? {
        submissions::erase(tx, &submission.id, now)?;
        device_visits::delete(tx, &submission.session_id)?;
        velocity_records::delete_of_session(tx, &submission.session_id)?;
        // A card's events are found by the card: its session's may be another's.
        if let Of::Customer(customer_id) = of {
            velocity::delete(tx, &submission.session_id)?;
            // One that was declined leads to its card still, and to nobody's list.
            if !submission.card_id.is_empty() {
                customers::link(tx, customer_id, &submission.card_id, now)?;
            }
        }
        erased.submissions.push(submission.id);
    }
    erased.is_done = erased.submissions.len() < ROWS_A_STEP as usize;
    Ok(erased)
}
