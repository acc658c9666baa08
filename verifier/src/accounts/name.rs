//! Names that people read.

use serde::{Deserialize, Serialize};

use crate::stray::holds_stray;

const MAX_CHARS: usize = 100;

/// 1 to 100 characters, without control characters, and without white space at either end, and with no card
/// number or secret in it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(
    value_type = String,
    pattern = r"^[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]{0,98}[^\s\x00-\x1f\x7f-\x9f])?$"
)]
pub struct Name(String);

impl Name {
    /// From text of that form.
    pub fn parse(text: String) -> Option<Self> {
        let fits = (1..=MAX_CHARS).contains(&text.chars().count())
            && text.trim() == text
            && !text.chars().any(char::is_control)
            && !holds_stray(&text);
        fits.then_some(Self(text))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text).ok_or("1 to 100 characters, none of them a control character")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for good in ["A", "Käse & Söhne", &"ä".repeat(MAX_CHARS)] {
            assert!(Name::parse(good.to_owned()).is_some(), "{good}");
        }
        for bad in [
            "",
            " ",
            " A",
            "A ",
            "A\nB",
            "A\u{7f}",
            &"a".repeat(MAX_CHARS + 1),
        ] {
            assert!(Name::parse(bad.to_owned()).is_none(), "{bad:?}");
        }
    }
}
