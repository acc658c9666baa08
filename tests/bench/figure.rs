//! One measured figure as a JSON line.

use serde_json::json;

/// Prints a figure. `n` is how many measurements it comes from.
pub(crate) fn print(name: &str, value: f64, unit: &str, n: usize) {
    let rounded = (value * 1000.0).round() / 1000.0;
    let line =
        json!({ "name": name, "value": rounded, "unit": unit, "n": n, "machine": machine() });
    println!("{line}");
}

/// Processor model and number of processors.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {processors} processors")
}

/// The value below which `share` of `sorted` lies.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index into a list far below 2^52"
    )]
    let at = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted[at]
}
