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
