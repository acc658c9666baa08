//! Where networks are, from a list of one's own: for addresses that no public table knows.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    path::Path,
};

use ipnet::IpNet;

use super::{country::CountryCode, geo::Located};

/// Networks with their places; the longest one that holds an address says where it is.
#[derive(Default)]
pub struct Networks {
    by_network: HashMap<IpNet, Located>,
    prefix_lengths: BTreeSet<u8>,
}

impl Networks {
    /// Reads the file at `path`: a line each `CIDR,COUNTRY` or `CIDR,COUNTRY,LATITUDE,LONGITUDE` (degrees, north
    /// and east positive); empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// When it is missing, or a line says something else.
    pub fn open(path: &Path) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!("geo.networks_file {}: {error}", path.display())
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
        Self::parse(&text).map_err(|line| {
            failed(&format!(
                "line {line}: give CIDR,COUNTRY or CIDR,COUNTRY,LATITUDE,LONGITUDE"
            ))
        })
    }

    /// # Errors
    /// The number of the first line that is none.
    fn parse(text: &str) -> Result<Self, usize> {
        let mut networks = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (network, located) = parse_line(line).ok_or(index + 1)?;
            networks.prefix_lengths.insert(network.prefix_len());
            networks.by_network.insert(network, located);
        }
        Ok(networks)
    }

    /// Where an address is.
    pub fn lookup(&self, ip: IpAddr) -> Option<Located> {
        let mut lengths = self.prefix_lengths.iter().rev();
        lengths.find_map(|length| {
            let network = IpNet::new(ip, *length).ok()?.trunc();
            self.by_network.get(&network).copied()
        })
    }
}

fn parse_line(line: &str) -> Option<(IpNet, Located)> {
    let mut fields = line.split(',').map(str::trim);
    let network: IpNet = fields.next()?.parse().ok()?;
    let country = CountryCode::parse(fields.next()?).ok()?;
    let place = match (fields.next(), fields.next(), fields.next()) {
        (None, _, _) => None,
        (Some(latitude), Some(longitude), None) => {
            Some(degrees(latitude, 90.0).zip(degrees(longitude, 180.0))?)
        }
        _ => return None,
    };
    Some((network.trunc(), Located { country, place }))
}

fn degrees(text: &str, most: f64) -> Option<f64> {
    let degrees: f64 = text.parse().ok()?;
    (degrees.abs() <= most).then_some(degrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str =
        "# ours\n10.0.0.0/8,DE,52.52,13.405\n\n10.1.0.0/16 , NL\n2001:db8::/32,US,-1,-180\n";

    #[test]
    fn the_longest_network_says_where_an_address_is() {
        let networks = Networks::parse(LIST).unwrap();
        let found = |ip: &str| {
            let located = networks.lookup(ip.parse().unwrap());
            located.map(|located| (located.country.to_string(), located.place))
        };
        let of = |country: &str, place| Some((country.to_owned(), place));
        assert_eq!(found("10.255.0.1"), of("DE", Some((52.52, 13.405))));
        assert_eq!(found("10.1.2.3"), of("NL", None));
        assert_eq!(found("2001:db8:1::1"), of("US", Some((-1.0, -180.0))));
        assert_eq!(found("11.0.0.1"), None);
        assert_eq!(found("::1"), None);
    }

    #[test]
    fn what_is_no_line_is_said_by_its_number() {
        for line in [
            "10.0.0.0",
            "10.0.0.0/33,DE",
            "10.0.0.0/8",
            "10.0.0.0/8,XX",
            "10.0.0.0/8,DE,1",
            "10.0.0.0/8,DE,91,0",
            "10.0.0.0/8,DE,0,181",
            "10.0.0.0/8,DE,NaN,0",
            "10.0.0.0/8,DE,1,2,3",
        ] {
            let text = format!("# first\n{line}\n");
            assert_eq!(Networks::parse(&text).err(), Some(2), "{line}");
        }
    }
}
