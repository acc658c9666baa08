//! The countries whose clocks a time zone tells, by IANA's names as browsers give them.
//!
//! The table is made by `verifier/data/make_time_zones.py`, which documents its format.

use std::{collections::HashMap, sync::LazyLock};

use super::country::CountryCode;

/// The countries of a zone. `None` for one that is no country's, such as `UTC`, which browsers give that tell nobody
/// where they are, and for a name that is none.
pub fn countries(zone: &str) -> Option<&'static [CountryCode]> {
    static BY_NAME: LazyLock<HashMap<&str, Vec<CountryCode>>> = LazyLock::new(|| {
        let table = include_str!("../../data/time_zones.txt").lines();
        table.filter_map(parse_line).collect()
    });
    BY_NAME.get(zone).map(Vec::as_slice)
}

fn parse_line(line: &str) -> Option<(&str, Vec<CountryCode>)> {
    let (zone, codes) = line.split_once(' ')?;
    let countries = codes.split(',').map(CountryCode::parse);
    Some((zone, countries.collect::<Result<_, _>>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let table = include_str!("../../data/time_zones.txt");
        assert!(table.lines().count() > 500);
        for line in table.lines() {
            assert!(parse_line(line).is_some(), "{line}");
        }
    }

    #[test]
    fn zones_have_the_countries_that_keep_their_time() {
        let found = |zone| {
            let countries = countries(zone)?.iter().map(|country| country.as_str());
            Some(countries.collect::<Vec<_>>().join(","))
        };
        for (zone, wanted) in [
            ("Europe/Amsterdam", Some("NL")),
            ("Europe/Brussels", Some("BE,LU,NL")),
            ("Asia/Calcutta", Some("IN")),
            ("Asia/Kolkata", Some("IN")),
            ("US/Eastern", Some("US")),
            ("America/Sao_Paulo", Some("BR")),
            ("UTC", None),
            ("Etc/GMT+3", None),
            ("Europe/Atlantis", None),
            ("europe/berlin", None),
            ("", None),
        ] {
            assert_eq!(found(zone).as_deref(), wanted, "{zone}");
        }
    }
}
