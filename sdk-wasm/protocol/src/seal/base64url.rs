//! Base64url without padding (RFC 7515, appendix C), strict and canonical: no padding, no white
//! space, no spare bits. One value has one encoding.

use alloc::{string::String, vec::Vec};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The encoding of `bytes`.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that `text` is the encoding of.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// As [`decode`], for exactly `N` bytes.
pub(super) fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_read() {
        assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
        for text in [
            "-_8=", "-_9", "+/8", "-_8 ", " -_8", "-_8\n", "-", "-_8A-", "é_8",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
        assert_eq!(decode_exact::<2>("-_8"), Some([0xfb, 0xff]));
        assert_eq!(decode_exact::<3>("-_8"), None);
    }

    #[test]
    fn each_last_character_but_one_is_refused() {
        let alphabet = ('A'..='Z')
            .chain('a'..='z')
            .chain('0'..='9')
            .chain(['-', '_']);
        let read: Vec<char> = alphabet
            .filter(|c| decode(&format!("AA{c}")).is_some())
            .collect();
        assert_eq!(read.len(), 16, "{read:?}");
    }
}
