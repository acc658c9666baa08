//! Base64url without padding (RFC 7515, appendix C), strict and canonical: no padding, no white
//! space, no spare bits. One value has one encoding.
//!
//! Written here because the browser pays for each kilobyte and the server for each microsecond: the
//! general crates cost one or the other several times over. What is decoded is public, so that a
//! table look-up tells nobody anything.

use alloc::{string::String, vec::Vec};

/// RFC 4648, section 5, table 2.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Has a bit that no value of six bits has.
const NOT_IN_ALPHABET: u8 = 0x80;

/// The value of each character.
const VALUES: [u8; 256] = values();

/// The encoding of `bytes`.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(encoded_len(bytes.len()));
    for group in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for place in 0..=group.len() {
            let value = (bits >> (18 - 6 * place)) & 0x3f;
            text.push(char::from(ALPHABET[value as usize]));
        }
    }
    text
}

/// The bytes that `text` is the encoding of.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let groups = text.as_bytes().chunks_exact(4);
    let last = groups.remainder();
    for group in groups {
        let [_, one, two, three] = read(group)?;
        bytes.extend_from_slice(&[one, two, three]);
    }
    // What a shorter group leaves over must be zero: the canonical form.
    match (last.len(), read(last)?) {
        (0, _) => {}
        (2, [0, 0, one, spare]) if spare & 0x0f == 0 => bytes.push(one << 4 | spare >> 4),
        (3, [0, one, two, spare]) if spare & 0x03 == 0 => {
            bytes.extend_from_slice(&[one << 6 | two >> 2, two << 6 | spare >> 2]);
        }
        _ => return None,
    }
    Some(bytes)
}

/// As [`decode`], for exactly `N` bytes.
pub(super) fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// Length of the encoding of `bytes` bytes.
pub(super) const fn encoded_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Up to four characters as one number of 24 bits, big-endian.
fn read(group: &[u8]) -> Option<[u8; 4]> {
    let mut bits = 0;
    let mut seen = 0;
    for &character in group {
        let value = VALUES[usize::from(character)];
        seen |= value;
        bits = bits << 6 | u32::from(value);
    }
    (seen & NOT_IN_ALPHABET == 0).then(|| bits.to_be_bytes())
}

const fn values() -> [u8; 256] {
    let mut values = [NOT_IN_ALPHABET; 256];
    let mut value = 0;
    while value < 64_u8 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn bytes_are_written_as_another_codec_writes_them(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &BASE64_URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn text_is_read_as_another_strict_codec_reads_it(text in "[A-Za-z0-9_=+/ é-]{0,9}") {
            prop_assert_eq!(decode(&text), BASE64_URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }

    #[test]
    fn every_short_text_is_read_as_another_strict_codec_reads_it() {
        let characters: Vec<char> = (0..=127_u8).map(char::from).collect();
        for &one in &characters {
            for &two in &characters {
                for text in [
                    format!("{one}{two}"),
                    format!("A{one}{two}"),
                    format!("A{one}{two}A"),
                ] {
                    let expected = BASE64_URL_SAFE_NO_PAD.decode(&text).ok();
                    assert_eq!(decode(&text), expected, "{text:?}");
                }
            }
        }
    }

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
}
