//! What the risk rules read from the configuration.

use std::{collections::BTreeMap, path::PathBuf};

use ipnet::IpNet;
use iso_currency::Currency;
use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// One US dollar, in the unit that amounts are compared in.
const MICROS_PER_USD: i128 = 1_000_000;

/// `[risk]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Risk {
    /// Networks whose requests are rejected, in CIDR notation.
    #[schemars(with = "Vec<String>")]
    pub block_cidrs: Vec<IpNet>,
    /// Table of issuers' ranges, `bin,country,type,prepaid`; a country in it goes before that of the build. Read again when it
    /// has changed.
    pub bin_table: Option<PathBuf>,
    /// US dollars that one unit of a currency is worth, as decimal text: `{ EUR = "1.08" }`.
    pub usd_rates: BTreeMap<String, String>,
}

impl Default for Risk {
    fn default() -> Self {
        Self {
            block_cidrs: Vec::new(),
            bin_table: None,
            usd_rates: BTreeMap::from([("USD".to_owned(), "1".to_owned())]),
        }
    }
}

impl Risk {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        UsdRates::new(&self.usd_rates).map(drop).map_err(|error| {
            ConfigError::new(format!(
                "risk.usd_rates.{}: {}",
                error.currency, error.problem
            ))
        })
    }
}

/// Rates into US dollars, exact to a millionth.
#[derive(Clone, Debug)]
pub struct UsdRates(BTreeMap<Currency, i128>);

/// A rate that cannot be used.
#[derive(Debug)]
pub struct RateError {
    /// The key as written.
    pub currency: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl UsdRates {
    /// Reads a table from ISO 4217 code to decimal text.
    ///
    /// # Errors
    /// For an unknown currency, or a rate that is not a positive decimal of at most 6 places.
    pub fn new(table: &BTreeMap<String, String>) -> Result<Self, RateError> {
        table
            .iter()
            .map(|(code, rate)| {
                let problem = |problem| RateError {
                    currency: code.clone(),
                    problem,
                };
                let currency =
                    Currency::from_code(code).ok_or(problem("not an ISO 4217 currency code"))?;
                let rate = parse_micros(rate).ok_or(problem(
                    "not a positive decimal of at most 6 places, in quotes",
                ))?;
                Ok((currency, rate))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// `amount` minor units of `currency` in millionths of a US dollar, rounded half up; `None`
    /// where no rate is configured.
    pub fn usd_micros(&self, amount: u64, currency: Currency) -> Option<i64> {
        let rate = self.0.get(&currency)?;
        let scale = 10_i128.pow(u32::from(currency.exponent().unwrap_or(0)));
        let micros = (i128::from(amount) * rate + scale / 2) / scale;
        Some(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

fn parse_micros(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let in_range = !whole.is_empty() && whole.len() <= 9 && fraction.len() <= 6;
    if !in_range || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: i128 = whole.parse().ok()?;
    let fraction: i128 = format!("{fraction:0<6}").parse().ok()?;
    let micros = whole * MICROS_PER_USD + fraction;
    (micros > 0).then_some(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(pairs: &[(&str, &str)]) -> Result<UsdRates, RateError> {
        UsdRates::new(
            &pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn converts_by_the_currency_s_own_exponent() {
        let rates = rates(&[("USD", "1"), ("JPY", "0.0066"), ("KWD", "3.25")]).unwrap();
        assert_eq!(
            rates.usd_micros(500_001, Currency::USD),
            Some(5_000_010_000)
        );
        assert_eq!(rates.usd_micros(1_000, Currency::JPY), Some(6_600_000));
        assert_eq!(rates.usd_micros(1_000, Currency::KWD), Some(3_250_000));
        assert_eq!(rates.usd_micros(1, Currency::EUR), None);
    }

    #[test]
    fn refuses_what_is_no_rate() {
        for bad in ["", "0", "-1", "1e3", "1.0000001", ".5", "1.2.3", "١"] {
            assert!(rates(&[("EUR", bad)]).is_err(), "{bad}");
        }
        assert!(rates(&[("XYZ", "1")]).is_err());
    }
}
