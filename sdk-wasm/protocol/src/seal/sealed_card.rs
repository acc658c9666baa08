//! The plaintext of an envelope, schema version 1.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    BrowserData, CardFields, EnvelopeError, PLAINTEXT_LEN, SealError,
    padding::{pad, unpad},
};
use crate::{
    object::{object, optional_object},
    signal::{SignalName, Signals},
};

/// Everything that one submission seals: a new card, or the id of a saved one with its CVC; the
/// browser's data; the signals.
///
/// Strict: unknown, missing and repeated members are refused, but for unknown names in `signals`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedCard {
    /// Schema version, 1.
    pub v: u8,
    /// A new card; then there is neither `card_id` nor `cvc`.
    #[serde(default, deserialize_with = "optional_object")]
    pub card: Option<CardFields>,
    /// A saved card; then there is a `cvc`.
    #[serde(default)]
    pub card_id: Option<String>,
    /// CVC of the saved card, digits only.
    #[serde(default)]
    pub cvc: Option<Zeroizing<String>>,
    /// What 3-D Secure needs.
    #[serde(deserialize_with = "object")]
    pub browser: BrowserData,
    /// What was measured.
    pub signals: Signals,
}

/// A [`SealedCard`] as it is written, with the signals that are kept.
#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<&'a CardFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_id: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvc: Option<&'a Zeroizing<String>>,
    browser: &'a BrowserData,
    signals: &'a Signals,
}

const VERSION: u8 = 1;

/// Longest id of a saved card.
const MAX_CARD_ID_LEN: usize = 64;

/// Longest text of a card's field. The newtypes of [`crate::card`] are stricter.
const MAX_FIELD_LEN: usize = 256;

impl SealedCard {
    /// The plaintext for a new card.
    pub fn new(card: CardFields, browser: BrowserData, signals: Signals) -> Self {
        Self {
            v: VERSION,
            card: Some(card),
            card_id: None,
            cvc: None,
            browser,
            signals,
        }
    }

    /// The plaintext for a saved card.
    pub fn saved(
        card_id: String,
        cvc: Zeroizing<String>,
        browser: BrowserData,
        signals: Signals,
    ) -> Self {
        Self {
            v: VERSION,
            card: None,
            card_id: Some(card_id),
            cvc: Some(cvc),
            browser,
            signals,
        }
    }

    /// Reads an opened plaintext.
    ///
    /// # Errors
    /// [`EnvelopeError::Plaintext`] when it is not of the one length, or not of this schema.
    pub fn parse(plaintext: &[u8]) -> Result<Self, EnvelopeError> {
        let mut reader = serde_json::Deserializer::from_slice(unpad(plaintext)?);
        let card: Self = object(&mut reader).map_err(|_| EnvelopeError::Plaintext)?;
        reader.end().map_err(|_| EnvelopeError::Plaintext)?;
        card.is_well_formed()
            .then_some(card)
            .ok_or(EnvelopeError::Plaintext)
    }

    /// The padded JSON, with as many signals as fit.
    pub(super) fn to_padded(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if !self.is_well_formed() {
            return Err(SealError::Plaintext);
        }
        pad(&self.to_json(PLAINTEXT_LEN)?)
    }

    /// The JSON in at most `limit` bytes: signals are left out in the order of
    /// [`SignalName::DROP_ORDER`] until it fits.
    ///
    /// While it grows, it moves, and leaves copies behind. Customers' cards are sealed in the
    /// browser's module alone, whose allocator wipes what it frees; without `std`, which would double
    /// what that module weighs, there is no way to write into a buffer of one's own.
    fn to_json(&self, limit: usize) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut signals = self.signals.clone();
        let mut drop_order = SignalName::DROP_ORDER.into_iter();
        loop {
            let json = serde_json::to_vec(&self.written(&signals));
            let json = Zeroizing::new(json.map_err(|_| SealError::Plaintext)?);
            if json.len() <= limit {
                return Ok(json);
            }
            let next = drop_order.find(|&name| signals.remove(name));
            next.ok_or(SealError::Plaintext)?;
        }
    }

    fn written<'a>(&'a self, signals: &'a Signals) -> Written<'a> {
        Written {
            v: self.v,
            card: self.card.as_ref(),
            card_id: self.card_id.as_ref(),
            cvc: self.cvc.as_ref(),
            browser: &self.browser,
            signals,
        }
    }

    fn is_well_formed(&self) -> bool {
        let one_card = match (&self.card, &self.card_id, &self.cvc) {
            (Some(card), None, None) => is_bounded_card(card),
            (None, Some(id), Some(cvc)) => is_card_id(id) && matches!(cvc.len(), 3 | 4),
            _ => false,
        };
        self.v == VERSION && one_card && self.browser.is_bounded()
    }
}

impl fmt::Debug for SealedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedCard(redacted)")
    }
}

fn is_bounded_card(card: &CardFields) -> bool {
    let optional = [&card.cvc, &card.name, &card.postal_code]
        .into_iter()
        .flatten();
    core::iter::once(&card.number)
        .chain(optional)
        .all(|text| text.len() <= MAX_FIELD_LEN)
}

fn is_card_id(text: &str) -> bool {
    text.starts_with("card_")
        && text.len() <= MAX_CARD_ID_LEN
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        card::{CardholderName, PostalCode},
        signal::{Outcome, Reading},
    };

    /// The longest card and browser data that are accepted: in JSON a quote takes two bytes, any
    /// other character at most four.
    fn longest() -> SealedCard {
        let text = |text: String| Zeroizing::new(text);
        let quotes = || "\"".repeat(1000);
        let card = CardFields {
            number: text("6205500000000000004".into()),
            exp_month: 12,
            exp_year: 2046,
            cvc: Some(text("1234".into())),
            name: Some(text("\u{20000}".repeat(CardholderName::MAX_CHARS))),
            postal_code: Some(text("W".repeat(PostalCode::MAX_CHARS))),
            network: Some(crate::card::Brand::Mastercard),
        };
        let browser = BrowserData {
            accept_language: quotes(),
            color_depth: u8::MAX,
            java_enabled: false,
            javascript_enabled: false,
            language: quotes(),
            screen_height: u32::MAX,
            screen_width: u32::MAX,
            tz_offset_min: i16::MIN,
            user_agent: quotes(),
        };
        let mut signals = Signals::new();
        for name in SignalName::ALL {
            assert!(signals.insert(name, Reading::new(Outcome::Unstable, u32::MAX)));
        }
        SealedCard::new(card, browser.bounded(), signals)
    }

    fn names(json: &[u8]) -> Vec<SignalName> {
        let card: SealedCard = serde_json::from_slice(json).unwrap();
        card.signals.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn the_longest_card_fits_before_any_signal() {
        let mut bare = longest();
        bare.signals = Signals::new();
        assert!(bare.is_well_formed());
        let json = bare.to_json(PLAINTEXT_LEN).unwrap();
        assert!(json.len() <= PLAINTEXT_LEN * 3 / 5, "{} bytes", json.len());
    }

    #[test]
    fn signals_are_left_out_in_the_documented_order_until_it_fits() {
        let card = longest();
        let mut kept: Vec<SignalName> = SignalName::DROP_ORDER.to_vec();
        let mut limit = card.to_json(usize::MAX).unwrap().len();
        loop {
            let json = card.to_json(limit).unwrap();
            assert!(json.len() <= limit);
            let mut sorted = kept.clone();
            sorted.sort_unstable();
            assert_eq!(names(&json), sorted);
            // One byte less than it needs costs exactly the next signal.
            limit = json.len() - 1;
            if kept.is_empty() {
                break;
            }
            kept.remove(0);
        }
        assert_eq!(card.to_json(limit).unwrap_err(), SealError::Plaintext);
    }

    #[test]
    fn a_signal_that_is_absent_costs_no_other() {
        let mut card = longest();
        let full = card.to_json(usize::MAX).unwrap().len();
        assert!(card.signals.remove(SignalName::DROP_ORDER[0]));
        let json = card.to_json(full - 1).unwrap();
        assert_eq!(names(&json).len(), SignalName::ALL.len() - 1);
    }

    #[test]
    fn what_is_bounded_but_too_long_is_refused() {
        let mut card = longest();
        let fields = card.card.as_mut().unwrap();
        let worst = Zeroizing::new("\0".repeat(MAX_FIELD_LEN));
        fields.number = worst.clone();
        fields.cvc = Some(worst.clone());
        fields.name = Some(worst.clone());
        fields.postal_code = Some(worst);
        assert!(card.is_well_formed());
        assert_eq!(card.to_padded().unwrap_err(), SealError::Plaintext);
    }
}
