//! Medians of a few hundred samples.

/// Enough for a steady median of what is typed into a form, and no more than a form may keep.
pub(super) const MOST_SAMPLES: usize = 128;

/// The middle value; 0 of none.
pub(super) fn median(samples: &[u16]) -> u16 {
    // Counting instead of sorting: the standard library's sort is thousands of bytes of wasm.
    let middle = samples.len() / 2;
    let below = |candidate: u16| samples.iter().filter(|&&sample| sample < candidate).count();
    let up_to = |candidate: u16| {
        samples
            .iter()
            .filter(|&&sample| sample <= candidate)
            .count()
    };
    let is_middle = |&&candidate: &&u16| below(candidate) <= middle && middle < up_to(candidate);
    samples.iter().find(is_middle).copied().unwrap_or(0)
}

/// The median distance from the median: what is steady to the millisecond has 0.
pub(super) fn spread(samples: &[u16]) -> u16 {
    let middle = median(samples);
    let mut distances = [0; MOST_SAMPLES];
    for (distance, sample) in distances.iter_mut().zip(samples) {
        *distance = sample.abs_diff(middle);
    }
    median(&distances[..samples.len().min(MOST_SAMPLES)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        for (samples, expected) in [
            (&[][..], 0),
            (&[7], 7),
            (&[9, 1], 9),
            (&[9, 1, 5], 5),
            (&[3, 3, 3, 1], 3),
            (&[1, 2, 2, 9, 9], 2),
        ] {
            assert_eq!(median(samples), expected, "{samples:?}");
        }
    }

    #[test]
    fn the_spread_is_the_middle_distance() {
        for (samples, expected) in [
            (&[][..], 0),
            (&[80, 80, 80, 80], 0),
            (&[60, 80, 90], 10),
            (&[80, 80, 80, 5_000], 0),
            (&[0, 100, 40, 60, 50], 10),
        ] {
            assert_eq!(spread(samples), expected, "{samples:?}");
        }
        assert_eq!(spread(&[1; 1000]), 0);
    }
}
