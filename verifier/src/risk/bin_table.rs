//! What an operator knows of issuers' ranges: country, credit or debit, prepaid.

use std::collections::HashMap;

use super::country::CountryCode;

/// The first line.
const HEADER: &str = "bin,country,type,prepaid";
/// Digits that a range may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=8;

/// How a card is paid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CardType {
    /// In full at the end of a month.
    Charge,
    /// Later.
    Credit,
    /// At once.
    Debit,
}

impl CardType {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Credit => "credit",
            Self::Debit => "debit",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let all = [Self::Charge, Self::Credit, Self::Debit];
        all.into_iter().find(|one| one.as_str() == name)
    }
}

/// What is known of a range; what the table leaves out is unknown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Issued {
    /// Country of the issuer.
    pub country: Option<CountryCode>,
    /// How it is paid.
    pub card_type: Option<CardType>,
    /// Whether it is paid beforehand.
    pub is_prepaid: Option<bool>,
}

/// Ranges by their first digits.
#[derive(Debug, Default)]
pub struct BinTable(HashMap<String, Issued>);

impl BinTable {
    /// Reads lines of `bin,country,type,prepaid` behind a first line that says so: six to eight digits; an ISO 3166-1 alpha-2 code;
    /// `charge`, `credit` or `debit`; `true` or `false`. All but the first may be left empty.
    ///
    /// # Errors
    /// Says which line has something else, or a range that another one has.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        let is_header = |(_, line): (usize, &str)| line.trim_end() == HEADER;
        if !lines.next().is_some_and(is_header) {
            return Err(format!("line 1: give {HEADER}"));
        }
        let mut table = Self::default();
        for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |problem| format!("line {}: {problem}", index + 1);
            let (bin, issued) = parse_line(line.trim_end()).map_err(wrong)?;
            if table.0.insert(bin.to_owned(), issued).is_some() {
                return Err(wrong("this bin stands there twice"));
            }
        }
        Ok(table)
    }

    /// What is known of a card: the longest range that its digits begin with says it.
    pub fn lookup(&self, digits: &str) -> Issued {
        let mut ranges = LENGTHS.rev().filter_map(|len| digits.get(..len));
        let found = ranges.find_map(|bin| self.0.get(bin));
        found.copied().unwrap_or_default()
    }
}

fn parse_line(line: &str) -> Result<(&str, Issued), &'static str> {
    let fields: Vec<_> = line.split(',').map(str::trim).collect();
    let [bin, country, card_type, is_prepaid] = fields[..] else {
        return Err("give four fields");
    };
    if !LENGTHS.contains(&bin.len()) || !bin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("bin: give six to eight digits");
    }
    let issued = Issued {
        country: field(country, |code| CountryCode::parse(code).ok())
            .map_err(|Wrong| "country: give an ISO 3166-1 alpha-2 code, or nothing")?,
        card_type: field(card_type, CardType::parse)
            .map_err(|Wrong| "type: give charge, credit or debit, or nothing")?,
        is_prepaid: field(is_prepaid, |text| text.parse().ok())
            .map_err(|Wrong| "prepaid: give true or false, or nothing")?,
    };
    Ok((bin, issued))
}

struct Wrong;

/// Nothing, or what it says.
fn field<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Wrong> {
    match text {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or(Wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "bin,country,type,prepaid\n424242,US,credit,false\r\n42424200, ,debit,true\n\n4242421,,,\n";

    #[test]
    fn the_longest_range_says_what_is_known() {
        let table = BinTable::parse(TABLE).unwrap();
        let of = |country, card_type, is_prepaid| Issued {
            country: Option::map(country, |code| CountryCode::parse(code).unwrap()),
            card_type,
            is_prepaid,
        };
        for (digits, wanted) in [
            (
                "4242424242424242",
                of(Some("US"), Some(CardType::Credit), Some(false)),
            ),
            (
                "4242420042424242",
                of(None, Some(CardType::Debit), Some(true)),
            ),
            ("4242421242424242", Issued::default()),
            ("5555555555554444", Issued::default()),
            ("42424", Issued::default()),
        ] {
            assert_eq!(table.lookup(digits), wanted, "{digits}");
        }
    }

    #[test]
    fn what_is_no_table_is_said_by_its_line() {
        let header = |line: &str| format!("{HEADER}\n411111,,,\n{line}\n");
        for (text, line) in [
            (String::new(), 1),
            ("bin,type\n".to_owned(), 1),
            (header("41111,US,,"), 3),
            (header("411111111,US,,"), 3),
            (header("41111x,US,,"), 3),
            (header("٤١١١١١,US,,"), 3),
            (header("422222,XX,,"), 3),
            (header("422222,us,,"), 3),
            (header("422222,,gift,"), 3),
            (header("422222,,,yes"), 3),
            (header("422222,,"), 3),
            (header("422222,,,,"), 3),
            (header("\"422222\",,,"), 3),
            (header("411111,US,,"), 3),
        ] {
            let problem = BinTable::parse(&text).unwrap_err();
            assert!(
                problem.starts_with(&format!("line {line}: ")),
                "{text}: {problem}"
            );
        }
    }
}
