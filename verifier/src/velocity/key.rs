//! What is counted together.

use aws_lc_rs::digest;

/// What a submission has in common with others of its merchant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// The first eight digits of the number.
    Bin,
    /// All digits of the number but the last three.
    BinRun,
    /// The card.
    Card,
    /// The customer.
    Customer,
    /// The device.
    Device,
    /// The customer's email address.
    Email,
    /// The client's address.
    Ip,
    /// The merchant.
    Merchant,
}

impl Kind {
    /// All of them, in the order in which rows have their keys: for ever.
    pub const ALL: [Self; 8] = [
        Self::Bin,
        Self::BinRun,
        Self::Card,
        Self::Customer,
        Self::Device,
        Self::Email,
        Self::Ip,
        Self::Merchant,
    ];

    /// Whether sessions and money are counted.
    pub(super) const fn has_sums(self) -> bool {
        !matches!(self, Self::Bin | Self::BinRun)
    }

    /// Whether different cards are.
    pub(super) const fn has_cards(self) -> bool {
        !matches!(self, Self::Card | Self::Merchant)
    }

    /// Whether small amounts and rejections are.
    pub(super) const fn has_bursts(self) -> bool {
        matches!(
            self,
            Self::Bin | Self::BinRun | Self::Device | Self::Ip | Self::Merchant
        )
    }
}

/// Length of a row's keys in bytes.
const LEN: usize = Kind::ALL.len() * 8;

/// One submission's keys: for each kind the first 64 bits of a SHA-256 over the kind and what tells it from others of
/// the merchant. Of what can be guessed the caller gives a keyed digest, never the thing itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Keys([u64; Kind::ALL.len()]);

impl Keys {
    /// With what the submission has of a kind. `material` is a random id or a keyed digest, of one merchant alone.
    #[must_use]
    pub fn with(mut self, kind: Kind, material: &[u8]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&[kind as u8]);
        context.update(material);
        let mut first = [0; 8];
        first.copy_from_slice(&context.finish().as_ref()[..8]);
        // Zero says that there is none.
        self.0[kind as usize] = u64::from_be_bytes(first).max(1);
        self
    }

    /// The key of a kind, if the submission has one.
    pub const fn of(&self, kind: Kind) -> Option<u64> {
        match self.0[kind as usize] {
            0 => None,
            key => Some(key),
        }
    }

    /// The kinds that the submission has, with their keys.
    pub fn known(&self) -> impl Iterator<Item = (Kind, u64)> {
        let all = Kind::ALL.into_iter();
        all.filter_map(|kind| Some((kind, self.of(kind)?)))
    }

    /// What tells its card from others that one key has: so few that 32 bits do.
    pub(super) const fn card(&self) -> u32 {
        let [_, _, _, _, rest @ ..] = self.0[Kind::Card as usize].to_be_bytes();
        u32::from_be_bytes(rest)
    }

    /// As a row has them.
    pub fn to_bytes(self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        for (place, key) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&key.to_be_bytes());
        }
        bytes
    }

    /// Of a row; `None` for what is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (keys, []) = bytes.as_chunks::<8>() else {
            return None;
        };
        let keys: [[u8; 8]; Kind::ALL.len()] = keys.try_into().ok()?;
        Some(Self(keys.map(u64::from_be_bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_rows_are_read_for_ever() {
        let keys = Keys::default()
            .with(Kind::Card, b"card")
            .with(Kind::Merchant, b"card");
        let pinned = "000000000000000000000000000000001ce5a9b9fd9a050d";
        let bytes = keys.to_bytes();
        assert_eq!(&crate::hex::hex(&bytes)[..48], pinned);
        assert_eq!(Keys::parse(&bytes), Some(keys));
        assert_eq!(keys.known().count(), 2);
        assert_ne!(keys.of(Kind::Card), keys.of(Kind::Merchant));
        for other in [&bytes[..63], &[&bytes[..], &[0]].concat(), b""] {
            assert_eq!(Keys::parse(other), None);
        }
    }
}
