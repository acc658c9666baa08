//! Countries by ISO 3166-1 alpha-2 code.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// An officially assigned ISO 3166-1 alpha-2 code, such as `DE`; on the wire a string of two
/// capitals.
///
/// User-assigned codes (`XK`, `ZZ`) and exceptional reservations (`EU`, `UK`) are refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CountryCode(&'static str);

impl CountryCode {
    /// Takes two capital letters.
    ///
    /// # Errors
    /// [`UnknownCountry`] when they are not on the official list.
    pub fn parse(text: &str) -> Result<Self, UnknownCountry> {
        match ALPHA_2.binary_search(&text) {
            Ok(index) => Ok(Self(ALPHA_2[index])),
            Err(_) => Err(UnknownCountry),
        }
    }

    /// The code: two capital letters.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl PartialSchema for CountryCode {
    fn schema() -> RefOr<Schema> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(ALPHA_2));
        schema.build().into()
    }
}

impl ToSchema for CountryCode {}

impl Serialize for CountryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// The text is not an officially assigned ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownCountry;

impl fmt::Display for UnknownCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ISO 3166-1 alpha-2 country code")
    }
}

impl std::error::Error for UnknownCountry {}

/// The officially assigned codes of ISO 3166-1, ascending.
const ALPHA_2: [&str; 249] = [
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ",
    "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS",
    "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN",
    "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE",
    "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF",
    "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM",
    "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM",
    "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC",
    "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA",
    "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG",
    "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW",
    "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS",
    "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO",
    "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
    "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_code_parses_and_the_list_is_sorted() {
        assert!(ALPHA_2.is_sorted_by(|a, b| a < b));
        for code in ALPHA_2 {
            assert!(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(CountryCode::parse(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn what_is_not_assigned_is_refused() {
        for text in [
            "", "D", "de", "De", "DEU", "DE ", " DE", "EU", "UK", "XK", "ZZ", "276", "Ä",
        ] {
            assert_eq!(CountryCode::parse(text), Err(UnknownCountry), "{text:?}");
        }
    }

    #[test]
    fn json_is_a_string_and_refuses_the_rest() {
        let country = CountryCode::parse("NL").unwrap();
        assert_eq!(serde_json::to_string(&country).unwrap(), "\"NL\"");
        assert_eq!(
            serde_json::from_str::<CountryCode>("\"\\u004eL\"").unwrap(),
            country
        );
        for json in ["\"nl\"", "\"XX\"", "null", "31", "[\"NL\"]"] {
            assert!(serde_json::from_str::<CountryCode>(json).is_err(), "{json}");
        }
    }
}
