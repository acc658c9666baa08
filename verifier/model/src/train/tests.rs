#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "drawn numbers and small counts"
)]

use super::*;

fn table() -> Table {
    let mut random = Random::new(7);
    let (mut a, mut b, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..4_000 {
        let (x, y) = (random.normal(0.0, 1.0), random.normal(0.0, 1.0));
        labels.push(random.chance(sigmoid(3.0 * x - 2.0 + if y > 1.0 { 2.0 } else { 0.0 })));
        a.push(if random.chance(0.1) {
            f32::NAN
        } else {
            x as f32
        });
        b.push(y as f32);
    }
    Table::new(vec!["a".into(), "b".into()], vec![a, b], labels).unwrap()
}

fn margins(forest: &Forest, table: &Table) -> Vec<f64> {
    (0..table.len())
        .map(|at| forest.margin(&table.row(at)))
        .collect()
}

#[test]
fn what_is_to_be_learnt_is_learnt_the_same_way_twice() {
    let table = table();
    let settings = Settings {
        row_share: 0.5,
        feature_share: 0.6,
        ..Settings::default()
    };
    let first = train(&table, None, &settings).unwrap().forest;
    let auc = area(&first, &table);
    assert!(auc > 0.9, "{auc}");
    assert_eq!(first, train(&table, None, &settings).unwrap().forest);
    let other = Settings {
        seed: 1,
        ..settings
    };
    assert_ne!(first, train(&table, None, &other).unwrap().forest);
}

/// Rows whose features are drawn from few values, with missing ones.
fn forest_of_depth(depth: u8) -> (Forest, Table) {
    let table = table();
    let settings = Settings {
        depth,
        rounds: 7,
        min_child_weight: 0.0,
        ..Settings::default()
    };
    (train(&table, None, &settings).unwrap().forest, table)
}

#[test]
fn the_walker_and_contributions_agree_with_the_definition_at_every_depth() {
    use crate::{
        explain::{Explainer, Scratch},
        walk::{Row, Walker},
    };
    // 9 and more questions need more points of the rule.
    for depth in [1, 3, 8, 12] {
        let (forest, table) = forest_of_depth(depth);
        assert!(
            forest
                .trees()
                .iter()
                .any(|tree| tree.depth() == usize::from(depth))
        );
        let (walker, explainer) = (Walker::new(&forest), Explainer::new(&forest));
        let mut scratch = Scratch::default();
        for at in 0..200 {
            let row = table.row(at);
            let margin = forest.margin(&row);
            assert!((walker.margin(&Row::new(&row)) - margin).abs() < 1e-9);
            let contributions = explainer.contributions(&row, &mut scratch);
            let sum: f64 = contributions.iter().copied().map(f64::from).sum();
            assert!(
                (explainer.expected() + sum - margin).abs() < 1e-4,
                "depth {depth}"
            );
        }
    }
}

/// Shapley values by their definition: over all subsets, with the covers for what is not known.
fn by_definition(tree: &Tree, row: &[f32], known: usize, at: usize) -> f64 {
    let node = &tree.nodes()[at];
    if node.is_leaf() {
        return node.value.into();
    }
    let left = usize::from(node.left);
    let children = [left, left + 1];
    let value = row[usize::from(node.feature)];
    if known & (1 << node.feature) == 0 {
        return children
            .iter()
            .map(|child| tree.share(node, *child) * by_definition(tree, row, known, *child))
            .sum();
    }
    let is_left = if value.is_nan() {
        node.default_left
    } else {
        value < node.threshold
    };
    by_definition(tree, row, known, children[usize::from(!is_left)])
}

#[test]
fn contributions_are_shapley_values_by_definition() {
    use crate::explain::{Explainer, Scratch, largest};
    let (forest, table) = forest_of_depth(5);
    let explainer = Explainer::new(&forest);
    for at in 0..100 {
        let row = table.row(at);
        let worth = |known| -> f64 {
            forest
                .trees()
                .iter()
                .map(|tree| by_definition(tree, &row, known, 0))
                .sum()
        };
        let [none, a, b, both] = [0, 1, 2, 3].map(worth);
        let expected = [
            f64::midpoint(a - none, both - b),
            f64::midpoint(b - none, both - a),
        ];
        let found = explainer.contributions(&row, &mut Scratch::default());
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (f64::from(*found) - expected).abs() < 1e-5,
                "{found}, not {expected}"
            );
        }
        let largest = largest(&found, 1);
        assert!(largest[0].1.abs() >= found[1 - largest[0].0].abs());
    }
}

#[test]
fn monotone_constraints_hold_everywhere() {
    let table = table();
    // The opposite of what the data says of `a`.
    for (constraint, least) in [(1_i8, true), (-1, false)] {
        let settings = Settings {
            monotone: vec![constraint, 0],
            depth: 5,
            ..Settings::default()
        };
        let forest = train(&table, None, &settings).unwrap().forest;
        for b in [-2.0, 0.0, 1.5, f32::NAN] {
            let mut last = forest.margin(&[-5.0, b]);
            for step in -50..50 {
                let next = forest.margin(&[step as f32 / 10.0, b]);
                assert!(
                    if least { next >= last } else { next <= last },
                    "{constraint} at {step}, {b}"
                );
                last = next;
            }
        }
    }
}

#[test]
fn early_stopping_keeps_the_best_round() {
    let table = table();
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..table.len()).partition(|at| at % 4 != 0);
    let (part, validation) = (table.select(&first).unwrap(), table.select(&rest).unwrap());
    for by in [StopAfter::AveragePrecision, StopAfter::LogLoss] {
        let settings = Settings {
            rounds: 400,
            depth: 6,
            learning_rate: 0.3,
            stop: Some((by, 10)),
            ..Settings::default()
        };
        let trained = train(&part, Some(&validation), &settings).unwrap();
        let kept = trained.forest.trees().len();
        assert!(
            kept + 10 == trained.validation.len() && kept < 100,
            "{kept}"
        );
        let best = trained.validation[kept - 1];
        assert!(trained.validation.iter().all(|other| *other <= best));
        let margins = margins(&trained.forest, &validation);
        let again = match by {
            StopAfter::AveragePrecision => average_precision(validation.labels(), &margins),
            StopAfter::LogLoss => -log_loss(validation.labels(), &margins),
        };
        assert!((again - best).abs() < 1e-9);
    }
}

#[test]
fn a_weight_on_frauds_moves_the_score_and_a_base_score_the_start() {
    let table = table();
    let mean = |settings: &Settings| {
        let forest = train(&table, None, settings).unwrap().forest;
        margins(&forest, &table)
            .iter()
            .map(|margin| sigmoid(*margin))
            .sum::<f64>()
            / 4_000.0
    };
    let plain = mean(&Settings::default());
    let share = table.positives() as f64 / 4_000.0;
    assert!((plain - share).abs() < 0.01, "{plain}, {share}");
    assert!(
        mean(&Settings {
            positive_weight: 10.0,
            ..Settings::default()
        }) > plain + 0.1
    );
    let settings = Settings {
        rounds: 1,
        base_score: None,
        ..Settings::default()
    };
    let forest = train(&table, None, &settings).unwrap().forest;
    assert!((sigmoid(forest.base_margin().into()) - share).abs() < 1e-6);
}

#[test]
fn what_cannot_be_trained_on_is_refused() {
    let table = table();
    let (frauds, honest): (Vec<usize>, Vec<usize>) =
        (0..table.len()).partition(|at| table.labels()[*at]);
    let refused = |table: &Table, validation: Option<&Table>, settings: &Settings| {
        train(table, validation, settings).unwrap_err().to_string()
    };
    let plain = Settings::default();
    let only = |rows: &[usize]| table.select(rows).unwrap();
    assert_eq!(
        refused(&only(&frauds), None, &plain),
        "the training part has nothing but fraud in it"
    );
    assert_eq!(
        refused(&only(&honest), None, &plain),
        "the training part has no fraud in it"
    );
    assert_eq!(
        refused(&table, Some(&only(&honest)), &plain),
        "the validation part has no fraud in it"
    );
    let stopping = Settings {
        stop: Some((StopAfter::LogLoss, 5)),
        ..plain.clone()
    };
    assert_eq!(
        refused(&table, None, &stopping),
        "early stopping needs a validation part"
    );
    for settings in [
        Settings {
            rounds: 0,
            ..plain.clone()
        },
        Settings {
            learning_rate: f64::NAN,
            ..plain.clone()
        },
        Settings {
            depth: 13,
            ..plain.clone()
        },
        Settings {
            max_bins: 1,
            ..plain.clone()
        },
        Settings {
            row_share: 0.0,
            ..plain.clone()
        },
        Settings {
            monotone: vec![1],
            ..plain.clone()
        },
        Settings {
            monotone: vec![2, 0],
            ..plain.clone()
        },
        Settings {
            base_score: Some(1.0),
            ..plain.clone()
        },
        Settings {
            positive_weight: f64::INFINITY,
            ..plain.clone()
        },
    ] {
        refused(&table, None, &settings);
    }
}

fn area(forest: &Forest, table: &Table) -> f64 {
    crate::measure::area_under_roc(table.labels(), &margins(forest, table))
}
