//! The rules, run over the facts. Pure: the same facts give the same decision.

use super::{
    Decision, Effect, Facts, Outcome, Reason,
    rules::{bin_country, block_list, sdk, velocity},
};

/// Version of the rules and of their order.
pub const RULE_SET: &str = "builtin-1";

type Rule = fn(&Facts) -> Reason;

const RULES: &[Rule] = &[
    block_list::answer,
    velocity::answer,
    bin_country::answer,
    sdk::answer,
];

/// Asks every rule; the strictest effect wins.
pub fn assess(facts: &Facts) -> Decision {
    decide(RULES.iter().map(|rule| rule(facts)).collect())
}

fn decide(reasons: Vec<Reason>) -> Decision {
    let outcome = reasons.iter().map(|reason| match reason.effect {
        Effect::Allow | Effect::Flag | Effect::None => Outcome::Allow,
        Effect::Challenge => Outcome::Challenge,
        Effect::Reject => Outcome::Reject,
        Effect::Review => Outcome::Review,
    });
    Decision {
        outcome: outcome.max().unwrap_or(Outcome::Review),
        points: reasons.iter().map(|reason| reason.points).sum(),
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::rules::tests::facts;

    #[test]
    fn the_strictest_rule_wins_and_every_rule_answers() {
        let mut facts = facts();
        assert_eq!(assess(&facts).outcome, Outcome::Allow);
        facts.usd_micros = Some(5_000_010_000);
        assert_eq!(assess(&facts).outcome, Outcome::Review);
        facts.ip_blocked_by = Some("192.0.2.0/24".parse().unwrap());
        let decision = assess(&facts);
        assert_eq!(decision.outcome, Outcome::Reject);
        assert_eq!(decision.reasons.len(), RULES.len());
        let points: u32 = decision.reasons.iter().map(|reason| reason.points).sum();
        assert_eq!(decision.points, points);
    }

    #[test]
    fn no_rules_is_a_failure_and_goes_to_review() {
        assert_eq!(decide(Vec::new()).outcome, Outcome::Review);
    }
}
