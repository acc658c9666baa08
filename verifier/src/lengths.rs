//! Unambiguous concatenation for AAD and tweaks, and the sizes of AES-256-GCM's parts.

/// Bytes of an AES-GCM nonce (NIST SP 800-38D: 96 bits).
pub(crate) const NONCE_LEN: usize = 12;
/// Bytes of an AES-GCM tag.
pub(crate) const TAG_LEN: usize = 16;

/// Parts, each behind its length as two bytes big-endian, so that no two lists of parts give the same
/// bytes.
#[derive(Default)]
pub(crate) struct LengthPrefixed(Vec<u8>);

impl LengthPrefixed {
    /// Appends one part of at most 65,535 bytes: ids, names and digests are far shorter.
    #[must_use]
    pub(crate) fn part(mut self, part: &[u8]) -> Self {
        debug_assert!(u16::try_from(part.len()).is_ok());
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(part);
        self
    }

    /// The concatenation.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_boundary_changes_the_bytes() {
        let one = LengthPrefixed::default()
            .part(b"ab")
            .part(b"c")
            .into_bytes();
        let two = LengthPrefixed::default()
            .part(b"a")
            .part(b"bc")
            .into_bytes();
        assert_ne!(one, two);
    }
}
