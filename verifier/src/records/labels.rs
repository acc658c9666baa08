//! What became of sessions and cards, held in memory while decisions are looked at.

use std::collections::HashMap;

use super::{Range, tally::Label};
use crate::{
    clock::Timestamp,
    store::{
        Store, StoreError,
        outcomes::{self, OutcomeKind, OutcomeOf},
    },
};

/// Rows that are read at once.
const PAGE: u32 = 1000;

/// What became of sessions and cards.
#[derive(Default)]
pub(super) struct Labels {
    of_session: HashMap<String, Latest>,
    of_card: HashMap<String, Latest>,
}

struct Latest {
    at: (Timestamp, String),
    label: Label,
}

impl Labels {
    /// Reads outcomes, `most` at most; gives whether these are all.
    pub(super) async fn read(
        store: &Store,
        range: &Range,
        most: u64,
    ) -> Result<(Self, bool), StoreError> {
        let mut labels = Self::default();
        let mut after = range.mode.id_prefix("out");
        let end = format!("{after}~");
        let mut count = 0;
        loop {
            if count >= most {
                return Ok((labels, false));
            }
            let behind = after.clone();
            let page = store.read(move |connection| outcomes::after(connection, &behind, PAGE));
            let page = page.await?;
            let Some(last) = page.last() else {
                return Ok((labels, true));
            };
            after.clone_from(&last.id);
            let is_last = last.id > end;
            count += page.len() as u64;
            for row in page {
                let is_own = range
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| *id == row.merchant_id);
                if row.id > end || !is_own {
                    continue;
                }
                let label = match row.kind {
                    OutcomeKind::Chargeback | OutcomeKind::Fraud => Label::Fraud,
                    OutcomeKind::Legitimate => Label::Legitimate,
                };
                let latest = Latest {
                    at: (row.created_at, row.id),
                    label,
                };
                let (of, id) = match row.of {
                    OutcomeOf::Card(id) => (&mut labels.of_card, id),
                    OutcomeOf::Session(id) => (&mut labels.of_session, id),
                };
                match of.get_mut(&id) {
                    Some(known) if known.at >= latest.at => {}
                    Some(known) => *known = latest,
                    None => _ = of.insert(id, latest),
                }
            }
            if is_last {
                return Ok((labels, true));
            }
        }
    }

    /// A session's own, else its card's.
    pub(super) fn of(&self, session_id: &str, card_id: &str) -> Option<Label> {
        let own = self.of_session.get(session_id);
        own.or_else(|| self.of_card.get(card_id))
            .map(|latest| latest.label)
    }
}
