//! Words that stand in most rows of a kind: a number is stored in the place of each.

use serde::{
    Deserialize, Serialize, Serializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

/// Names that the rules give. Rows hold their places in this list: new ones come at its end, and none is ever taken
/// away or moved.
const WORDS: &[&str] = &[
    "ip_block_list",
    "ip_blocked",
    "ip_not_blocked",
    "ip_country",
    "network",
    "velocity",
    "velocity_within_limit",
    "velocity_above_limit",
    "amount_without_rate",
    "limit_usd_micros",
    "sum_usd_micros_at_least",
    "window_s",
    "bin_country",
    "bin_country_matches",
    "bin_country_differs",
    "bin_country_unknown",
    "nothing_shipped",
    "shipping_country",
    "sdk_build",
    "sdk_build_known",
    "sdk_build_unknown",
    "unknown_signals",
    "allow",
    "review",
    "reject",
    "none",
    "flag",
    // Of releases behind the one with schema 12.
    "challenge",
    "rule_failed",
    "missing",
    "model",
    "model_scored",
    "contributions",
    "model.score",
    "model.version",
    "simulated",
];

/// Words that verifiers of the former release know. They work beside this one, so further ones are written as they are.
const WRITTEN_AS_PLACES: usize = 27;

/// A name: its place in the list where it is there, itself where it is not.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Stored")]
pub(super) struct Word(String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Place(usize),
    Text(String),
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0
    }
}

impl Word {
    /// The value that the word names.
    pub(super) fn named<T: DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::String(self.0))
    }
}

impl TryFrom<Stored> for Word {
    type Error = serde_json::Error;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        match stored {
            Stored::Place(place) => WORDS
                .get(place)
                .map(|word| Self((*word).to_owned()))
                .ok_or_else(|| serde_json::Error::custom("no such word")),
            Stored::Text(text) => Ok(Self(text)),
        }
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = &WORDS[..WRITTEN_AS_PLACES];
        match known.iter().position(|word| *word == self.0) {
            Some(place) => place.serialize(serializer),
            None => self.0.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back_whether_it_is_in_the_list_or_not() {
        for (text, stored) in [
            ("ip_block_list", "0"),
            ("unknown_signals", "21"),
            ("flag", "26"),
            ("challenge", "\"challenge\""),
            ("other", "\"other\""),
        ] {
            let word = Word(text.to_owned());
            assert_eq!(serde_json::to_string(&word).unwrap(), stored);
            let read: Word = serde_json::from_str(stored).unwrap();
            assert_eq!(String::from(read), text);
        }
        let read: Word = serde_json::from_str("27").unwrap();
        assert_eq!(String::from(read), "challenge");
        assert!(serde_json::from_str::<Word>("36").is_err());
        assert!(serde_json::from_str::<Word>("-1").is_err());
    }
}
