//! The country that issued a card, by its BIN.
//!
//! The table is compiled from a public list by `verifier/data/make_bin_country.py`, which documents
//! its format. It is searched where it lies: nothing is copied out of the binary.

use std::{fmt, str, sync::LazyLock};

use super::country::CountryCode;

/// BIN ranges and the countries that they belong to.
#[derive(Debug)]
pub struct BinCountryTable {
    countries: Vec<CountryCode>,
    /// First eight PAN digits of each range as a big-endian integer, ascending from 0.
    starts: &'static [[u8; 4]],
    /// For each range the country's place in `countries`, counted from 1; 0 where it is unknown.
    numbers: &'static [u8],
}

impl BinCountryTable {
    /// The table that this build carries.
    ///
    /// # Panics
    /// When the carried table is damaged; a test parses it.
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<BinCountryTable> = LazyLock::new(|| {
            // Unwrap safety: the bytes are part of the build, and a test parses them.
            #[expect(clippy::expect_used, reason = "a build constant, see above")]
            BinCountryTable::parse(include_bytes!("../../data/bin_country.bin"))
                .expect("the bundled BIN table is well-formed")
        });
        &BUNDLED
    }

    /// Checks a whole table, so that a look-up cannot fail.
    ///
    /// # Errors
    /// [`BinTableError`] names the first thing that is wrong.
    pub fn parse(table: &'static [u8]) -> Result<Self, BinTableError> {
        let (magic, rest) = table.split_first_chunk().ok_or(BinTableError::Length)?;
        if magic != MAGIC {
            return Err(BinTableError::Magic);
        }
        let (&[version, country_count], rest) =
            rest.split_first_chunk().ok_or(BinTableError::Length)?;
        if version != VERSION {
            return Err(BinTableError::Version);
        }
        let (range_count, rest) = rest.split_first_chunk().ok_or(BinTableError::Length)?;
        let range_count =
            usize::try_from(u32::from_be_bytes(*range_count)).map_err(|_| BinTableError::Length)?;

        let (codes, rest) = rest
            .split_at_checked(usize::from(country_count) * 2)
            .ok_or(BinTableError::Length)?;
        let starts_len = range_count.checked_mul(4).ok_or(BinTableError::Length)?;
        let (starts, numbers) = rest
            .split_at_checked(starts_len)
            .ok_or(BinTableError::Length)?;
        if numbers.len() != range_count {
            return Err(BinTableError::Length);
        }

        let countries = parse_countries(codes)?;
        let (starts, _) = starts.as_chunks();
        if !is_covering(starts) {
            return Err(BinTableError::Order);
        }
        if numbers.iter().any(|&number| number > country_count) {
            return Err(BinTableError::Number);
        }
        Ok(Self {
            countries,
            starts,
            numbers,
        })
    }

    /// The issuing country of a card, from its first eight digits; `None` where the table does not
    /// know it, or where there are not eight digits.
    pub fn lookup(&self, pan_digits: &str) -> Option<CountryCode> {
        let bin = pan_digits.get(..BIN_LEN)?;
        if !bin.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let bin: u32 = bin.parse().ok()?;
        let after = self
            .starts
            .partition_point(|start| u32::from_be_bytes(*start) <= bin);
        let number = *self.numbers.get(after.checked_sub(1)?)?;
        self.countries
            .get(usize::from(number).checked_sub(1)?)
            .copied()
    }
}

/// What is wrong with a table's bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BinTableError {
    /// A country code is not in ISO 3166-1, or the codes are not ascending.
    Country,
    /// The table is cut short or too long.
    Length,
    /// These bytes are no BIN table.
    Magic,
    /// A range has the number of no country.
    Number,
    /// The ranges do not begin at 0, are not ascending, or go beyond eight digits.
    Order,
    /// The table has a version that this build does not read.
    Version,
}

impl fmt::Display for BinTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Country => "the BIN table has a country code that is unknown or out of order",
            Self::Length => "the BIN table has not the length that its header says",
            Self::Magic => "not a BIN table",
            Self::Number => "the BIN table has a range of no listed country",
            Self::Order => "the BIN table's ranges are out of order",
            Self::Version => "the BIN table has an unknown version",
        })
    }
}

impl std::error::Error for BinTableError {}

const MAGIC: &[u8; 4] = b"WXBC";
const VERSION: u8 = 1;
const BIN_LEN: usize = 8;
const BIN_MAX: u32 = 99_999_999;

fn parse_countries(codes: &[u8]) -> Result<Vec<CountryCode>, BinTableError> {
    let (codes, _) = codes.as_chunks::<2>();
    let countries = codes
        .iter()
        .map(|code| {
            str::from_utf8(code)
                .ok()
                .and_then(|code| CountryCode::parse(code).ok())
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(BinTableError::Country)?;
    if countries.is_sorted_by(|a, b| a < b) {
        Ok(countries)
    } else {
        Err(BinTableError::Country)
    }
}

/// Whether each eight-digit BIN lies in exactly one range.
fn is_covering(starts: &[[u8; 4]]) -> bool {
    let starts_at = |start: &[u8; 4]| u32::from_be_bytes(*start);
    starts.first().is_some_and(|start| starts_at(start) == 0)
        && starts
            .last()
            .is_some_and(|start| starts_at(start) <= BIN_MAX)
        && starts.is_sorted_by(|a, b| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four ranges: unknown, DE, FR from the eight digits 45000050 on, unknown again.
    fn small_table() -> Vec<u8> {
        let mut table = b"WXBC\x01\x02\x00\x00\x00\x04DEFR".to_vec();
        for start in [0_u32, 45_000_000, 45_000_050, 45_000_100] {
            table.extend(start.to_be_bytes());
        }
        table.extend([0, 1, 2, 0]);
        table
    }

    fn parse(table: Vec<u8>) -> Result<BinCountryTable, BinTableError> {
        BinCountryTable::parse(table.leak())
    }

    fn country(table: &BinCountryTable, digits: &str) -> Option<&'static str> {
        table.lookup(digits).map(CountryCode::as_str)
    }

    #[test]
    fn the_range_that_holds_the_first_eight_digits_decides() {
        let table = parse(small_table()).unwrap();
        for (digits, expected) in [
            ("0000000000000000", None),
            ("4499999999999999", None),
            ("4500000000000000", Some("DE")),
            ("4500004999999999", Some("DE")),
            ("4500005000000000", Some("FR")),
            ("4500009999999999", Some("FR")),
            ("4500010000000000", None),
            ("9999999999999999", None),
        ] {
            assert_eq!(country(&table, digits), expected, "{digits}");
        }
    }

    #[test]
    fn what_is_no_bin_is_unknown() {
        let table = parse(small_table()).unwrap();
        for text in [
            "",
            "4500000",
            "+4500000",
            "45 00000",
            "4500000a",
            "４５００００００",
            "4500000é",
        ] {
            assert_eq!(table.lookup(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_bundled_table_knows_cards_of_many_countries() {
        let table = BinCountryTable::bundled();
        for (digits, expected) in [
            ("4111111111111111", Some("PL")),
            ("378282246310005", Some("US")),
            ("3530111333300000", Some("JP")),
            ("6062826786276634", Some("BR")),
            ("2200000000000004", Some("RU")),
            ("6767701234567890", Some("GB")),
            ("6200000000000005", None),
            ("0000000000000000", None),
        ] {
            assert_eq!(country(table, digits), expected, "{digits}");
        }
    }

    #[test]
    fn a_table_cut_anywhere_or_too_long_is_refused() {
        let whole = small_table();
        for len in 0..whole.len() {
            assert_eq!(
                parse(whole[..len].to_vec()).unwrap_err(),
                BinTableError::Length,
                "{len}"
            );
        }
        let longer = [whole, vec![0]].concat();
        assert_eq!(parse(longer).unwrap_err(), BinTableError::Length);
    }

    #[test]
    fn each_damaged_part_is_refused() {
        let (codes, starts, numbers) = (10, 14, 30);
        for (place, byte, expected) in [
            (0, b'w', BinTableError::Magic),
            (4, 2, BinTableError::Version),
            (5, 1, BinTableError::Length),
            (6, 0xff, BinTableError::Length),
            (9, 3, BinTableError::Length),
            (codes, b'd', BinTableError::Country),
            (codes, 0xff, BinTableError::Country),
            (codes, b'G', BinTableError::Country),
            (starts + 3, 1, BinTableError::Order),
            (starts + 4, 3, BinTableError::Order),
            (starts + 12, 6, BinTableError::Order),
            (numbers + 1, 3, BinTableError::Number),
        ] {
            let mut table = small_table();
            table[place] = byte;
            assert_eq!(parse(table).unwrap_err(), expected, "byte {place}");
        }
    }

    #[test]
    fn a_table_without_ranges_is_refused() {
        let table = b"WXBC\x01\x00\x00\x00\x00\x00".to_vec();
        assert_eq!(parse(table).unwrap_err(), BinTableError::Order);
    }
}
