//! What one record holds: a card, what belongs to it, and what the other vault calls it.

use serde::{Deserialize, Serialize};
use waxseal_protocol::{
    card::{
        CardholderName, Expiry, ExpiryError, NameError, Pan, PanError, PostalCode, PostalCodeError,
    },
    object::object,
};
use zeroize::Zeroizing;

use super::{RECORD_LEN, RecordError, Reference};
use crate::lengths::TAG_LEN;

/// A card that moves, every part checked.
#[derive(Debug)]
pub struct MigratedCard {
    /// The number.
    pub pan: Pan,
    /// What the vault that it comes from calls it.
    pub reference: Reference,
    /// What that vault keeps beside the number.
    pub details: Details,
}

/// What may come with a card. An expiry may be past: the card is on file, not in a form.
#[derive(Debug, Default)]
pub struct Details {
    /// The expiry.
    pub expiry: Option<Expiry>,
    /// The cardholder's name.
    pub name: Option<CardholderName>,
    /// The postal code.
    pub postal_code: Option<PostalCode>,
    /// What the vault calls the customer.
    pub customer: Option<Reference>,
}

/// A record as JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    number: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp_month: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp_year: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postal_code: Option<Zeroizing<String>>,
    reference: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<Zeroizing<String>>,
}

impl MigratedCard {
    /// Reads a record's JSON. What is refused may still have a reference to be named by.
    ///
    /// # Errors
    /// The first part that is not valid.
    pub fn parse(json: &[u8]) -> Result<Self, (RecordError, Option<Reference>)> {
        let written = read(json).map_err(|error| (error, None))?;
        let reference = Reference::parse(&written.reference).map_err(|error| (error, None))?;
        let (pan, details) = check(&written).map_err(|error| (error, Some(reference.clone())))?;
        if reference.holds(&pan) {
            return Err((RecordError::ReferenceIsNumber, None));
        }
        Ok(Self {
            pan,
            reference,
            details,
        })
    }

    /// The JSON and spaces, [`RECORD_LEN`] bytes in all, with room for the tag so that it need not move.
    /// Nothing when it is longer, which no card is.
    pub(super) fn to_padded(&self) -> Option<Zeroizing<Vec<u8>>> {
        // EXPOSE: what is sealed next.
        let secret = |text: &str| Zeroizing::new(text.to_owned());
        let Details {
            expiry,
            name,
            postal_code,
            customer,
        } = &self.details;
        let written = Written {
            number: secret(self.pan.digits()),
            exp_month: expiry.as_ref().map(Expiry::month),
            exp_year: expiry.as_ref().map(Expiry::year),
            name: name.as_ref().map(|name| secret(name.as_str())),
            postal_code: postal_code.as_ref().map(|code| secret(code.as_str())),
            reference: secret(self.reference.as_str()),
            customer: customer.as_ref().map(|customer| secret(customer.as_str())),
        };
        let json = Zeroizing::new(serde_json::to_vec(&written).ok()?);
        let mut padded = Zeroizing::new(Vec::with_capacity(RECORD_LEN + TAG_LEN));
        padded.extend_from_slice(&json);
        padded.resize(RECORD_LEN, b' ');
        (json.len() <= RECORD_LEN).then_some(padded)
    }
}

fn read(json: &[u8]) -> Result<Written, RecordError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let written: Written = object(&mut reader).map_err(|_| RecordError::Plaintext)?;
    reader.end().map_err(|_| RecordError::Plaintext)?;
    Ok(written)
}

fn check(written: &Written) -> Result<(Pan, Details), RecordError> {
    let pan = Pan::parse(&written.number).map_err(PanError::code);
    let pan = pan.map_err(RecordError::Card)?;
    let expiry = match (written.exp_month, written.exp_year) {
        (Some(month), Some(year)) => {
            let expiry = Expiry::new(month, year).map_err(ExpiryError::code);
            Some(expiry.map_err(RecordError::Card)?)
        }
        (None, None) => None,
        _ => return Err(RecordError::Plaintext),
    };
    let name = written.name.as_ref().map(|text| {
        let name = CardholderName::parse(text).map_err(NameError::code);
        name.map_err(RecordError::Card)
    });
    let postal_code = written.postal_code.as_ref().map(|text| {
        let code = PostalCode::parse(text).map_err(PostalCodeError::code);
        code.map_err(RecordError::Card)
    });
    let customer = written.customer.as_ref().map(|text| {
        let customer = Reference::parse(text).ok();
        let customer = customer.filter(|customer| !customer.holds(&pan));
        customer.ok_or(RecordError::CustomerInvalid)
    });
    let details = Details {
        expiry,
        name: name.transpose()?,
        postal_code: postal_code.transpose()?,
        customer: customer.transpose()?,
    };
    Ok((pan, details))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn full() -> Value {
        json!({
            "number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "name": "Jane Roe",
            "postal_code": "10115", "reference": "tok_1", "customer": "cus_1",
        })
    }

    fn parse(record: &Value) -> Result<MigratedCard, (RecordError, Option<Reference>)> {
        MigratedCard::parse(record.to_string().as_bytes())
    }

    fn refused(name: &str, value: Value) -> (&'static str, bool) {
        let mut record = full();
        record[name] = value;
        let (error, reference) = parse(&record).unwrap_err();
        (error.as_str(), reference.is_some())
    }

    #[test]
    fn what_is_written_is_read_again() {
        for record in [
            full(),
            json!({"number": "378282246310005", "reference": "r"}),
        ] {
            let padded = parse(&record).unwrap().to_padded().unwrap();
            assert_eq!(padded.len(), RECORD_LEN);
            let written: Value = serde_json::from_slice(&padded).unwrap();
            assert_eq!(written, record);
        }
    }

    #[test]
    fn the_longest_record_fits() {
        let quotes = "\"".repeat(Reference::MAX_LEN);
        let record = json!({
            "number": "6205500000000000004", "exp_month": 12, "exp_year": 2046,
            "name": "\u{20000}".repeat(CardholderName::MAX_CHARS),
            "postal_code": "W".repeat(PostalCode::MAX_CHARS), "reference": quotes, "customer": quotes,
        });
        assert!(parse(&record).unwrap().to_padded().is_some());
    }

    #[test]
    fn each_part_that_is_not_valid_is_named() {
        for (name, value, code, has_reference) in [
            (
                "number",
                json!("4242424242424241"),
                "card_number_invalid",
                true,
            ),
            ("number", json!("42424242"), "card_number_incomplete", true),
            (
                "number",
                json!(4_242_424_242_424_242_u64),
                "plaintext_invalid",
                false,
            ),
            ("exp_month", json!(13), "expiry_invalid", true),
            ("exp_month", Value::Null, "plaintext_invalid", true),
            ("name", json!("4242 4242 4242 4242"), "name_invalid", true),
            ("postal_code", json!("*"), "postal_code_invalid", true),
            ("reference", json!(""), "reference_invalid", false),
            (
                "reference",
                json!("5555555555554444"),
                "reference_is_number",
                false,
            ),
            (
                "reference",
                json!("old-4242424242424242"),
                "reference_is_number",
                false,
            ),
            (
                "customer",
                json!("4242424242424242"),
                "customer_invalid",
                true,
            ),
            (
                "customer",
                json!("c-4242424242424242"),
                "customer_invalid",
                true,
            ),
            ("cvc", json!("123"), "plaintext_invalid", false),
        ] {
            assert_eq!(refused(name, value), (code, has_reference), "{name}");
        }
        for text in ["", "[]", "{}", "{\"number\":\"4242424242424242\"}", "{} {}"] {
            let (error, _) = MigratedCard::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error, RecordError::Plaintext, "{text}");
        }
        let twice = r#"{"number":"4242424242424242","reference":"a","reference":"b"}"#;
        assert!(MigratedCard::parse(twice.as_bytes()).is_err());
    }

    #[test]
    fn a_past_expiry_moves_along() {
        let mut record = full();
        record["exp_year"] = json!(2015);
        assert!(parse(&record).is_ok());
    }

    #[test]
    fn debug_tells_nothing() {
        let shown = format!("{:?}", parse(&full()).unwrap());
        for secret in ["4242", "Jane", "10115", "tok_1", "cus_1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
