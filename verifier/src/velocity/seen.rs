//! Which cards one key had lately.

use super::series::WINDOWS_S;

/// Windows of cards, as places in [`WINDOWS_S`]: an hour, a day.
pub(super) const CARD_WINDOWS: [usize; 2] = [2, 3];
/// Seconds after which a card is forgotten.
const KEEP_S: u32 = WINDOWS_S[3];
/// Different cards that are told apart; no key is said to have more.
pub(super) const MOST: usize = 1_024;

/// 8 bytes.
#[derive(Clone, Copy, Debug)]
struct Seen {
    card: u32,
    last_s: u32,
}

/// The latest [`MOST`] cards, by when each was seen last, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Cards(Vec<Seen>);

impl Cards {
    /// Notes a card.
    pub(super) fn add(&mut self, card: u32, at_s: u32) {
        let mut last_s = at_s;
        if let Some(known) = self.0.iter().position(|seen| seen.card == card) {
            last_s = last_s.max(self.0.remove(known).last_s);
        } else if self.0.len() >= MOST {
            self.compact(at_s);
            if self.0.len() >= MOST {
                self.0.remove(0);
            }
        }
        if self.0.len() == self.0.capacity() {
            self.0.reserve_exact(self.0.len() / 2 + 1);
        }
        let behind = self.0.partition_point(|seen| seen.last_s <= last_s);
        self.0.insert(behind, Seen { card, last_s });
    }

    /// Drops what is too old. Whether there is nothing left.
    pub(super) fn compact(&mut self, now_s: u32) -> bool {
        self.0
            .retain(|seen| now_s.saturating_sub(seen.last_s) < KEEP_S);
        if self.0.len() < self.0.capacity() / 4 {
            self.0.shrink_to_fit();
        }
        self.0.is_empty()
    }

    /// How many cards each of [`CARD_WINDOWS`] has, those of `more` with them.
    pub(super) fn count_with(&self, more: &Self, now_s: u32) -> [u32; CARD_WINDOWS.len()] {
        CARD_WINDOWS.map(|window| {
            let is_in = |seen: &&Seen| now_s.saturating_sub(seen.last_s) < WINDOWS_S[window];
            let own = self.0.iter().rev().take_while(is_in);
            let others = more.0.iter().rev().take_while(is_in).filter(|other| {
                let mut own = self.0.iter().rev().take_while(is_in);
                !own.any(|seen| seen.card == other.card)
            });
            let count = (own.count() + others.count()).min(MOST);
            u32::try_from(count).unwrap_or(u32::MAX)
        })
    }
}
