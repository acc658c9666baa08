//! The published simulated data by its published protocol: four folds of a week to learn from, a week's delay, and a week
//! to test on.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::Command,
};

use waxseal_model::table::{Columns, Table};

const DAY: i64 = 86_400;
/// Days of the train weeks' starts, as the data numbers them.
pub(crate) const FOLDS: [i64; 4] = [87, 94, 101, 108];
const DELAY: i64 = 7;

const BESIDE: [&str; 3] = ["TX_TIME_SECONDS", "TX_TIME_DAYS", "CUSTOMER_ID"];
const FEATURES: [&str; 15] = [
    "TX_AMOUNT",
    "TX_DURING_WEEKEND",
    "TX_DURING_NIGHT",
    "CUSTOMER_ID_NB_TX_1DAY_WINDOW",
    "CUSTOMER_ID_AVG_AMOUNT_1DAY_WINDOW",
    "CUSTOMER_ID_NB_TX_7DAY_WINDOW",
    "CUSTOMER_ID_AVG_AMOUNT_7DAY_WINDOW",
    "CUSTOMER_ID_NB_TX_30DAY_WINDOW",
    "CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW",
    "TERMINAL_ID_NB_TX_1DAY_WINDOW",
    "TERMINAL_ID_RISK_1DAY_WINDOW",
    "TERMINAL_ID_NB_TX_7DAY_WINDOW",
    "TERMINAL_ID_RISK_7DAY_WINDOW",
    "TERMINAL_ID_NB_TX_30DAY_WINDOW",
    "TERMINAL_ID_RISK_30DAY_WINDOW",
];

const DERIVED: [&str; 7] = [
    "amount_over_30d",
    "amount_over_7d",
    "amount_over_before",
    "mean_7d_over_before",
    "mean_7d_over_30d",
    "mean_1d_over_before",
    "largest_7d_over_30d",
];

/// All rows, in the order of their times.
pub(crate) struct Data {
    pub(crate) table: Table,
    pub(crate) days: Vec<i64>,
    pub(crate) customers: Vec<i64>,
    seconds: Vec<i64>,
}

/// Rows to learn from, and rows to test on.
pub(crate) struct Fold {
    pub(crate) train: Vec<usize>,
    pub(crate) test: Vec<usize>,
}

impl Data {
    pub(crate) fn read(path: &Path) -> Self {
        let csv = match path.extension().is_some_and(|extension| extension == "gz") {
            true => {
                Command::new("gzip")
                    .arg("-dc")
                    .arg(path)
                    .output()
                    .expect("gzip")
                    .stdout
            }
            false => std::fs::read(path).expect("the data"),
        };
        let features = FEATURES.map(str::to_owned);
        let wanted = Columns {
            features: &features,
            label: "TX_FRAUD",
            beside: &BESIDE,
        };
        let (table, beside) = Table::read_csv(&csv[..], &wanted).expect("the data's columns");
        let [seconds, days, customers] = <[Vec<i64>; 3]>::try_from(beside).expect("three");
        assert!(seconds.is_sorted(), "rows are in the order of their times");
        Self {
            table,
            days,
            customers,
            seconds,
        }
    }

    /// The fold whose train week begins at a day. On each test day, customers are left out who are known to be
    /// defrauded: in the train week, or up to 8 days before.
    pub(crate) fn fold(&self, start: i64) -> Fold {
        let rows_of = |first: i64, count: i64| {
            (0..self.days.len()).filter(move |at| (first..first + count).contains(&self.days[*at]))
        };
        let frauds = |first: i64, count: i64| {
            rows_of(first, count)
                .filter(|at| self.table.labels()[*at])
                .map(|at| self.customers[at])
        };
        let mut known: HashSet<i64> = frauds(start, 7).collect();
        let mut test = Vec::new();
        for day in 0..7 {
            let tested = start + 7 + DELAY + day;
            known.extend(frauds(tested - DELAY - 1, 1));
            test.extend(rows_of(tested, 1).filter(|at| !known.contains(&self.customers[*at])));
        }
        Fold {
            train: rows_of(start, 7).collect(),
            test,
        }
    }

    /// The table with further features, of each customer's earlier payments: ratios of means, and the largest amount, of
    /// windows that end at the payment.
    pub(crate) fn derived(&self) -> Table {
        let amounts = &self.table.columns()[0];
        let mut made: [Vec<f32>; DERIVED.len()] = Default::default();
        let mut past: HashMap<i64, Vec<(i64, f32)>> = HashMap::new();
        for (at, amount) in amounts.iter().enumerate() {
            let now = self.seconds[at];
            let own = past.entry(self.customers[at]).or_default();
            own.retain(|(time, _)| *time > now - 30 * DAY);
            let week = Window::of(own, now - 7 * DAY, now);
            let month = Window::of(own, now - 30 * DAY, now);
            let day = Window::of(own, now - DAY, now);
            let before = Window::of(own, now - 30 * DAY, now - 7 * DAY);
            let row = [
                amount / month.mean,
                amount / week.mean,
                amount / before.mean,
                week.mean / before.mean,
                week.mean / month.mean,
                day.mean / before.mean,
                week.largest / month.mean,
            ];
            made.iter_mut()
                .zip(row)
                .for_each(|(column, value)| column.push(value));
            own.push((now, *amount));
        }
        let names = FEATURES
            .iter()
            .chain(&DERIVED)
            .map(|name| (*name).to_owned());
        let mut columns = self.table.columns().to_vec();
        columns.extend(made);
        Table::new(names.collect(), columns, self.table.labels().to_vec()).expect("a table")
    }
}

/// Amounts of a customer's payments in a window; NaN where there are none.
struct Window {
    mean: f32,
    largest: f32,
}

impl Window {
    #[allow(clippy::cast_precision_loss, reason = "a few payments")]
    fn of(payments: &[(i64, f32)], after: i64, until: i64) -> Self {
        let inside = payments
            .iter()
            .filter(|(time, _)| *time > after && *time <= until);
        let (mut sum, mut count, mut largest) = (0.0, 0_usize, f32::NAN);
        for (_, amount) in inside {
            sum += amount;
            count += 1;
            largest = largest.max(*amount);
        }
        let mean = if count == 0 {
            f32::NAN
        } else {
            (sum / count as f32).max(0.01)
        };
        Self { mean, largest }
    }
}
