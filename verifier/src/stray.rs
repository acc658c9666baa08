//! Card numbers and our own secrets where none belongs: in a text that is kept and shown as it was given.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use waxseal_protocol::card::{Pan, digit_value};

/// Fewest digits that are taken for a number: shorter ones are order numbers far more often.
const LEAST: usize = 13;
/// What cards are printed with; a first group of another length is no card's.
const FIRST_GROUP: usize = 4;
/// How a caller's secret begins, and how many characters of base64url follow.
const SECRET: (&str, usize) = ("wxs_", 43);
/// An encoding of an encoding is looked into, and no further.
const LAYERS: usize = 2;

/// Cuts of a longer text, whose last bits belong to what comes after.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Whether a PAN or a secret of a caller stands in `text`, by itself or between other characters; in
/// percent-encoding, base64, base64url or hexadecimal too. A PAN: digits of any script, together or in groups
/// with a space or a dash between.
pub(crate) fn holds_stray(text: &str) -> bool {
    is_held(text, LAYERS)
}

fn is_held(text: &str, layers: usize) -> bool {
    holds_pan(text)
        || holds_secret(text)
        || (layers > 0
            && decoded(text).any(|bytes| is_held(&String::from_utf8_lossy(&bytes), layers - 1)))
}

fn holds_pan(text: &str) -> bool {
    let is_part = |char: char| digit_value(char).is_some() || char == ' ' || char == '-';
    text.split(|char| !is_part(char)).any(is_pan)
}

fn is_pan(run: &str) -> bool {
    let groups = run.split([' ', '-']).filter(|group| !group.is_empty());
    let lengths: Vec<_> = groups.map(|group| group.chars().count()).collect();
    let is_printed = match lengths[..] {
        [] | [_] => true,
        [first, ..] => first == FIRST_GROUP,
    };
    is_printed
        && lengths.iter().sum::<usize>() >= LEAST
        && Pan::parse(run.trim_matches([' ', '-'])).is_ok_and(|pan| pan.is_luhn_valid())
}

fn holds_secret(text: &str) -> bool {
    let (start, length) = SECRET;
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    text.match_indices(start).any(|(at, start)| {
        let after = text[at + start.len()..].bytes();
        after.take_while(is_digit).take(length).count() == length
    })
}

/// What the text, or a part of it that is long enough for a number, is an encoding of.
fn decoded(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let percent = text.contains('%').then(|| from_percent(text));
    // What stands before may be of the same characters, so a unit may begin anywhere.
    let base64 = runs(text, is_base64, LEAST * 4 / 3)
        .flat_map(|run| (0..4).filter_map(move |at| from_base64(run.get(at..)?)));
    let hex = runs(text, |byte| byte.is_ascii_hexdigit(), LEAST * 2)
        .flat_map(|run| (0..2).map(move |at| from_hex(&run[at..])));
    percent.into_iter().chain(base64).chain(hex)
}

fn runs(text: &str, is_part: fn(u8) -> bool, least: usize) -> impl Iterator<Item = &str> {
    // No part of a longer character is ASCII.
    text.split(move |char: char| !u8::try_from(char).is_ok_and(is_part))
        .filter(move |run| run.len() >= least)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

fn from_base64(run: &str) -> Option<Vec<u8>> {
    let mut digits: Vec<_> = run
        .bytes()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    // One digit alone is no byte.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    BASE64.decode(digits).ok()
}

/// Of hexadecimal digits alone; an odd one at the end is left out.
fn from_hex(run: &str) -> Vec<u8> {
    let (pairs, _) = run.as_bytes().as_chunks::<2>();
    pairs.iter().filter_map(byte_of).collect()
}

fn byte_of(digits: &[u8; 2]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    // `from_str_radix` takes a sign.
    let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| are_digits)
}

/// RFC 3986 section 2.1; what is no triplet stays as it is.
fn from_percent(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let triplet = after
            .first_chunk::<2>()
            .filter(|_| *first == b'%')
            .and_then(byte_of);
        decoded.push(triplet.unwrap_or(*first));
        rest = if triplet.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD as PADDED, URL_SAFE_NO_PAD};

    #[test]
    fn numbers_of_cards_are_seen_and_other_numbers_are_not() {
        for pan in [
            "4242424242424242",
            "order 4242 4242 4242 4242",
            "a:4242-4242-4242-4242.",
            "378282246310005",
            "3782 822463 10005",
            "４２４２４２４２４２４２４２４２",
        ] {
            assert!(holds_stray(pan), "{pan}");
        }
        for other in [
            "",
            "order-1",
            "4242424242424241",
            "1795000000000",
            "order-123456789012-4",
            "424242424242",
            "a4242b424242424242",
            "20261124-4242424242-42",
            // As orders are often named.
            "0193f6a2-7c1e-7b3a-9d58-6f2e4b8c1a07",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cus_NffrFeUfNV2Hib",
            "100%",
            "%4",
            "50 % off, 100 % wool %zz",
            &URL_SAFE_NO_PAD.encode("4242424242424241"),
        ] {
            assert!(!holds_stray(other), "{other}");
        }
    }

    #[test]
    fn they_are_seen_in_what_they_are_encoded_in() {
        let pan = "4242424242424242";
        let hex = |text: &str| {
            let digits = text.bytes().map(|byte| format!("{byte:02x}"));
            digits.collect::<Vec<_>>().concat()
        };
        let percent = |text: &str| {
            let digits = text.bytes().map(|byte| format!("%{byte:02X}"));
            digits.collect::<Vec<_>>().concat()
        };
        for written in [
            pan,
            "4242 4242 4242 4242",
            "378282246310005",
            "4000000000006",
        ] {
            let forms = [
                PADDED.encode(written),
                URL_SAFE_NO_PAD.encode(written),
                hex(written),
                hex(written).to_uppercase(),
                percent(written),
                percent(&PADDED.encode(written)),
                PADDED.encode(PADDED.encode(written)),
                PADDED.encode(format!("{{\"number\":\"{written}\"}}")),
            ];
            for form in forms {
                for before in ["", "a", "or", "ord", "x:", "order-", "é"] {
                    let text = format!("{before}{form}");
                    assert!(holds_stray(&text), "{text}");
                    assert!(holds_stray(&format!("{text}Z9")), "{text}");
                }
            }
        }
        assert!(holds_stray("%342424242424242%34%32"));
    }

    #[test]
    fn secrets_are_seen_too() {
        let secret = format!("wxs_{}", "Ab-_3".repeat(9).split_off(2));
        for text in [
            secret.clone(),
            format!("my {secret}!"),
            PADDED.encode(&secret),
            secret.replace('_', "%5f"),
        ] {
            assert!(holds_stray(&text), "{text}");
        }
        for other in ["wxs_", "wxs_test", &secret[..30]] {
            assert!(!holds_stray(other), "{other}");
        }
    }
}
