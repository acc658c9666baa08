//! Each feature's values as numbers of bins.

use crate::table::Table;

/// The bin of a missing value.
pub(super) const MISSING: u16 = u16::MAX;

/// All features' bins.
pub(super) struct Bins {
    /// For each feature the bin of each row.
    pub(super) of_rows: Vec<Vec<u16>>,
    /// For each feature where its bins meet: a value below `cuts[b]` is in a bin up to b.
    pub(super) cuts: Vec<Vec<f32>>,
}

impl Bins {
    /// Of every value of a feature its own bin, or, where there are more values than bins, about as many rows in each.
    pub(super) fn new(table: &Table, max_bins: u16) -> Self {
        let cuts: Vec<Vec<f32>> = table
            .columns()
            .iter()
            .map(|column| cuts(column, max_bins))
            .collect();
        let binned = |(column, cuts): (&Vec<f32>, &Vec<f32>)| {
            let bin = |value: &f32| bin(*value, cuts);
            column.iter().map(bin).collect()
        };
        let of_rows = table.columns().iter().zip(&cuts).map(binned).collect();
        Self { of_rows, cuts }
    }

    /// How many bins a feature has, without that of missing values.
    pub(super) fn count(&self, feature: usize) -> usize {
        self.cuts[feature].len() + 1
    }
}

#[allow(clippy::cast_possible_truncation, reason = "fewer bins than 2^16")]
fn bin(value: f32, cuts: &[f32]) -> u16 {
    match value.is_nan() {
        true => MISSING,
        false => cuts.partition_point(|cut| *cut <= value) as u16,
    }
}

fn cuts(column: &[f32], max_bins: u16) -> Vec<f32> {
    let mut values: Vec<f32> = column
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    values.sort_unstable_by(f32::total_cmp);
    let count = values.len();
    // How many rows are not above each different value.
    let mut different: Vec<(f32, usize)> = Vec::new();
    for (at, value) in values.into_iter().enumerate() {
        match different.last_mut() {
            // -0 and 0 are one value.
            Some(last) if last.0 >= value => last.1 = at + 1,
            _ => different.push((value, at + 1)),
        }
    }
    let max_bins = usize::from(max_bins);
    let is_exact = different.len() <= max_bins;
    let mut cuts = Vec::new();
    for pair in different.windows(2) {
        let [(value, so_far), (next, _)] = [pair[0], pair[1]];
        if is_exact || so_far * max_bins >= (cuts.len() + 1) * count {
            cuts.push(between(value, next));
        }
    }
    cuts.truncate(max_bins - 1);
    cuts
}

/// Above `low` and not above `high`: the middle where there is one.
fn between(low: f32, high: f32) -> f32 {
    let middle = low / 2.0 + high / 2.0;
    if middle > low && middle <= high {
        middle
    } else {
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_values_have_a_bin_each() {
        let column = [2.0, f32::NAN, 1.0, 2.0, -0.0, 0.0, 5.0];
        let cuts = cuts(&column, 16);
        assert_eq!(cuts, [0.5, 1.5, 3.5]);
        let bins: Vec<u16> = column.iter().map(|value| bin(*value, &cuts)).collect();
        assert_eq!(bins, [2, MISSING, 1, 2, 0, 0, 3]);
        assert_eq!(super::cuts(&[f32::NAN], 16), [] as [f32; 0]);
        let next = f32::from_bits(1.0_f32.to_bits() + 1);
        assert_eq!(super::cuts(&[1.0, next], 16), [next]);
    }

    proptest! {
        #[test]
        fn bins_are_ordered_as_values_are(values in prop::collection::vec(-1e38_f32..1e38, 2..300), max in 2_u16..40) {
            let cuts = cuts(&values, max);
            prop_assert!(cuts.len() < usize::from(max));
            for one in &values {
                for other in &values {
                    let (first, second) = (bin(*one, &cuts), bin(*other, &cuts));
                    prop_assert!(first >= second || one < other);
                    // A bin's cut sends the row to the side where its bin lies.
                    for (at, cut) in cuts.iter().enumerate() {
                        prop_assert_eq!(one < cut, usize::from(first) <= at);
                    }
                }
            }
        }
    }
}
