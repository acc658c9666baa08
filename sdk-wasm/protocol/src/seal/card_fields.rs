//! The card inside a plaintext, before and after validation.

use alloc::string::{String, ToString};
use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    ErrorCode,
    card::{
        Brand, CardholderName, Cvc, CvcError, Expiry, ExpiryError, NameError, Pan, PanError,
        PostalCode, PostalCodeError,
    },
};

/// `card` of a plaintext as it crosses the wire.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CardFields {
    /// PAN, digits only.
    pub number: Zeroizing<String>,
    /// Month of expiry, 1 to 12.
    pub exp_month: u8,
    /// Year of expiry, four digits.
    pub exp_year: u16,
    /// CVC, digits only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvc: Option<Zeroizing<String>>,
    /// Cardholder's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Zeroizing<String>>,
    /// Postal code of the billing address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Zeroizing<String>>,
    /// The network that the customer chose for a co-branded card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Brand>,
}

/// A card whose every part has been checked.
#[derive(Debug)]
pub struct ValidCard {
    /// The number.
    pub pan: Pan,
    /// The expiry, not past.
    pub expiry: Expiry,
    /// The security code, of the brand's length.
    pub cvc: Option<Cvc>,
    /// The cardholder's name.
    pub name: Option<CardholderName>,
    /// The postal code.
    pub postal_code: Option<PostalCode>,
    /// A network that carries the number.
    pub network: Option<Brand>,
}

impl CardFields {
    /// Checks every part, at the given month.
    ///
    /// # Errors
    /// The code of the first part that is not valid, in the order of the form.
    pub fn validate(&self, now_year: u16, now_month: u8) -> Result<ValidCard, ErrorCode> {
        let pan = Pan::parse(&self.number).map_err(PanError::code)?;
        let expiry = Expiry::new(self.exp_month, self.exp_year).map_err(ExpiryError::code)?;
        expiry
            .check(now_year, now_month)
            .map_err(ExpiryError::code)?;
        let cvc = parse(self.cvc.as_ref(), |text| {
            Cvc::parse(text, pan.brand()).map_err(CvcError::code)
        })?;
        let name = parse(self.name.as_ref(), |text| {
            CardholderName::parse(text).map_err(NameError::code)
        })?;
        let postal_code = parse(self.postal_code.as_ref(), |text| {
            PostalCode::parse(text).map_err(PostalCodeError::code)
        })?;
        if self.network.is_some_and(|network| !pan.belongs_to(network)) {
            return Err(ErrorCode::CardBrandUnknown);
        }
        Ok(ValidCard {
            pan,
            expiry,
            cvc,
            name,
            postal_code,
            network: self.network,
        })
    }
}

impl From<&ValidCard> for CardFields {
    fn from(card: &ValidCard) -> Self {
        let secret = |text: &str| Zeroizing::new(text.to_string());
        Self {
            number: secret(card.pan.digits()),
            exp_month: card.expiry.month(),
            exp_year: card.expiry.year(),
            cvc: card.cvc.as_ref().map(|cvc| secret(cvc.digits())),
            name: card.name.as_ref().map(|name| secret(name.as_str())),
            postal_code: card.postal_code.as_ref().map(|code| secret(code.as_str())),
            network: card.network,
        }
    }
}

impl fmt::Debug for CardFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardFields(redacted)")
    }
}

fn parse<T>(
    text: Option<&Zeroizing<String>>,
    parse: impl FnOnce(&str) -> Result<T, ErrorCode>,
) -> Result<Option<T>, ErrorCode> {
    text.map(|text| parse(text)).transpose()
}
