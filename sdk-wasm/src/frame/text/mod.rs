//! What the form says, in each language.

mod ar;
mod de;
mod en;
mod es;
mod fr;

use waxseal_protocol::ErrorCode;

use super::field::Field;

/// The texts of one language.
#[derive(Debug)]
pub struct Texts {
    /// BCP 47 language tag.
    pub lang: &'static str,
    /// Whether the language is written from right to left.
    pub is_rtl: bool,
    /// Label of each field, in the order of [`Field::ALL`].
    labels: [&'static str; 5],
    /// Behind the label of a field that may stay empty.
    pub optional: &'static str,
    /// Where to find a security code of three digits, and one of four.
    pub cvc_hint: [&'static str; 2],
    /// Below the fields: what happens to the card.
    pub assurance: &'static str,
    /// In place of the form when it cannot be shown.
    pub unavailable: &'static str,
    brand_not_accepted: &'static str,
    brand_unknown: &'static str,
    cvc_invalid: &'static str,
    expired: &'static str,
    expiry_invalid: &'static str,
    name_invalid: &'static str,
    number_incomplete: &'static str,
    number_invalid: &'static str,
    offline: &'static str,
    outdated: &'static str,
    postal_code_invalid: &'static str,
    session_changed: &'static str,
    test_card: &'static str,
    other: &'static str,
}

/// Every language; the first is what is shown when no other fits.
const ALL: [&Texts; 5] = [&en::TEXTS, &ar::TEXTS, &de::TEXTS, &es::TEXTS, &fr::TEXTS];

/// The texts for the first of these language tags that there are texts for.
pub fn texts_for<'a>(tags: impl IntoIterator<Item = &'a str>) -> &'static Texts {
    let known = |tag: &str| {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        ALL.into_iter()
            .find(|texts| texts.lang.eq_ignore_ascii_case(primary))
    };
    tags.into_iter().find_map(known).unwrap_or(ALL[0])
}

impl Texts {
    /// The label of a field.
    pub const fn label(&self, field: Field) -> &'static str {
        self.labels[field as usize]
    }

    /// What to tell a customer about an error.
    pub const fn message(&self, code: ErrorCode) -> &'static str {
        match code {
            ErrorCode::CardBrandNotAccepted => self.brand_not_accepted,
            ErrorCode::CardBrandUnknown => self.brand_unknown,
            ErrorCode::CardExpired => self.expired,
            ErrorCode::CardNumberIncomplete => self.number_incomplete,
            ErrorCode::CardNumberInvalid => self.number_invalid,
            ErrorCode::ClientTokenExpired | ErrorCode::SessionExpired => self.outdated,
            ErrorCode::CvcInvalid => self.cvc_invalid,
            ErrorCode::ExpiryInvalid => self.expiry_invalid,
            ErrorCode::NameInvalid => self.name_invalid,
            ErrorCode::NetworkError
            | ErrorCode::RateLimited
            | ErrorCode::RequestTimeout
            | ErrorCode::Unavailable => self.offline,
            ErrorCode::PostalCodeInvalid => self.postal_code_invalid,
            ErrorCode::SessionChanged => self.session_changed,
            ErrorCode::TestCardInLiveMode => self.test_card,
            _ => self.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_is_taken() {
        for (tags, lang) in [
            (&["de-AT"][..], "de"),
            (&["AR"], "ar"),
            (&["ja", "fr_CA", "en"], "fr"),
            (&["ja"], "en"),
            (&[""], "en"),
            (&[], "en"),
        ] {
            assert_eq!(texts_for(tags.iter().copied()).lang, lang, "{tags:?}");
        }
        assert!(texts_for(["ar-EG"]).is_rtl && !texts_for(["en"]).is_rtl);
    }

    #[test]
    fn every_language_says_everything_in_its_own_words() {
        for texts in &ALL[1..] {
            for code in ErrorCode::ALL {
                assert!(!texts.message(*code).is_empty());
                assert_ne!(
                    texts.message(*code),
                    ALL[0].message(*code),
                    "{} {code:?}",
                    texts.lang
                );
            }
            for field in Field::ALL {
                assert!(!texts.label(field).is_empty());
            }
        }
    }
}
