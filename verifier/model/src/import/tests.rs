use serde_json::Value;

use super::*;
use crate::{
    explain::{Explainer, Scratch},
    forest::sigmoid,
    walk::{Row, Walker},
};

const MODEL: &[u8] = include_bytes!("../../data/xgboost.json");
const ANSWERS: &[u8] = include_bytes!("../../data/xgboost_answers.json");

#[derive(Deserialize)]
struct Answers {
    rows: Vec<Vec<Option<f32>>>,
    probabilities: Vec<f64>,
    contributions: Vec<Vec<f64>>,
}

fn answers() -> (Vec<Vec<f32>>, Answers) {
    let answers: Answers = serde_json::from_slice(ANSWERS).unwrap();
    let row = |row: &Vec<Option<f32>>| row.iter().map(|value| value.unwrap_or(f32::NAN)).collect();
    (answers.rows.iter().map(row).collect(), answers)
}

#[test]
fn an_imported_model_answers_as_xgboost_does() {
    let imported = xgboost(MODEL).unwrap();
    assert_eq!(imported.features, ["amount", "count", "age", "share"]);
    assert_eq!(imported.version, "3.2.0");
    let laid_out = Walker::new(&imported.forest);
    let (rows, answers) = answers();
    assert!(rows.iter().flatten().any(|value| value.is_nan()));
    for (row, expected) in rows.iter().zip(&answers.probabilities) {
        let walked = sigmoid(laid_out.margin(&Row::new(row)));
        assert!(
            (walked - expected).abs() < 1e-6,
            "{row:?}: {walked}, not {expected}"
        );
        assert!((sigmoid(imported.forest.margin(row)) - walked).abs() < 1e-12);
    }
}

#[test]
fn contributions_are_xgboost_s_own_shapley_values() {
    let imported = xgboost(MODEL).unwrap();
    let explainer = Explainer::new(&imported.forest);
    let (rows, answers) = answers();
    let mut scratch = Scratch::default();
    for (row, expected) in rows.iter().zip(&answers.contributions) {
        let contributions = explainer.contributions(row, &mut scratch);
        for (contribution, expected) in contributions.iter().zip(expected) {
            assert!(
                (f64::from(*contribution) - expected).abs() < 2e-5,
                "{contribution}, not {expected}"
            );
        }
        assert!((explainer.expected() - expected[4]).abs() < 2e-5);
    }
}

/// The model with one value changed.
fn changed(pointer: &str, value: Value) -> Vec<u8> {
    let mut model: Value = serde_json::from_slice(MODEL).unwrap();
    *model
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("no {pointer}")) = value;
    serde_json::to_vec(&model).unwrap()
}

#[test]
fn what_the_walker_cannot_do_and_what_xgboost_never_writes_is_refused() {
    let tree = "/learner/gradient_booster/model/trees/0";
    let at = |path: &str| format!("{tree}{path}");
    for (pointer, value) in [
        (
            "/learner/objective/name".to_owned(),
            "reg:squarederror".into(),
        ),
        ("/learner/gradient_booster/name".to_owned(), "dart".into()),
        (
            "/learner/learner_model_param/num_class".to_owned(),
            "3".into(),
        ),
        (
            "/learner/learner_model_param/num_target".to_owned(),
            "2".into(),
        ),
        (
            "/learner/learner_model_param/num_feature".to_owned(),
            "2".into(),
        ),
        (
            "/learner/learner_model_param/num_feature".to_owned(),
            "-1".into(),
        ),
        (
            "/learner/learner_model_param/base_score".to_owned(),
            "NaN".into(),
        ),
        (
            "/learner/learner_model_param/base_score".to_owned(),
            "[1E0]".into(),
        ),
        ("/learner/feature_names".to_owned(), vec!["amount"].into()),
        ("/learner/feature_names/1".to_owned(), "amount".into()),
        (
            "/learner/gradient_booster/model/trees".to_owned(),
            Value::Array(vec![]),
        ),
        (
            "/learner/gradient_booster/model/tree_info/0".to_owned(),
            1.into(),
        ),
        // A cycle, a child twice, a child outside, half a node.
        (at("/left_children/1"), 0.into()),
        (at("/left_children/0"), 2.into()),
        (at("/left_children/0"), 100_000.into()),
        (at("/left_children/0"), (-2).into()),
        (at("/left_children/0"), (-1).into()),
        (at("/tree_param/num_nodes"), "2".into()),
        (at("/tree_param/num_nodes"), "0".into()),
        (at("/tree_param/size_leaf_vector"), "2".into()),
        (at("/split_conditions/0"), Value::Null),
        (at("/split_conditions/0"), 1e39.into()),
        (at("/sum_hessian/0"), 1e300.into()),
        (at("/sum_hessian/0"), (-1).into()),
        (at("/split_indices/0"), 4.into()),
        (at("/split_indices/0"), 70_000.into()),
        (at("/default_left/0"), 2.into()),
        (at("/split_type/0"), 1.into()),
        (at("/categories"), vec![1].into()),
        (at("/right_children"), vec![-1].into()),
    ] {
        let file = changed(&pointer, value.clone());
        assert!(xgboost(&file).is_err(), "{pointer} = {value}");
    }
    for length in [0, 1, MODEL.len() / 2, MODEL.len() - 1] {
        assert!(xgboost(&MODEL[..length]).is_err(), "{length} bytes");
    }
}
