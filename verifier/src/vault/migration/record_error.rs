//! Why a record is refused.

use waxseal_protocol::ErrorCode;

/// One reason for each record; none holds anything of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RecordError {
    /// Of another batch than the file's first record.
    BatchMismatch,
    /// A part of the card is not valid.
    Card(ErrorCode),
    /// The card that is stored under this number cannot be read.
    CardDamaged,
    /// A customer of another form than a [`super::Reference`].
    CustomerInvalid,
    /// Sealed to a key that this vault does not have, or that was revoked.
    KeyUnknown,
    /// Its number is not that of its line: a record is missing, doubled or moved.
    LineMismatch,
    /// No JWE of this form.
    Malformed,
    /// Sealed for another merchant.
    MerchantMismatch,
    /// It does not open: something was changed.
    NotAuthentic,
    /// It opened, but not to what the schema says.
    Plaintext,
    /// A reference of another form than [`super::Reference`].
    ReferenceInvalid,
    /// A reference that reads as a card number.
    ReferenceIsNumber,
    /// The merchant has too many tokens of the same last digits.
    TokenSpaceFull,
}

impl RecordError {
    /// The stable code for the token map.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BatchMismatch => "batch_mismatch",
            Self::Card(code) => code.as_str(),
            Self::CardDamaged => "card_damaged",
            Self::CustomerInvalid => "customer_invalid",
            Self::KeyUnknown => "key_unknown",
            Self::LineMismatch => "line_mismatch",
            Self::Malformed => "record_malformed",
            Self::MerchantMismatch => "merchant_mismatch",
            Self::NotAuthentic => "record_not_authentic",
            Self::Plaintext => "plaintext_invalid",
            Self::ReferenceInvalid => "reference_invalid",
            Self::ReferenceIsNumber => "reference_is_number",
            Self::TokenSpaceFull => "token_space_full",
        }
    }
}

impl std::fmt::Display for RecordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for RecordError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_description() {
        let description = include_str!("../../../MIGRATION.md");
        for error in [
            RecordError::BatchMismatch,
            RecordError::Card(ErrorCode::CardBrandUnknown),
            RecordError::Card(ErrorCode::CardNumberIncomplete),
            RecordError::Card(ErrorCode::CardNumberInvalid),
            RecordError::Card(ErrorCode::ExpiryInvalid),
            RecordError::Card(ErrorCode::NameInvalid),
            RecordError::Card(ErrorCode::PostalCodeInvalid),
            RecordError::Card(ErrorCode::TestCardInLiveMode),
            RecordError::CardDamaged,
            RecordError::CustomerInvalid,
            RecordError::KeyUnknown,
            RecordError::LineMismatch,
            RecordError::Malformed,
            RecordError::MerchantMismatch,
            RecordError::NotAuthentic,
            RecordError::Plaintext,
            RecordError::ReferenceInvalid,
            RecordError::ReferenceIsNumber,
            RecordError::TokenSpaceFull,
        ] {
            let code = format!("`{error}`");
            assert!(description.contains(&code), "{code}");
        }
    }
}
