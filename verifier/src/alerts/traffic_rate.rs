//! Many more requests in a minute than usual, or many fewer.

use super::baseline::Baseline;

/// What is too many or too few.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// So many times as many, or as few.
    pub factor: u32,
    /// Requests a minute below which nothing is an anomaly.
    pub requests: u32,
}

/// Which way it went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// Far fewer.
    Fall,
    /// Far more.
    Rise,
}

impl Change {
    /// Its name.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Fall => "fall",
            Self::Rise => "rise",
        }
    }
}

/// Whether a minute's requests are an anomaly beside those of the minutes before.
pub(super) fn change(requests: u64, baseline: &Baseline, rule: Rule) -> Option<Change> {
    let (factor, least) = (u64::from(rule.factor), u64::from(rule.requests));
    // Over all minutes of the baseline, so that nothing is rounded.
    let minutes = u64::from(baseline.minutes);
    let as_many = requests.saturating_mul(minutes);
    if requests >= least && as_many >= baseline.requests.saturating_mul(factor) {
        return Some(Change::Rise);
    }
    let has_fallen = as_many.saturating_mul(factor) <= baseline.requests;
    (baseline.requests >= least.saturating_mul(minutes) && has_fallen).then_some(Change::Fall)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        factor: 5,
        requests: 300,
    };

    fn beside(usual_per_min: u64, requests: u64) -> Option<Change> {
        let baseline = Baseline {
            minutes: 60,
            requests: usual_per_min * 60,
            errors: 0,
        };
        change(requests, &baseline, RULE)
    }

    #[test]
    fn five_times_as_many_are_a_rise_and_one_fewer_is_none() {
        assert_eq!(beside(100, 499), None);
        assert_eq!(beside(100, 500), Some(Change::Rise));
        let uneven = Baseline {
            minutes: 60,
            requests: 6001,
            errors: 0,
        };
        assert_eq!(change(500, &uneven, RULE), None);
    }

    #[test]
    fn few_requests_are_no_rise_however_few_there_were() {
        assert_eq!(beside(0, 299), None);
        assert_eq!(beside(0, 300), Some(Change::Rise));
    }

    #[test]
    fn a_fifth_is_a_fall_of_what_was_enough() {
        assert_eq!(beside(300, 61), None);
        assert_eq!(beside(300, 60), Some(Change::Fall));
        assert_eq!(beside(299, 0), None);
    }
}
