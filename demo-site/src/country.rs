//! Where the shop ships to, and what that costs.

use serde::{Deserialize, Serialize};

use crate::money::Cents;

/// A country the shop ships to, as its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Country(&'static Destination);

/// A row of the shipping table.
#[derive(Debug, Eq, PartialEq)]
pub struct Destination {
    code: &'static str,
    name: &'static str,
    zone: Zone,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Zone {
    Abroad,
    Domestic,
}

impl Country {
    /// The country with this code, if the shop ships there.
    pub fn parse(code: &str) -> Option<Self> {
        DESTINATIONS
            .iter()
            .find(|destination| destination.code == code)
            .map(Self)
    }

    /// Every country the shop ships to, in the order of their names.
    pub fn all() -> impl Iterator<Item = Self> {
        DESTINATIONS.iter().map(Self)
    }

    /// ISO 3166-1 alpha-2 code.
    pub const fn code(self) -> &'static str {
        self.0.code
    }

    /// English name.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What shipping goods worth `subtotal` there costs.
    pub fn shipping(self, subtotal: Cents) -> Cents {
        match self.0.zone {
            _ if subtotal == Cents::ZERO => Cents::ZERO,
            Zone::Domestic if subtotal >= FREE_DOMESTIC_FROM => Cents::ZERO,
            Zone::Domestic => Cents::new(6_00),
            Zone::Abroad => Cents::new(18_00),
        }
    }
}

/// Domestic orders from this amount on ship free.
pub const FREE_DOMESTIC_FROM: Cents = Cents::new(75_00);

impl Default for Country {
    fn default() -> Self {
        Self(&HOME)
    }
}

impl From<Country> for &'static str {
    fn from(country: Country) -> Self {
        country.code()
    }
}

impl TryFrom<String> for Country {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code).ok_or("not a country this shop ships to")
    }
}

const fn abroad(code: &'static str, name: &'static str) -> Destination {
    Destination {
        code,
        name,
        zone: Zone::Abroad,
    }
}

const HOME: Destination = Destination {
    code: "US",
    name: "United States",
    zone: Zone::Domestic,
};

static DESTINATIONS: [Destination; 45] = [
    abroad("AR", "Argentina"),
    abroad("AU", "Australia"),
    abroad("AT", "Austria"),
    abroad("BE", "Belgium"),
    abroad("BR", "Brazil"),
    abroad("CA", "Canada"),
    abroad("CL", "Chile"),
    abroad("CN", "China"),
    abroad("CO", "Colombia"),
    abroad("HR", "Croatia"),
    abroad("CZ", "Czechia"),
    abroad("DK", "Denmark"),
    abroad("EE", "Estonia"),
    abroad("FI", "Finland"),
    abroad("FR", "France"),
    abroad("DE", "Germany"),
    abroad("GR", "Greece"),
    abroad("HK", "Hong Kong"),
    abroad("HU", "Hungary"),
    abroad("IN", "India"),
    abroad("IE", "Ireland"),
    abroad("IT", "Italy"),
    abroad("JP", "Japan"),
    abroad("LV", "Latvia"),
    abroad("LT", "Lithuania"),
    abroad("LU", "Luxembourg"),
    abroad("MX", "Mexico"),
    abroad("NL", "Netherlands"),
    abroad("NZ", "New Zealand"),
    abroad("NO", "Norway"),
    abroad("PL", "Poland"),
    abroad("PT", "Portugal"),
    abroad("RO", "Romania"),
    abroad("SG", "Singapore"),
    abroad("SK", "Slovakia"),
    abroad("SI", "Slovenia"),
    abroad("ZA", "South Africa"),
    abroad("KR", "South Korea"),
    abroad("ES", "Spain"),
    abroad("SE", "Sweden"),
    abroad("CH", "Switzerland"),
    abroad("TW", "Taiwan"),
    abroad("TR", "Türkiye"),
    abroad("GB", "United Kingdom"),
    HOME,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipping_depends_on_the_zone_and_the_subtotal() {
        let germany = Country::parse("DE").unwrap();
        let home = Country::default();
        for (country, subtotal, shipping) in [
            (home, 0, 0),
            (home, 1, 6_00),
            (home, 74_99, 6_00),
            (home, 75_00, 0),
            (germany, 0, 0),
            (germany, 75_00, 18_00),
        ] {
            assert_eq!(
                country.shipping(Cents::new(subtotal)),
                Cents::new(shipping),
                "{subtotal}"
            );
        }
    }

    #[test]
    fn codes_are_unique_and_names_sorted() {
        let codes: Vec<_> = Country::all().map(Country::code).collect();
        for (index, country) in Country::all().enumerate() {
            assert_eq!(country.code().len(), 2);
            assert!(
                !codes[index + 1..].contains(&country.code()),
                "{}",
                country.code()
            );
        }
        let names: Vec<_> = Country::all().map(Country::name).collect();
        assert!(names.is_sorted_by_key(|name| name.replace('ü', "u")));
    }

    #[test]
    fn only_listed_codes_are_read() {
        assert_eq!(
            serde_json::from_str::<Country>("\"DE\"").unwrap().name(),
            "Germany"
        );
        assert_eq!(
            serde_json::to_string(&Country::default()).unwrap(),
            "\"US\""
        );
        for bad in ["\"XX\"", "\"de\"", "\"\"", "null"] {
            assert!(serde_json::from_str::<Country>(bad).is_err(), "{bad}");
        }
    }
}
