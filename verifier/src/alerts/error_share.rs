//! More requests that are refused or fail than usual.

use super::baseline::Baseline;

/// What is too many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Of a hundred.
    pub percent: u32,
    /// So many times the usual share.
    pub factor: u32,
    /// Of so many requests at least.
    pub requests: u32,
}

/// Shares of a thousand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Share {
    /// Now.
    pub permille: u64,
    /// Before.
    pub usual_permille: u64,
}

/// Whether too many of `requests` were `errors`, beside what was usual before them.
pub(super) fn too_large(
    requests: u64,
    errors: u64,
    baseline: &Baseline,
    rule: Rule,
) -> Option<Share> {
    let is_enough = requests >= u64::from(rule.requests);
    let is_much = errors.saturating_mul(100) >= requests.saturating_mul(rule.percent.into());
    // errors / requests >= factor * baseline.errors / baseline.requests, without rounding.
    let here = u128::from(errors) * u128::from(baseline.requests);
    let usual = u128::from(baseline.errors) * u128::from(requests) * u128::from(rule.factor);
    let is_unusual = baseline.requests == 0 || here >= usual;
    let permille = |part: u64, all: u64| part.saturating_mul(1000).checked_div(all).unwrap_or(0);
    (is_enough && is_much && is_unusual).then(|| Share {
        permille: permille(errors, requests),
        usual_permille: permille(baseline.errors, baseline.requests),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        percent: 20,
        factor: 3,
        requests: 100,
    };

    fn beside(usual: (u64, u64), (requests, errors): (u64, u64)) -> Option<u64> {
        let baseline = Baseline {
            minutes: 60,
            requests: usual.0,
            errors: usual.1,
        };
        too_large(requests, errors, &baseline, RULE).map(|share| share.permille)
    }

    #[test]
    fn a_fifth_of_a_hundred_is_too_many_and_one_fewer_is_not() {
        assert_eq!(beside((1000, 0), (100, 19)), None);
        assert_eq!(beside((1000, 0), (100, 20)), Some(200));
        assert_eq!(beside((1000, 0), (99, 99)), None);
    }

    #[test]
    fn who_always_has_many_has_to_have_three_times_as_many() {
        assert_eq!(beside((1000, 200), (100, 59)), None);
        assert_eq!(beside((1000, 200), (100, 60)), Some(600));
        assert_eq!(beside((0, 0), (100, 20)), Some(200));
    }
}
