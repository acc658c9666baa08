//! Tokens: digits that stand for a PAN and can never be taken for one.
//!
//! For a Luhn-valid PAN of n digits, format-preserving encryption FF1 (NIST SP 800-38G, AES-256,
//! radix 10) runs over the digits between the lead and the last four, less the one that Luhn gives
//! back: n-5 digits, a domain of 10^7 at least. The token is lead digit, result, last four: as long as
//! the PAN, and never Luhn-valid.

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};
use waxseal_protocol::card::{Pan, is_luhn_valid};
use zeroize::Zeroizing;

use crate::{
    lengths::LengthPrefixed,
    rng::{Rng, RngError},
    store::StoreError,
};

/// Bytes of a card's salt.
pub(super) const SALT_LEN: usize = 16;

/// Lead digit of a token; the other one where this one would make it Luhn-valid.
const LEADS: [char; 2] = ['9', '0'];

/// Digits that stand for a PAN: as many, the same last four, never Luhn-valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Token(String);

impl Token {
    /// The digits.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts the lead before `middle` and `last4`.
    ///
    /// At most one of the two leads makes a number Luhn-valid: at an even place from the right they
    /// add 9 and 0 (2*9 = 18, 1 + 8), at an odd place 9 and 0, and no two sums that differ by 9 are
    /// both divisible by 10.
    fn assemble(middle: &str, last4: &str) -> Self {
        let [first, second] = LEADS.map(|lead| format!("{lead}{middle}{last4}"));
        Self(if is_luhn_valid(&first) { second } else { first })
    }
}

/// Makes tokens under one FF1 key.
pub(super) struct Tokenizer(FF1<Aes256>);

impl Tokenizer {
    /// From an AES-256 key.
    ///
    /// # Errors
    /// Never for radix 10; the library's signature has one.
    pub(super) fn new(key: &[u8; 32]) -> Result<Self, StoreError> {
        FF1::new(key, 10)
            .map(Self)
            .map_err(|_| StoreError::Damaged("tokenization key"))
    }

    /// The token of a Luhn-valid PAN under `salt`.
    ///
    /// # Errors
    /// When FF1 refuses the digits, which no PAN of 12 to 19 digits makes it do.
    pub(super) fn tokenize(
        &self,
        merchant_id: &str,
        pan: &Pan,
        salt: &[u8; SALT_LEN],
    ) -> Result<Token, StoreError> {
        let refused = StoreError::Damaged("tokenization input");
        // EXPOSE: what FF1 encrypts. The body's last digit follows from Luhn and is left out.
        let digits = pan.digits();
        let Some(body) = digits
            .len()
            .checked_sub(5)
            .and_then(|end| digits.get(..end))
        else {
            return Err(refused);
        };
        let tweak = tweak(merchant_id, pan.last4(), digits.len(), salt);
        let body: Vec<u16> = body.bytes().map(|digit| u16::from(digit - b'0')).collect();
        let result: Vec<u16> = match self.0.encrypt(&tweak, &FlexibleNumeralString::from(body)) {
            Ok(result) => result.into(),
            Err(_) => return Err(refused),
        };
        let middle: String = result
            .iter()
            .filter_map(|digit| char::from_digit((*digit).into(), 10))
            .collect();
        Ok(Token::assemble(&middle, pan.last4()))
    }
}

/// A token for a PAN that is not Luhn-valid, of a brand that allows that: random, under the same
/// rules.
///
/// # Errors
/// When the generator fails.
pub(super) fn random_token(pan: &Pan, rng: &dyn Rng) -> Result<Token, RngError> {
    let wanted = pan.digits().len().saturating_sub(5);
    let mut middle = String::with_capacity(wanted);
    while middle.len() < wanted {
        // 250 is the largest multiple of 10 in a byte: beyond it the low digits would come more often.
        let [byte] = rng.array::<1>()?;
        if byte < 250 {
            middle.push(char::from(b'0' + byte % 10));
        }
    }
    Ok(Token::assemble(&middle, pan.last4()))
}

/// `lengths(merchant id, last four, n as two digits, salt)`
fn tweak(merchant_id: &str, last4: &str, n: usize, salt: &[u8; SALT_LEN]) -> Zeroizing<Vec<u8>> {
    let parts = LengthPrefixed::default()
        .part(merchant_id.as_bytes())
        .part(last4.as_bytes())
        .part(format!("{n:02}").as_bytes())
        .part(salt);
    Zeroizing::new(parts.into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use waxseal_protocol::card::TEST_CARDS;

    use super::*;
    use crate::rng::SystemRng;

    fn tokenizer() -> Tokenizer {
        Tokenizer::new(&[3; 32]).unwrap()
    }

    /// A Luhn-valid Maestro number: 5018, then `digits`, then the check digit.
    fn maestro(digits: &str) -> Pan {
        let body = format!("5018{digits}");
        let full = (0..10)
            .map(|check| format!("{body}{check}"))
            .find(|n| is_luhn_valid(n));
        Pan::parse(&full.unwrap()).unwrap()
    }

    #[test]
    fn every_test_card_keeps_length_and_last4_and_fails_luhn() {
        for card in TEST_CARDS {
            let pan = Pan::parse(card.number).unwrap();
            let token = if pan.is_luhn_valid() {
                tokenizer().tokenize("m1", &pan, &[0; 16]).unwrap()
            } else {
                random_token(&pan, &SystemRng::default()).unwrap()
            };
            assert_eq!(token.as_str().len(), pan.digits().len());
            assert!(token.as_str().ends_with(pan.last4()));
            assert!(token.as_str().starts_with(['9', '0']));
            assert!(!is_luhn_valid(token.as_str()));
        }
    }

    #[test]
    fn the_pinned_tokens_stay() {
        for (number, token) in [
            ("4242424242424242", "9345964053504242"),
            ("378282246310005", "972032930680005"),
            ("6799990100000000019", "9556318391412270019"),
        ] {
            let pan = Pan::parse(number).unwrap();
            let made = tokenizer().tokenize("mch_test_1", &pan, &[5; 16]).unwrap();
            assert_eq!(made.as_str(), token);
        }
    }

    #[test]
    fn merchant_salt_and_key_change_the_token() {
        let pan = maestro("00000000001");
        let token = |key: u8, merchant: &str, salt: u8| {
            Tokenizer::new(&[key; 32])
                .unwrap()
                .tokenize(merchant, &pan, &[salt; 16])
                .unwrap()
        };
        let base = token(3, "m1", 0);
        assert_eq!(base, token(3, "m1", 0));
        for other in [token(4, "m1", 0), token(3, "m2", 0), token(3, "m1", 1)] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn at_most_one_lead_is_luhn_valid_at_every_length() {
        for n in 12..=19 {
            for middle in 0..10_000_u32 {
                let rest = format!("{middle:0>width$}", width = n - 1);
                let valid = LEADS
                    .iter()
                    .filter(|lead| is_luhn_valid(&format!("{lead}{rest}")));
                assert!(valid.count() <= 1, "{n} digits, {rest}");
            }
        }
    }

    proptest! {
        #[test]
        fn ff1_decrypts_to_the_body(digits in "[0-9]{7,14}") {
            let pan = maestro(&digits);
            let salt = [9; 16];
            let token = tokenizer().tokenize("m1", &pan, &salt).unwrap();
            prop_assert!(!is_luhn_valid(token.as_str()));
            let n = pan.digits().len();
            let middle = token.as_str()[1..n - 4].bytes().map(|d| u16::from(d - b'0')).collect::<Vec<_>>();
            let tweak = tweak("m1", pan.last4(), n, &salt);
            let body: Vec<u16> =
                tokenizer().0.decrypt(&tweak, &FlexibleNumeralString::from(middle)).unwrap().into();
            let body: String = body.iter().map(ToString::to_string).collect();
            prop_assert_eq!(body, &pan.digits()[..n - 5]);
        }
    }
}
