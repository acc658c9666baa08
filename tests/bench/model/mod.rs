//! The learned score. Always: `walker_us` and `explain_us`, a row's time with 100 trees of depth 6 over 28 features.
//!
//! With the published data (`--data FILE`, or `WAXSEAL_MODEL_DATA`): in the mean of four folds `model_ap_mean`, `model_auc_mean`
//! and `model_cp100_mean` with derived features, each with its spread (the largest less the smallest) as `…_spread`, and
//! `model_ap_same_features_mean` with the data's own 15, to be compared with `xgboost_ap_mean`, which
//! `tests/bench/model/xgboost_folds.py` prints in the same run of `scripts/bench`. Settings are those that did best on the
//! fold before the first, whose weeks are none that is tested on.

mod folds;

use std::{hint::black_box, path::Path, time::Instant};

use waxseal_model::{
    explain::{Explainer, Scratch},
    measure::{area_under_roc, average_precision, card_precision},
    simulate::{Settings as World, simulate, table},
    table::Table,
    train::{Settings, train},
    walk::{Row, Walker},
};

use crate::figure::{print, quantile};
use folds::{Data, FOLDS, Fold};

pub(crate) fn measure(data: Option<&Path>, quick: bool) {
    times(quick);
    let Some(path) = data else {
        eprintln!(
            "bench: no data: model_ap_mean and its like are NOT MEASURED (--data, or WAXSEAL_MODEL_DATA)"
        );
        return;
    };
    let data = Data::read(path);
    let plain = Settings::default();
    let same = run(&data, &data.table, &plain);
    tell("model_ap_same_features", &same, |measured| {
        measured.precision
    });
    let derived = run(&data, &data.derived(), &plain);
    tell("model_ap", &derived, |measured| measured.precision);
    tell("model_auc", &derived, |measured| measured.area);
    tell("model_cp100", &derived, |measured| measured.cards);
}

/// What one fold gave.
struct Measured {
    area: f64,
    precision: f64,
    cards: f64,
}

fn run(data: &Data, table: &Table, settings: &Settings) -> Vec<Measured> {
    let fold = |start: &i64| {
        let Fold {
            train: learnt,
            test,
        } = data.fold(*start);
        let learnt = table.select(&learnt).expect("rows");
        let forest = train(&learnt, None, settings).expect("a model").forest;
        let walker = Walker::new(&forest);
        let scores: Vec<f64> = test
            .iter()
            .map(|at| walker.margin(&Row::new(&table.row(*at))))
            .collect();
        let labels: Vec<bool> = test.iter().map(|at| table.labels()[*at]).collect();
        let of = |column: &[i64]| -> Vec<i64> { test.iter().map(|at| column[*at]).collect() };
        Measured {
            area: area_under_roc(&labels, &scores),
            precision: average_precision(&labels, &scores),
            cards: card_precision(&labels, &scores, &of(&data.customers), &of(&data.days), 100),
        }
    };
    FOLDS.iter().map(fold).collect()
}

#[allow(clippy::cast_precision_loss, reason = "four folds")]
fn tell(name: &str, folds: &[Measured], of: fn(&Measured) -> f64) {
    let values: Vec<f64> = folds.iter().map(of).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (low, high) = values
        .iter()
        .fold((1.0_f64, 0.0_f64), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    print(&format!("{name}_mean"), mean, "share", values.len());
    print(&format!("{name}_spread"), high - low, "share", values.len());
}

fn times(quick: bool) {
    let rows = simulate(&World {
        customers: 1_000,
        days: 60,
        seed: 1,
    });
    let table = table(&rows.expect("a world")).expect("rows");
    let settings = Settings {
        depth: 6,
        min_child_weight: 0.0,
        ..Settings::default()
    };
    let forest = train(&table, None, &settings).expect("a model").forest;
    let deep = forest
        .trees()
        .iter()
        .filter(|tree| tree.depth() == 6)
        .count();
    assert!(
        forest.trees().len() == 100 && deep > 90,
        "{deep} trees of depth 6"
    );
    let rows: Vec<Vec<f32>> = (0..table.len().min(10_000))
        .map(|at| table.row(at))
        .collect();
    let rounds = if quick { 5 } else { 50 };
    let (walker, explainer) = (Walker::new(&forest), Explainer::new(&forest));
    let mut laid_out = Row::default();
    let per_score = median(rounds, &rows, |row| {
        laid_out.fill(row);
        black_box(walker.margin(&laid_out));
    });
    print("walker_us", per_score, "us", rounds * rows.len());
    let mut scratch = Scratch::default();
    let some = &rows[..1_000];
    let per_row = median(rounds, some, |row| {
        black_box(explainer.contributions(row, &mut scratch));
    });
    print("explain_us", per_row, "us", rounds * some.len());
}

/// Microseconds for a row, in the median of the rounds.
#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn median(rounds: usize, rows: &[Vec<f32>], mut each: impl FnMut(&[f32])) -> f64 {
    let mut round = || {
        let started = Instant::now();
        for row in rows {
            each(row);
        }
        started.elapsed().as_secs_f64() * 1e6 / rows.len() as f64
    };
    round();
    let mut times: Vec<f64> = (0..rounds).map(|_| round()).collect();
    times.sort_by(f64::total_cmp);
    quantile(&times, 0.5)
}
