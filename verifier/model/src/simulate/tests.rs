use std::collections::HashMap;

use super::*;
use crate::{
    feature::Online,
    measure::{area_under_roc, average_precision},
    table::Columns,
    train::{Settings as Training, train},
};

fn rows(seed: u64) -> Vec<Row> {
    let settings = Settings {
        customers: 800,
        days: 40,
        seed,
    };
    simulate(&settings).unwrap()
}

#[test]
fn a_seed_gives_the_same_world_and_another_one_another() {
    let (first, again, other) = (csv(&rows(1)), csv(&rows(1)), csv(&rows(2)));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn every_scenario_is_there_and_labels_are_a_little_wrong() {
    let rows = rows(3);
    let mut counts: HashMap<Scenario, (u32, u32)> = HashMap::new();
    for row in &rows {
        let count = counts.entry(row.scenario).or_default();
        count.0 += 1;
        count.1 += u32::from(row.label);
    }
    assert_eq!(counts.len(), 7, "{counts:?}");
    assert_eq!(counts[&Scenario::Honest].1, 0);
    let frauds: u32 = counts.values().map(|(_, labelled)| labelled).sum();
    let all: u32 = counts
        .iter()
        .filter(|(scenario, _)| **scenario != Scenario::Honest)
        .map(|(_, count)| count.0)
        .sum();
    assert!(frauds < all && frauds > all * 9 / 10, "{frauds} of {all}");
    let share = f64::from(frauds) / f64::from(u32::try_from(rows.len()).unwrap());
    assert!((0.005..0.05).contains(&share), "{share}");
    // Card testers pay little and often; the limit is a limit.
    for row in &rows {
        let amount = row.features.all()[Online::Amount as usize];
        assert!(row.scenario != Scenario::CardTesting || amount < 6.0);
        assert!(row.scenario != Scenario::AmountOverLimit || amount >= 900.0);
        assert!(row.scenario != Scenario::Honest || amount <= 850.0);
    }
}

#[test]
fn the_csv_says_that_it_is_simulated_and_is_read_as_the_table() {
    let rows = rows(4);
    let (text, made) = (csv(&rows), table(&rows).unwrap());
    let wanted = Columns {
        features: made.features(),
        label: LABEL,
        beside: &[MARK, "day", "customer"],
    };
    let (read, beside) = Table::read_csv(text.as_bytes(), &wanted).unwrap();
    assert!(beside[0].iter().all(|mark| *mark == 1));
    assert_eq!(read.labels(), made.labels());
    for (one, other) in read
        .columns()
        .iter()
        .flatten()
        .zip(made.columns().iter().flatten())
    {
        assert!(one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan()));
    }
}

#[test]
fn a_model_learns_the_frauds_of_another_seed_but_not_all() {
    let (learnt, asked) = (table(&rows(5)).unwrap(), table(&rows(6)).unwrap());
    let forest = train(&learnt, None, &Training::default()).unwrap().forest;
    let scores: Vec<f64> = (0..asked.len())
        .map(|at| forest.margin(&asked.row(at)))
        .collect();
    let (area, precision) = (
        area_under_roc(asked.labels(), &scores),
        average_precision(asked.labels(), &scores),
    );
    assert!(
        (0.85..0.999).contains(&area) && (0.4..0.98).contains(&precision),
        "{area} {precision}"
    );
}

#[test]
fn worlds_without_end_are_refused() {
    for (customers, days) in [(0, 10), (200_000, 10), (100, 0), (100, 2_000)] {
        assert!(
            simulate(&Settings {
                customers,
                days,
                seed: 1
            })
            .is_err()
        );
    }
}
