//! What is typed, what of it is right, and what of that may be said to whom.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use waxseal_protocol::{
    ErrorCode,
    card::{
        Brand, CardholderName, Cvc, CvcError, Expiry, ExpiryError, NameError, PAN_MAX_LEN,
        PAN_MIN_LEN, Pan, PostalCode, PostalCodeError, best_brand, detect, fold_digits, max_length,
    },
    seal::CardFields,
};
use zeroize::Zeroizing;

use super::{
    clock::Month,
    field::Field,
    mask::{has_full_year, is_settled},
};

/// The state of the form. What was typed is wiped from memory when it changes.
pub struct Form {
    values: [Zeroizing<String>; 5],
    /// Whose errors are shown: a person is not corrected while still typing.
    shown: [bool; 5],
    /// What the verifier said of a field, until it changes.
    refused: Option<(Field, ErrorCode)>,
    /// Whether the number is judged by its length alone until it is a whole card number. A page that
    /// empties the form at every key would else see each digit as a first one, and learn of each which
    /// brands begin so.
    is_reticent: bool,
    accepted: Vec<Brand>,
    now: Month,
}

/// What the merchant's page may know: never a digit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardState {
    /// The brand that the number belongs to so far.
    pub brand: Option<Brand>,
    /// Whether a submit would send the card.
    pub complete: bool,
    /// The errors shown, in the order of the fields.
    pub errors: Vec<ErrorCode>,
}

impl Form {
    /// An empty form that takes cards of the given brands in the given month.
    pub fn new(accepted: Vec<Brand>, now: Month) -> Self {
        Self {
            values: Default::default(),
            shown: [false; 5],
            refused: None,
            is_reticent: false,
            accepted,
            now,
        }
    }

    /// The session was read again: other brands may be accepted, a month may have passed.
    pub fn renew(&mut self, accepted: Vec<Brand>, now: Month) {
        self.accepted = accepted;
        self.now = now;
    }

    /// What the field holds.
    pub fn value(&self, field: Field) -> &str {
        &self.values[field as usize]
    }

    /// A field changed. Its error is hidden, unless no more typing can mend it.
    pub fn set(&mut self, field: Field, value: &str) {
        if self.value(field) == value {
            return;
        }
        self.values[field as usize] = Zeroizing::new(value.to_owned());
        self.shown[field as usize] = self.is_past_mending(field);
        if self.refused.is_some_and(|(refused, _)| refused == field) {
            self.refused = None;
        }
    }

    /// The person left a field: what is wrong with it is shown, if anything is in it. What a submit
    /// has shown stays: it moves the focus away from a field that may be empty.
    pub fn leave(&mut self, field: Field) {
        self.shown[field as usize] |= !self.value(field).is_empty();
    }

    /// Shows the errors of all fields.
    pub fn show_all(&mut self) {
        self.shown = [true; 5];
    }

    /// The verifier refused the card because of a field.
    pub fn refuse(&mut self, field: Field, code: ErrorCode) {
        self.refused = Some((field, code));
    }

    /// Empties all fields. In the midst of a number, that makes the form reticent about the next one.
    pub fn clear(&mut self) {
        let number = self.value(Field::Number);
        self.is_reticent |= !number.is_empty() && Pan::parse(number).is_err();
        self.values = Default::default();
        self.shown = [false; 5];
        self.refused = None;
    }

    /// The brand that the number belongs to so far.
    pub fn brand(&self) -> Option<Brand> {
        let number = self.value(Field::Number);
        match Pan::parse(number) {
            // A complete number may belong to another of several brands than its first digits.
            Ok(pan) => Some(pan.brand()),
            Err(_) if self.is_reticent => None,
            Err(_) => best_brand(&fold_digits(number)),
        }
    }

    /// The error to show at a field.
    pub fn error(&self, field: Field) -> Option<ErrorCode> {
        match self.refused {
            Some((refused, code)) if refused == field => Some(code),
            _ if self.shown[field as usize] => self.check(field).err(),
            _ => None,
        }
    }

    /// What the merchant's page may know.
    pub fn state(&self) -> CardState {
        CardState {
            brand: self
                .brand()
                .filter(|_| !self.value(Field::Number).is_empty()),
            complete: Field::ALL
                .into_iter()
                .all(|field| self.check(field).is_ok()),
            errors: Field::ALL
                .into_iter()
                .filter_map(|field| self.error(field))
                .collect(),
        }
    }

    /// Whether a field that is being typed is done, so that the focus may move on.
    pub fn is_done(&self, field: Field) -> bool {
        self.check(field).is_ok()
            && match field {
                Field::Number => self.number_is_full(),
                Field::Expiry => is_settled(self.value(field)),
                _ => false,
            }
    }

    /// The card to seal.
    ///
    /// # Errors
    /// The first field that is not right, and why.
    pub fn card(&self) -> Result<CardFields, (Field, ErrorCode)> {
        for field in Field::ALL {
            self.check(field).map_err(|code| (field, code))?;
        }
        let of = |field| move |code| (field, code);
        let pan = self.pan().map_err(of(Field::Number))?;
        let expiry = self.expiry().map_err(of(Field::Expiry))?;
        let text = |field| Zeroizing::new(self.value(field).trim().to_owned());
        let postal_code = Some(text(Field::PostalCode)).filter(|text| !text.is_empty());
        Ok(CardFields {
            number: Zeroizing::new(pan.digits().to_owned()),
            exp_month: expiry.month(),
            exp_year: expiry.year(),
            cvc: Some(text(Field::Cvc)),
            name: Some(text(Field::Name)),
            postal_code,
            network: self.network(&pan).filter(|network| *network != pan.brand()),
        })
    }

    fn check(&self, field: Field) -> Result<(), ErrorCode> {
        let value = self.value(field);
        if value.is_empty() && !field.is_required() {
            return Ok(());
        }
        match field {
            Field::Number => self.pan().map(drop),
            Field::Expiry => self.expiry().map(drop),
            Field::Cvc => self.check_cvc(),
            Field::Name => CardholderName::parse(value)
                .map(drop)
                .map_err(NameError::code),
            Field::PostalCode => PostalCode::parse(value)
                .map(drop)
                .map_err(PostalCodeError::code),
        }
    }

    fn pan(&self) -> Result<Pan, ErrorCode> {
        let number = self.value(Field::Number);
        let pan = Pan::parse(number).map_err(|error| {
            if !self.is_reticent {
                error.code()
            } else if fold_digits(number).len() < PAN_MIN_LEN {
                ErrorCode::CardNumberIncomplete
            } else {
                ErrorCode::CardNumberInvalid
            }
        })?;
        self.network(&pan).ok_or(ErrorCode::CardBrandNotAccepted)?;
        Ok(pan)
    }

    /// The accepted brand to charge the card over: its own, or another that it carries.
    fn network(&self, pan: &Pan) -> Option<Brand> {
        if self.accepted.contains(&pan.brand()) {
            return Some(pan.brand());
        }
        self.accepted
            .iter()
            .copied()
            .find(|brand| pan.belongs_to(*brand))
    }

    fn expiry(&self) -> Result<Expiry, ErrorCode> {
        let expiry = Expiry::parse(self.value(Field::Expiry)).map_err(ExpiryError::code)?;
        expiry
            .check(self.now.year, self.now.month)
            .map_err(ExpiryError::code)?;
        Ok(expiry)
    }

    fn check_cvc(&self) -> Result<(), ErrorCode> {
        // Without a brand, either length may be right.
        let lengths = self
            .brand()
            .map_or([Brand::Visa, Brand::Amex], |brand| [brand, brand]);
        let fits = |brand| Cvc::parse(self.value(Field::Cvc), brand).is_ok();
        if lengths.into_iter().any(fits) {
            Ok(())
        } else {
            Err(CvcError.code())
        }
    }

    fn is_past_mending(&self, field: Field) -> bool {
        match field {
            Field::Number => {
                let digits = fold_digits(self.value(field));
                if self.is_reticent {
                    return digits.len() >= PAN_MAX_LEN;
                }
                detect(&digits).is_empty() || digits.len() >= max_length(&digits)
            }
            Field::Expiry => has_full_year(self.value(field)),
            _ => false,
        }
    }

    /// Whether no more digits are to be expected. Visa's numbers of more than 16 digits are in the
    /// standard but in nobody's hands; those of other brands are, so there only the end counts.
    fn number_is_full(&self) -> bool {
        let digits = fold_digits(self.value(Field::Number));
        let usual = usize::from(Brand::Visa.spec().usual_length);
        digits.len() == max_length(&digits)
            || (digits.len() == usual && self.brand() == Some(Brand::Visa))
    }
}

#[cfg(test)]
mod tests;
