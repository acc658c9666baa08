//! `paste_counts`: how often each field was filled by a paste. What was pasted is not looked at.

use waxseal_protocol::signal::PasteCounts;

use crate::frame::field::Field;

/// Counts the pastes.
#[derive(Debug, Default)]
pub struct PasteCounter {
    counts: PasteCounts,
}

impl PasteCounter {
    /// Something was pasted into a field.
    pub fn count(&mut self, field: Field) {
        let count = match field {
            Field::Number => &mut self.counts.number,
            Field::Expiry => &mut self.counts.expiry,
            Field::Cvc => &mut self.counts.cvc,
            Field::Name => &mut self.counts.name,
            Field::PostalCode => &mut self.counts.postal_code,
        };
        *count = count.saturating_add(1);
    }

    /// The counts so far.
    pub fn counts(&self) -> PasteCounts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_counts_for_itself() {
        let mut pastes = PasteCounter::default();
        for (times, field) in Field::ALL.into_iter().enumerate() {
            for _ in 0..times {
                pastes.count(field);
            }
        }
        let expected = PasteCounts {
            number: 0,
            expiry: 1,
            cvc: 2,
            name: 3,
            postal_code: 4,
        };
        assert_eq!(pastes.counts(), expected);
    }
}
