//! The signal `fields`: how each field of the form was filled.

use alloc::vec::Vec;

/// How one field was filled. Nothing of what was typed, and no key's name.
///
/// On the wire a field is [`FieldInput::LEN`] whole numbers in the order of these members, each at
/// most 9,999; the fields follow one another in the order of the form: number, expiry, cvc, name,
/// postal code.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FieldInput {
    /// Keys that were pressed to type.
    pub keys: u16,
    /// Median time that a key was held, in ms.
    pub dwell_ms_median: u16,
    /// Median distance from that median, in ms: 0 where all are equal.
    pub dwell_ms_spread: u16,
    /// Median time from the release of a key to the next press, in ms.
    pub flight_ms_median: u16,
    /// Median distance from that median, in ms.
    pub flight_ms_spread: u16,
    /// Inputs that took something away.
    pub corrections: u16,
    /// Pastes.
    pub pastes: u16,
    /// Times that the browser or a wallet filled the field.
    pub autofills: u16,
    /// Inputs of text without a key before them: dictation, input methods, automation.
    pub keyless: u16,
    /// Times that a script put the text there: an event that no person caused, or none at all.
    pub sets: u16,
    /// Times that the focus came.
    pub visits: u16,
    /// Time with the focus, in tenths of a second.
    pub focus_ds: u16,
}

impl FieldInput {
    /// Whole numbers a field.
    pub const LEN: usize = 12;

    /// Fields of the form.
    pub const FIELDS: usize = 5;

    /// Largest number on the wire.
    pub const MAX: u16 = 9_999;

    /// The numbers on the wire, for the fields in the order of the form.
    pub fn to_ints(fields: &[Self; Self::FIELDS]) -> Vec<i32> {
        fields
            .iter()
            .flat_map(|field| field.members())
            .map(|member| i32::from(member.min(Self::MAX)))
            .collect()
    }

    /// The fields of what is on the wire; those that are not there are of a build that had fewer.
    pub fn from_ints(ints: &[i32]) -> [Self; Self::FIELDS] {
        let mut fields = [Self::default(); Self::FIELDS];
        for (field, ints) in fields.iter_mut().zip(ints.chunks_exact(Self::LEN)) {
            let mut members = [0; Self::LEN];
            for (member, &int) in members.iter_mut().zip(ints) {
                *member = u16::try_from(int).unwrap_or(0);
            }
            *field = Self::from_members(members);
        }
        fields
    }

    fn members(self) -> [u16; Self::LEN] {
        [
            self.keys,
            self.dwell_ms_median,
            self.dwell_ms_spread,
            self.flight_ms_median,
            self.flight_ms_spread,
            self.corrections,
            self.pastes,
            self.autofills,
            self.keyless,
            self.sets,
            self.visits,
            self.focus_ds,
        ]
    }

    fn from_members(members: [u16; Self::LEN]) -> Self {
        let [
            keys,
            dwell_ms_median,
            dwell_ms_spread,
            flight_ms_median,
            flight_ms_spread,
            corrections,
            pastes,
            autofills,
            keyless,
            sets,
            visits,
            focus_ds,
        ] = members;
        Self {
            keys,
            dwell_ms_median,
            dwell_ms_spread,
            flight_ms_median,
            flight_ms_spread,
            corrections,
            pastes,
            autofills,
            keyless,
            sets,
            visits,
            focus_ds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_bounded() {
        let mut fields = [FieldInput::default(); FieldInput::FIELDS];
        for (at, field) in (0..).zip(&mut fields) {
            *field = FieldInput::from_members(core::array::from_fn(|member| {
                at * 100 + u16::try_from(member).unwrap()
            }));
        }
        let ints = FieldInput::to_ints(&fields);
        assert_eq!(ints.len(), FieldInput::FIELDS * FieldInput::LEN);
        assert_eq!(ints[..3], [0, 1, 2]);
        assert_eq!(FieldInput::from_ints(&ints), fields);
        assert_eq!(fields[4].focus_ds, 411);

        fields[0].keys = u16::MAX;
        let back = FieldInput::from_ints(&FieldInput::to_ints(&fields));
        assert_eq!(back[0].keys, FieldInput::MAX);
        assert_eq!(FieldInput::from_ints(&ints[..20])[1], FieldInput::default());
        assert_eq!(FieldInput::from_ints(&[-1; 60])[0].keys, 0);
    }
}
