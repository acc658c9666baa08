//! The fields of the form.

/// A field of the form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Field {
    /// The card number.
    Number,
    /// The expiry date.
    Expiry,
    /// The security code.
    Cvc,
    /// The cardholder's name.
    Name,
    /// The postal code of the billing address.
    PostalCode,
}

impl Field {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 5] = [
        Self::Number,
        Self::Expiry,
        Self::Cvc,
        Self::Name,
        Self::PostalCode,
    ];

    /// The field's name: in messages, and the `id` of its input element.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::Cvc => "cvc",
            Self::Name => "name",
            Self::PostalCode => "postal_code",
        }
    }

    /// The field with that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    /// The field below this one.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }

    /// Whether a card without it cannot be submitted. Many countries have no postal codes.
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::PostalCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_order_is_the_forms() {
        for field in Field::ALL {
            assert_eq!(Field::parse(field.as_str()), Some(field));
        }
        assert_eq!(Field::parse("Number"), None);
        assert_eq!(Field::Number.next(), Some(Field::Expiry));
        assert_eq!(Field::PostalCode.next(), None);
    }
}
