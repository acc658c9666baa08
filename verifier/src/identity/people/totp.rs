//! Time-based one-time passwords (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds, as every
//! authenticator takes them.

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;

use crate::clock::Timestamp;

const STEP_S: u64 = 30;
/// Steps before and after the current one whose code is taken (RFC 6238 section 5.2).
const DRIFT: u64 = 1;
/// Bytes of a seed (RFC 4226 section 4, R6).
pub(super) const SEED_LEN: usize = 20;

/// The time step whose code this is, if it is one that is taken now.
pub(super) fn step_of(seed: &[u8], code: &str, now: Timestamp) -> Option<u64> {
    let current = now.seconds() / STEP_S;
    let mut found = None;
    // All are tried, whichever it is.
    for step in current.saturating_sub(DRIFT)..=current + DRIFT {
        let wanted = format!("{:06}", code_at(seed, step));
        if bool::from(wanted.as_bytes().ct_eq(code.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// ```text
/// HOTP(K, C) = Truncate(HMAC-SHA-1(K, C)) mod 10^6      RFC 4226 section 5.3
/// offset     = low-order 4 bits of the last byte
/// P          = the 31 low-order bits of the 4 bytes at offset
/// ```
fn code_at(seed: &[u8], step: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[19] & 0xf);
    let word = [
        tag[offset] & 0x7f,
        tag[offset + 1],
        tag[offset + 2],
        tag[offset + 3],
    ];
    u32::from_be_bytes(word) % 1_000_000
}

/// Base32 (RFC 4648 section 6) without padding, as authenticators take a seed.
pub(super) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut word = [0; 8];
        word[3..3 + chunk.len()].copy_from_slice(chunk);
        let word = u64::from_be_bytes(word);
        let digits = (chunk.len() * 8).div_ceil(5);
        for at in 0..digits {
            let digit = word >> (35 - 5 * at) & 31;
            text.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or(0)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    /// RFC 4226 appendix D, and RFC 6238 appendix B (the last six of its eight digits).
    #[test]
    fn the_rfcs_codes() {
        let counted = [
            755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871,
            520_489,
        ];
        for (step, code) in counted.into_iter().enumerate() {
            assert_eq!(code_at(SEED, step as u64), code, "{step}");
        }
        for (at_s, code) in [
            (59_u64, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::from_millis(i64::try_from(at_s * 1000).unwrap());
            assert_eq!(step_of(SEED, code, now), Some(at_s / 30), "{at_s}");
        }
    }

    #[test]
    fn a_code_is_taken_a_step_early_and_late_and_no_further() {
        let at = |s: i64| Timestamp::from_millis(s * 1000);
        // Of the step from 1111111080 to 1111111109.
        for (s, taken) in [
            (-31, false),
            (-30, true),
            (0, true),
            (59, true),
            (60, false),
        ] {
            let step = step_of(SEED, "081804", at(1_111_111_080 + s));
            assert_eq!(step.is_some(), taken, "{s}");
        }
        for bad in ["", "81804", "081804 ", "0818040", "08180４"] {
            assert_eq!(step_of(SEED, bad, at(1_111_111_109)), None, "{bad}");
        }
    }

    /// RFC 4648 section 10.
    #[test]
    fn base32_as_the_rfc_has_it() {
        for (text, wanted) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(text.as_bytes()), wanted);
        }
    }
}
