//! Sessions and money of one key over time.
//!
//! One entry for each second of the last hour; what is older is put together, in 60 parts of a day, of a week and of 30
//! days. An entry has the time of the latest that is in it, so that a window never counts less than there was, and at
//! most what a window longer by a sixtieth would.

/// Windows in seconds, ascending.
pub(super) const WINDOWS_S: [u32; 6] = [60, 600, 3_600, 86_400, 604_800, 2_592_000];

/// Beyond an age, in seconds, how much lies in one entry: a sixtieth of the next window.
const PARTS_S: [(u32, u32); 3] = [(604_800, 43_200), (86_400, 10_080), (3_600, 1_440)];

/// 16 bytes.
#[derive(Clone, Copy, Debug)]
struct Entry {
    last_s: u32,
    count: u32,
    usd_micros: i64,
}

/// What a key had, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Series(Vec<Entry>);

/// A number for each of [`WINDOWS_S`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Windows {
    /// How many.
    pub counts: [u32; WINDOWS_S.len()],
    /// How much, in millionths of a US dollar.
    pub usd_micros: [i64; WINDOWS_S.len()],
}

impl Windows {
    /// Both together.
    #[must_use]
    pub(super) fn and(mut self, other: &Self) -> Self {
        for at in 0..WINDOWS_S.len() {
            self.counts[at] = self.counts[at].saturating_add(other.counts[at]);
            self.usd_micros[at] = self.usd_micros[at].saturating_add(other.usd_micros[at]);
        }
        self
    }
}

impl Series {
    /// Adds one. Nothing asks for more than `keep_s` before.
    pub(super) fn add(&mut self, at_s: u32, usd_micros: i64, keep_s: u32) {
        let entries = &mut self.0;
        let behind = entries.partition_point(|entry| entry.last_s < at_s);
        if let Some(same) = entries.get_mut(behind).filter(|same| same.last_s == at_s) {
            same.count = same.count.saturating_add(1);
            same.usd_micros = same.usd_micros.saturating_add(usd_micros);
            return;
        }
        let entry = Entry {
            last_s: at_s,
            count: 1,
            usd_micros,
        };
        if entries.len() < entries.capacity() || entries.is_empty() {
            // Most keys have one for ever.
            entries.reserve_exact(1);
            entries.insert(behind, entry);
            return;
        }
        self.compact(at_s, keep_s);
        let entries = &mut self.0;
        if entries.len() == entries.capacity() {
            entries.reserve_exact(entries.len() / 2 + 1);
        }
        let behind = entries.partition_point(|entry| entry.last_s < at_s);
        entries.insert(behind, entry);
    }

    /// Puts together what is old, and drops what is older than `keep_s`. Whether there is nothing left.
    pub(super) fn compact(&mut self, now_s: u32, keep_s: u32) -> bool {
        let entries = &mut self.0;
        entries.retain(|entry| now_s.saturating_sub(entry.last_s) < keep_s);
        entries.dedup_by(|later, earlier| {
            let is_one = PARTS_S.iter().any(|(age_s, part_s)| {
                let part = later.last_s / part_s;
                // The whole part is as old.
                part == earlier.last_s / part_s && (part + 1) * part_s + age_s <= now_s
            });
            if is_one {
                earlier.last_s = later.last_s;
                earlier.count = earlier.count.saturating_add(later.count);
                earlier.usd_micros = earlier.usd_micros.saturating_add(later.usd_micros);
            }
            is_one
        });
        if entries.len() < entries.capacity() / 4 {
            entries.shrink_to_fit();
        }
        entries.is_empty()
    }

    /// All windows, in one pass.
    pub(super) fn windows(&self, now_s: u32) -> Windows {
        let mut windows = Windows::default();
        let mut at = 0;
        for entry in self.0.iter().rev() {
            let age_s = now_s.saturating_sub(entry.last_s);
            while age_s >= WINDOWS_S[at] {
                at += 1;
                if at == WINDOWS_S.len() {
                    return windows.summed();
                }
            }
            windows.counts[at] = windows.counts[at].saturating_add(entry.count);
            windows.usd_micros[at] = windows.usd_micros[at].saturating_add(entry.usd_micros);
        }
        windows.summed()
    }
}

impl Windows {
    /// From what each window has beyond the one before.
    fn summed(mut self) -> Self {
        for at in 1..WINDOWS_S.len() {
            self.counts[at] = self.counts[at].saturating_add(self.counts[at - 1]);
            self.usd_micros[at] = self.usd_micros[at].saturating_add(self.usd_micros[at - 1]);
        }
        self
    }
}
