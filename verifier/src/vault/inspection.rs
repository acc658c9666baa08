//! Opens every encrypted value there is, to know that all can be read.

use super::fingerprint::fingerprint;
use crate::{
    keys::{Keyring, ModeKeys},
    mode::Mode,
    store::{
        Connection, StoreError, assessments,
        cards::{self, CardRow},
        customers::{self, CustomerRow},
        lists,
        reveals::{self, Reveal},
        submissions::{self, Submission},
        users,
    },
};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// Cards that are whole: PAN, salt, and a fingerprint that leads to them.
    pub cards: u64,
    /// Submissions that are whole: every column, and the card that they lead to; or that are erased.
    pub submissions: u64,
    /// Customers whose reference is whole.
    pub customers: u64,
    /// Reasons of reveals that are whole.
    pub reveals: u64,
    /// Second factors whose seed is whole.
    pub second_factors: u64,
    /// Entries of lists whose value is whole.
    pub list_entries: u64,
    /// Assessments whose record is whole.
    pub assessments: u64,
    /// Rows that are not.
    pub damaged: u64,
    /// Id of the first of these.
    pub first_damaged: Option<String>,
}

/// Looks at every row.
///
/// # Errors
/// When the store fails: a row that cannot be decrypted is a finding, no error.
pub fn inspect(connection: &Connection, keyring: &Keyring) -> Result<Inspection, StoreError> {
    let mut found = Inspection::default();
    let (mut merchant_id, mut id) = (String::new(), String::new());
    loop {
        let page = cards::after(connection, &merchant_id, &id, PAGE)?;
        let Some(last) = page.last() else {
            break;
        };
        (merchant_id, id) = (last.merchant_id.clone(), last.id.clone());
        for card in &page {
            let is_whole = whole_card(connection, keyring.of(Mode::of_id(&card.id)), card)?;
            found.count(&card.id, is_whole, |found| &mut found.cards);
        }
    }
    each(
        |id| submissions::after(connection, id, PAGE),
        |submission| &submission.id,
        |submission| {
            let keys = keyring.of(Mode::of_id(&submission.id));
            let is_whole = whole_submission(connection, keys, submission)?;
            found.count(&submission.id, is_whole, |found| &mut found.submissions);
            Ok(())
        },
    )?;
    each(
        |id| customers::after(connection, id, PAGE),
        |customer| &customer.id,
        |customer| {
            let is_whole = whole_customer(keyring.of(Mode::of_id(&customer.id)), customer);
            found.count(&customer.id, is_whole, |found| &mut found.customers);
            Ok(())
        },
    )?;
    each(
        |id| reveals::after(connection, id, PAGE),
        |reveal| &reveal.id,
        |reveal| {
            let is_whole = whole_reveal(keyring.of(Mode::of_id(&reveal.id)), reveal);
            found.count(&reveal.id, is_whole, |found| &mut found.reveals);
            Ok(())
        },
    )?;
    each(
        |id| users::second_factors_after(connection, id, PAGE),
        |factor| &factor.user_id,
        |factor| {
            let place = users::seed_place(&factor.user_id);
            let opened = keyring.of(Mode::Live).deks.decrypt(place, &factor.seed_enc);
            let id = &factor.user_id;
            found.count(id, opened.is_ok(), |found| &mut found.second_factors);
            Ok(())
        },
    )?;
    each(
        |id| lists::after(connection, None, id, PAGE),
        |entry| &entry.id,
        |entry| {
            let look_ups = [entry.list.as_str()];
            let place = lists::place(&entry.id, entry.merchant_id.as_deref(), &look_ups);
            let opened = keyring.of(Mode::Live).deks.decrypt(place, &entry.value_enc);
            found.count(&entry.id, opened.is_ok(), |found| &mut found.list_entries);
            Ok(())
        },
    )?;
    each(
        |after| assessments::after(connection, after, PAGE),
        |row| &row.id,
        |row| {
            let look_ups = [row.card_id.as_str()];
            let place = assessments::place(&row.id, &row.merchant_id, &look_ups);
            let keys = keyring.of(Mode::of_id(&row.id));
            let opened = keys.deks.decrypt(place, &row.record_enc);
            found.count(&row.id, opened.is_ok(), |found| &mut found.assessments);
            Ok(())
        },
    )?;
    Ok(found)
}

/// Visits every row of a table, page after page in the order of ids.
fn each<R>(
    page: impl Fn(&str) -> Result<Vec<R>, StoreError>,
    id: impl Fn(&R) -> &str,
    mut visit: impl FnMut(&R) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = page(&after)?;
        rows.iter().try_for_each(&mut visit)?;
        match rows.last() {
            Some(last) => id(last).clone_into(&mut after),
            None => return Ok(()),
        }
    }
}

impl Inspection {
    fn count(&mut self, id: &str, is_whole: bool, whole: fn(&mut Self) -> &mut u64) {
        if is_whole {
            *whole(self) += 1;
        } else {
            self.damaged += 1;
            self.first_damaged.get_or_insert_with(|| id.to_owned());
        }
    }
}

fn whole_card(
    connection: &Connection,
    keys: &ModeKeys,
    card: &CardRow,
) -> Result<bool, StoreError> {
    let Ok(digits) = super::cards::open_pan(keys, card) else {
        return Ok(false);
    };
    let salt_place = cards::place(&card.id, &card.merchant_id, "salt", &[]);
    let salt = card.salt_enc.as_deref();
    let salt_opens = salt.is_none_or(|salt| keys.deks.decrypt(salt_place, salt).is_ok());
    let Ok(digits) = str::from_utf8(&digits) else {
        return Ok(false);
    };
    let (version, root) = keys.fingerprint_root();
    let wanted = fingerprint(root, &card.merchant_id, digits);
    let found =
        cards::find_by_fingerprint(connection, &card.merchant_id, *version, wanted.as_bytes())?;
    Ok(salt_opens && found.is_some_and(|found| found.id == card.id))
}

fn whole_submission(
    connection: &Connection,
    keys: &ModeKeys,
    submission: &Submission,
) -> Result<bool, StoreError> {
    let leads_to = submissions::leads_to(&submission.session_id, &submission.card_id);
    if submission.erased_at.is_some() {
        let mut columns = submission.encrypted(&leads_to).into_iter();
        return Ok(columns.all(|(_, _, value)| value.is_empty()));
    }
    let opens = submission
        .encrypted(&leads_to)
        .into_iter()
        .all(|(column, look_ups, value)| {
            let place =
                submissions::place(&submission.id, &submission.merchant_id, column, look_ups);
            keys.deks.decrypt(place, value).is_ok()
        });
    let card = cards::find(connection, &submission.merchant_id, &submission.card_id)?;
    Ok(opens && card.is_some())
}

fn whole_customer(keys: &ModeKeys, customer: &CustomerRow) -> bool {
    let [digest] = customer.found_by();
    let look_ups = [digest.as_str()];
    let place = customers::place(&customer.id, &customer.merchant_id, &look_ups);
    keys.deks.decrypt(place, &customer.reference_enc).is_ok()
}

fn whole_reveal(keys: &ModeKeys, reveal: &Reveal) -> bool {
    let is_about = reveals::is_about(&reveal.operator_id, &reveal.card_id);
    let place = reveals::place(&reveal.id, &reveal.merchant_id, &is_about);
    keys.deks.decrypt(place, &reveal.reason_enc).is_ok()
}
