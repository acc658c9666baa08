//! A merchant's cards, opened for another vault.

use waxseal_protocol::card::Pan;

use super::{Details, MigratedCard, Reference};
use crate::{
    keys::ModeKeys,
    store::{
        Connection, StoreError,
        cards::{self, CardRow},
    },
    vault::cards::open_pan,
};

/// Cards that are opened at once.
const PAGE: u32 = 500;

/// Some of a merchant's cards.
#[derive(Debug)]
pub struct ExportPage {
    /// Those that are whole, oldest first.
    pub cards: Vec<MigratedCard>,
    /// Ids of those that cannot be read.
    pub damaged: Vec<String>,
    /// Id of the last one; nothing when there are none after it.
    pub last_id: Option<String>,
}

/// A merchant's cards after the id `after`.
///
/// # Errors
/// When the store fails.
pub fn export_page(
    connection: &Connection,
    keys: &ModeKeys,
    merchant_id: &str,
    after: &str,
) -> Result<ExportPage, StoreError> {
    let rows = cards::page(connection, merchant_id, after, PAGE)?;
    let mut page = ExportPage {
        cards: Vec::with_capacity(rows.len()),
        damaged: Vec::new(),
        last_id: rows.last().map(|row| row.id.clone()),
    };
    for row in rows {
        match open(keys, &row, Details::default()) {
            Some(card) => page.cards.push(card),
            None => page.damaged.push(row.id),
        }
    }
    Ok(page)
}

/// The card with what is known beside its number: a row has nothing of that.
fn open(keys: &ModeKeys, row: &CardRow, details: Details) -> Option<MigratedCard> {
    let digits = open_pan(keys, row).ok()?;
    Some(MigratedCard {
        pan: Pan::parse(str::from_utf8(&digits).ok()?).ok()?,
        reference: Reference::parse(&row.id).ok()?,
        details,
    })
}
