//! Column `details_enc`: what belongs to the submission rather than to the card.

use serde::{Deserialize, Serialize, Serializer};
use waxseal_protocol::seal::ValidCard;
use zeroize::Zeroizing;

/// Expiry, and what the customer typed besides. Written without names, as it is of every submission.
#[derive(Deserialize)]
#[serde(from = "Stored")]
pub(super) struct Details {
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) name: Option<Zeroizing<String>>,
    pub(super) postal_code: Option<Zeroizing<String>>,
}

/// Both forms that are stored.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Array(
        u8,
        u16,
        Option<Zeroizing<String>>,
        Option<Zeroizing<String>>,
    ),
    Object(Named),
}

/// As the first version wrote it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    exp_month: u8,
    exp_year: u16,
    name: Option<Zeroizing<String>>,
    postal_code: Option<Zeroizing<String>>,
}

impl From<&ValidCard> for Details {
    fn from(valid: &ValidCard) -> Self {
        Self {
            exp_month: valid.expiry.month(),
            exp_year: valid.expiry.year(),
            // EXPOSE: into their encrypted column.
            name: valid
                .name
                .as_ref()
                .map(|name| Zeroizing::new(name.as_str().to_owned())),
            postal_code: valid
                .postal_code
                .as_ref()
                .map(|code| Zeroizing::new(code.as_str().to_owned())),
        }
    }
}

impl From<Stored> for Details {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Array(exp_month, exp_year, name, postal_code)
            | Stored::Object(Named {
                exp_month,
                exp_year,
                name,
                postal_code,
            }) => Self {
                exp_month,
                exp_year,
                name,
                postal_code,
            },
        }
    }
}

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, postal_code) = (&self.name, &self.postal_code);
        (self.exp_month, self.exp_year, name, postal_code).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_for_ever() {
        let array = r#"[7,2031,"A B",null]"#;
        let first = r#"{"exp_month":7,"exp_year":2031,"name":"A B","postal_code":null}"#;
        for stored in [array, first] {
            let read: Details = serde_json::from_str(stored).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), array);
        }
        for other in ["[7,2031]", "[7,2031,null,null,1]", r#"{"exp_month":7}"#] {
            assert!(serde_json::from_str::<Details>(other).is_err(), "{other}");
        }
    }
}
