//! Moves what is encrypted under a retired key to the active one, in small steps while requests go on.
//!
//! Every value carries its key's id, so that a step begins anywhere and nothing but the rows
//! themselves has to be remembered across a restart.

use std::sync::Arc;

use crate::{
    keys::Keyring,
    mode::Mode,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        assessments::{self, AssessmentRow},
        cards::{self, CardRow},
        crypter::{Deks, Place},
        customers::{self, CustomerRow},
        lists::{self, EntryRow},
        reveals::{self, Reveal},
        submissions::{self, Submission},
        users::{self, SecondFactor},
    },
};

/// Rows that one step looks at: few enough that submissions hardly wait for it.
const ROWS_A_STEP: u32 = 100;

/// The table whose rows are moved now, in this order.
#[derive(Clone, Copy, Debug, Default)]
enum Table {
    #[default]
    Card,
    Submission,
    Customer,
    Reveal,
    SecondFactor,
    ListEntry,
    Assessment,
}

/// Where a pass over all rows stands.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// Merchant and id of the last card that was looked at; none before the first.
    card: Option<(String, String)>,
    /// Id of the last submission that was looked at.
    submission: String,
    /// Id of the last customer that was looked at.
    customer: String,
    at: Table,
    /// Id of the last reveal that was looked at.
    reveal: String,
    /// The person whose second factor was looked at last.
    user: String,
    /// Id of the last entry of a list that was looked at.
    entry: String,
    /// Id of the last assessment that was looked at.
    assessment: String,
    /// Rows that were moved.
    pub moved: u64,
    /// Rows that could not be read under any key.
    pub damaged: u64,
    /// Whether every row was looked at.
    pub is_done: bool,
}

/// Looks at the next rows, and moves those of a retired key.
///
/// # Errors
/// When the generator or the store fails; `pass` then stays where it is.
pub async fn step(
    store: &Store,
    keyring: Arc<Keyring>,
    rng: Arc<dyn Rng>,
    pass: Pass,
) -> Result<Pass, StoreError> {
    store
        .write("reencrypt", move |tx| {
            let mut pass = pass;
            let step = match pass.at {
                Table::Card => step_cards,
                Table::Submission => step_submissions,
                Table::Customer => step_customers,
                Table::Reveal => step_reveals,
                Table::SecondFactor => step_second_factors,
                Table::ListEntry => step_list_entries,
                Table::Assessment => step_assessments,
            };
            step(tx, &keyring, &*rng, &mut pass)?;
            Ok(pass)
        })
        .await
}

fn step_cards(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let (merchant_id, id) = pass.card.clone().unwrap_or_default();
    let rows = cards::after(tx, &merchant_id, &id, ROWS_A_STEP)?;
    if rows.is_empty() {
        pass.at = Table::Submission;
    }
    for row in rows {
        pass.card = Some((row.merchant_id.clone(), row.id.clone()));
        match move_card(deks(keyring, &row.id), &row, rng) {
            Ok(None) => {}
            Ok(Some((pan_enc, salt_enc))) => {
                cards::update_encrypted(tx, &row, &pan_enc, salt_enc.as_deref())?;
                pass.moved += 1;
            }
            // It stays as it is, for doctor and a restored backup to deal with.
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn step_submissions(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let rows = submissions::after(tx, &pass.submission, ROWS_A_STEP)?;
    if rows.is_empty() {
        pass.at = Table::Customer;
    }
    for row in rows {
        pass.submission.clone_from(&row.id);
        match move_submission(deks(keyring, &row.id), &row, rng) {
            Ok(None) => {}
            Ok(Some(moved)) => {
                submissions::update_encrypted(tx, &row.id, &moved)?;
                pass.moved += 1;
            }
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn step_customers(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let rows = customers::after(tx, &pass.customer, ROWS_A_STEP)?;
    if rows.is_empty() {
        pass.at = Table::Reveal;
    }
    for row in rows {
        pass.customer.clone_from(&row.id);
        match move_customer(deks(keyring, &row.id), &row, rng) {
            Ok(None) => {}
            Ok(Some(moved)) => {
                customers::update_encrypted(tx, &row.id, &moved)?;
                pass.moved += 1;
            }
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn step_reveals(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let rows = reveals::after(tx, &pass.reveal, ROWS_A_STEP)?;
    if rows.is_empty() {
        pass.at = Table::SecondFactor;
    }
    for row in rows {
        pass.reveal.clone_from(&row.id);
        match move_reveal(deks(keyring, &row.id), &row, rng) {
            Ok(None) => {}
            Ok(Some(reason_enc)) => {
                reveals::update_encrypted(tx, &row.id, &reason_enc)?;
                pass.moved += 1;
            }
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn step_second_factors(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let rows = users::second_factors_after(tx, &pass.user, ROWS_A_STEP)?;
    if rows.is_empty() {
        pass.at = Table::ListEntry;
    }
    for row in rows {
        pass.user.clone_from(&row.user_id);
        // People have no mode: what is theirs is under the live keys.
        match move_second_factor(&keyring.of(Mode::Live).deks, &row, rng) {
            Ok(None) => {}
            Ok(Some(seed_enc)) => {
                users::update_encrypted(tx, &row.user_id, &seed_enc)?;
                pass.moved += 1;
            }
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn step_list_entries(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let rows = lists::after(tx, None, &pass.entry, ROWS_A_STEP)?;
    if rows.is_empty() {
        pass.at = Table::Assessment;
    }
    for row in rows {
        pass.entry.clone_from(&row.id);
        // Lists have no mode either.
        match move_list_entry(&keyring.of(Mode::Live).deks, &row, rng) {
            Ok(None) => {}
            Ok(Some(value_enc)) => {
                lists::update_encrypted(tx, &row.id, &value_enc)?;
                pass.moved += 1;
            }
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn step_assessments(
    tx: &Tx<'_>,
    keyring: &Keyring,
    rng: &dyn Rng,
    pass: &mut Pass,
) -> Result<(), StoreError> {
    let rows = assessments::after(tx, &pass.assessment, ROWS_A_STEP)?;
    pass.is_done = rows.is_empty();
    for row in rows {
        pass.assessment.clone_from(&row.id);
        match move_assessment(deks(keyring, &row.id), &row, rng) {
            Ok(None) => {}
            Ok(Some(record_enc)) => {
                assessments::update_encrypted(tx, &row.id, &record_enc)?;
                pass.moved += 1;
            }
            Err(StoreError::Damaged(_)) => pass.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn deks<'k>(keyring: &'k Keyring, id: &str) -> &'k Deks {
    &keyring.of(Mode::of_id(id)).deks
}

type Moved = (Vec<u8>, Option<Vec<u8>>);

fn move_card(deks: &Deks, row: &CardRow, rng: &dyn Rng) -> Result<Option<Moved>, StoreError> {
    let salt = row.salt_enc.as_deref();
    if deks.is_current(&row.pan_enc) && salt.is_none_or(|salt| deks.is_current(salt)) {
        return Ok(None);
    }
    let shown_as = cards::shown_as(&row.token, &row.brand, &row.last4);
    let pan_place = cards::place(&row.id, &row.merchant_id, "pan", &shown_as);
    let salt_place = cards::place(&row.id, &row.merchant_id, "salt", &[]);
    let pan_enc = again(deks, pan_place, &row.pan_enc, rng)?;
    let salt_enc = salt.map(|salt| again(deks, salt_place, salt, rng));
    Ok(Some((pan_enc, salt_enc.transpose()?)))
}

/// The four columns with those of a retired key anew; nothing where none is.
fn move_submission(
    deks: &Deks,
    row: &Submission,
    rng: &dyn Rng,
) -> Result<Option<[Vec<u8>; 4]>, StoreError> {
    let leads_to = submissions::leads_to(&row.session_id, &row.card_id);
    let columns = row.encrypted(&leads_to);
    if row.erased_at.is_some() {
        return Ok(None);
    }
    if columns.iter().all(|(_, _, value)| deks.is_current(value)) {
        return Ok(None);
    }
    let mut moved = columns.map(|_| Vec::new());
    for ((column, look_ups, value), moved) in columns.into_iter().zip(&mut moved) {
        let place = submissions::place(&row.id, &row.merchant_id, column, look_ups);
        *moved = if deks.is_current(value) {
            value.clone()
        } else {
            again(deks, place, value, rng)?
        };
    }
    Ok(Some(moved))
}

fn move_customer(
    deks: &Deks,
    row: &CustomerRow,
    rng: &dyn Rng,
) -> Result<Option<Vec<u8>>, StoreError> {
    if deks.is_current(&row.reference_enc) {
        return Ok(None);
    }
    let [digest] = row.found_by();
    let look_ups = [digest.as_str()];
    let place = customers::place(&row.id, &row.merchant_id, &look_ups);
    again(deks, place, &row.reference_enc, rng).map(Some)
}

fn move_reveal(deks: &Deks, row: &Reveal, rng: &dyn Rng) -> Result<Option<Vec<u8>>, StoreError> {
    if deks.is_current(&row.reason_enc) {
        return Ok(None);
    }
    let is_about = reveals::is_about(&row.operator_id, &row.card_id);
    let place = reveals::place(&row.id, &row.merchant_id, &is_about);
    again(deks, place, &row.reason_enc, rng).map(Some)
}

fn move_second_factor(
    deks: &Deks,
    row: &SecondFactor,
    rng: &dyn Rng,
) -> Result<Option<Vec<u8>>, StoreError> {
    if deks.is_current(&row.seed_enc) {
        return Ok(None);
    }
    again(deks, users::seed_place(&row.user_id), &row.seed_enc, rng).map(Some)
}

fn move_list_entry(
    deks: &Deks,
    row: &EntryRow,
    rng: &dyn Rng,
) -> Result<Option<Vec<u8>>, StoreError> {
    if deks.is_current(&row.value_enc) {
        return Ok(None);
    }
    let look_ups = [row.list.as_str()];
    let place = lists::place(&row.id, row.merchant_id.as_deref(), &look_ups);
    again(deks, place, &row.value_enc, rng).map(Some)
}

fn move_assessment(
    deks: &Deks,
    row: &AssessmentRow,
    rng: &dyn Rng,
) -> Result<Option<Vec<u8>>, StoreError> {
    if deks.is_current(&row.record_enc) {
        return Ok(None);
    }
    let look_ups = [row.card_id.as_str()];
    let place = assessments::place(&row.id, &row.merchant_id, &look_ups);
    again(deks, place, &row.record_enc, rng).map(Some)
}

fn again(
    deks: &Deks,
    place: Place<'_>,
    value: &[u8],
    rng: &dyn Rng,
) -> Result<Vec<u8>, StoreError> {
    deks.encrypt(place, &deks.decrypt(place, value)?, rng)
}
