//! A simulated world of payments, with its frauds: to try models on, and to train the default one. Nothing in it is
//! taken from real payments; whatever is made from it says that it is simulated.
//!
//! After the published description of the Fraud Detection Handbook's simulator (Le Borgne et al., 2022): customers with a
//! place, a mean and a deviation of what they spend and a daily rate; merchants; amounts over a limit; merchants that
//! are compromised for 28 days; credentials that are leaked for 14, with each third payment five times as high. Added
//! are what a browser and an address show (devices, countries, behaviour), card testing, account takeover, and noise:
//! honest payments that look odd, frauds that look honest, and labels that are wrong.

mod frauds;
mod history;
mod honest;
mod world;

use std::fmt::Write;

use crate::{
    error::{ModelError, refuse},
    feature::{ONLINE, Values},
    random::Random,
    table::Table,
};
use history::Histories;
use world::World;

/// Days before the first row: velocities look back so far.
pub const WARM_UP_DAYS: u32 = 30;
/// The label's column.
pub const LABEL: &str = "fraud";
/// The column that says in each row that it is simulated.
pub const MARK: &str = "simulated";

/// How large a world.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Customers.
    pub customers: u32,
    /// Days that rows are given of, after [`WARM_UP_DAYS`].
    pub days: u32,
    /// Of all that is drawn.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            customers: 2_000,
            days: 60,
            seed: 1,
        }
    }
}

/// What is behind a payment.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scenario {
    /// A stolen account, used at once from elsewhere.
    AccountTakeover,
    /// More than anybody honest pays.
    AmountOverLimit,
    /// Small amounts on many cards from one place.
    CardTesting,
    /// A merchant whose cards are used by others.
    CompromisedMerchant,
    /// An honest payment that its customer denies.
    FriendlyFraud,
    /// A customer's own.
    Honest,
    /// A customer whose credentials others use beside.
    LeakedCredentials,
}

impl Scenario {
    /// As the CSV file has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountTakeover => "account_takeover",
            Self::AmountOverLimit => "amount_over_limit",
            Self::CardTesting => "card_testing",
            Self::CompromisedMerchant => "compromised_merchant",
            Self::FriendlyFraud => "friendly_fraud",
            Self::Honest => "honest",
            Self::LeakedCredentials => "leaked_credentials",
        }
    }
}

/// A payment of the world.
#[derive(Clone, Debug)]
struct Payment {
    /// Seconds since the world began.
    at: f64,
    customer: u32,
    merchant: u32,
    card: u32,
    device: u32,
    ip: u32,
    /// Numbers of countries.
    card_country: u8,
    ip_country: u8,
    shipping_country: Option<u8>,
    billing_country: u8,
    amount: f64,
    is_hidden: bool,
    is_prepaid: bool,
    /// Whether the device's signals were taken, and it was recognised if it was there before.
    signals: Signals,
    automation: f64,
    attempts: u32,
    session_age: f64,
    scenario: Scenario,
    label: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Signals {
    Known,
    NotRecognised,
    Off,
}

/// A row of what was simulated.
#[derive(Clone, Debug)]
pub struct Row {
    /// Seconds since the first day.
    pub at_s: u64,
    /// A number.
    pub customer: u32,
    /// What is behind it; known to nobody but the simulator.
    pub scenario: Scenario,
    /// As a verifier would compute them.
    pub features: Values,
    /// As it would be reported, which is not always right.
    pub label: bool,
}

/// Simulates a world. The same settings give the same rows.
///
/// # Errors
/// When there are no customers or days, or too many of them.
pub fn simulate(settings: &Settings) -> Result<Vec<Row>, ModelError> {
    if !(10..=100_000).contains(&settings.customers) || !(1..=1_000).contains(&settings.days) {
        return refuse("give 10 to 100000 customers and 1 to 1000 days");
    }
    let mut random = Random::new(settings.seed);
    let days = settings.days + WARM_UP_DAYS;
    let mut world = World::new(settings.customers, &mut random);
    let mut payments = honest::payments(&world, days, &mut random);
    frauds::add(&mut world, &mut payments, days, &mut random);
    payments.sort_by(|one, other| one.at.total_cmp(&other.at));
    let mut histories = Histories::default();
    let first = f64::from(WARM_UP_DAYS) * DAY;
    let mut rows = Vec::new();
    for payment in &payments {
        let features = histories.features(payment);
        histories.add(payment);
        if payment.at >= first {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "seconds of a few years"
            )]
            let at_s = (payment.at - first) as u64;
            rows.push(Row {
                at_s,
                customer: payment.customer,
                scenario: payment.scenario,
                features,
                label: payment.label,
            });
        }
    }
    Ok(rows)
}

const DAY: f64 = 86_400.0;

/// Rows as CSV: a mark, time, day, customer, scenario, the label and every feature.
pub fn csv(rows: &[Row]) -> String {
    let mut text = format!("{MARK},at_s,day,customer,scenario,{LABEL}");
    for feature in ONLINE {
        text.push(',');
        text.push_str(feature.name);
    }
    text.push('\n');
    for row in rows {
        let day = row.at_s / 86_400;
        let (customer, scenario, label) =
            (row.customer, row.scenario.as_str(), u8::from(row.label));
        // Writing to a String cannot fail.
        let _ = write!(text, "1,{},{day},{customer},{scenario},{label}", row.at_s);
        for value in row.features.all() {
            match value.is_nan() {
                true => text.push(','),
                false => {
                    let _ = write!(text, ",{value}");
                }
            }
        }
        text.push('\n');
    }
    text
}

/// Rows as a table of all features.
///
/// # Errors
/// When there are none.
pub fn table(rows: &[Row]) -> Result<Table, ModelError> {
    let names = ONLINE
        .iter()
        .map(|feature| feature.name.to_owned())
        .collect();
    let column = |at: usize| rows.iter().map(|row| row.features.all()[at]).collect();
    let columns = (0..ONLINE.len()).map(column).collect();
    Table::new(names, columns, rows.iter().map(|row| row.label).collect())
}

#[cfg(test)]
mod tests;
