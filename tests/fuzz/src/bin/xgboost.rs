//! Any bytes as a model of XGBoost: they are refused, or what they hold can be walked and explained.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waxseal_model::{
    explain::{Explainer, Scratch},
    import::xgboost,
    walk::{Row, Walker},
};

fuzz_target!(|json: &[u8]| {
    let Ok(imported) = xgboost(json) else {
        return;
    };
    let forest = &imported.forest;
    let walker = Walker::new(forest);
    let explainer = Explainer::new(forest);
    for value in [0.0, f32::NAN, -1e30] {
        let row = vec![value; forest.features()];
        let margin = forest.margin(&row);
        let walked = walker.margin(&Row::new(&row));
        assert!(
            (margin - walked).abs() <= 1e-6 * margin.abs().max(1.0),
            "{margin}, {walked}"
        );
        explainer.contributions(&row, &mut Scratch::default());
    }
});
