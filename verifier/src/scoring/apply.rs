//! What a submission's attributes and reasons get from the models.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waxseal_engine::{
    Effect, Reason,
    attribute::{Attribute, Attributes},
};

use super::{Models, Scored, Scorer, features, score::decimal};

/// The name in reasons, and the code.
const RULE: &str = "model";
const CODE: &str = "model_scored";

impl Models {
    /// Sets the models' attributes from the others, before the rules read them; gives the reason that says why the score
    /// is what it is. It asks for nothing: rules do. The challenger's score is kept with the others and has no effect.
    pub fn apply(&self, attributes: &mut Attributes) -> Reason {
        let models = self.current();
        let values = features(attributes);
        let champion = &models.champion;
        let row = champion.row(&values);
        let scored = champion.score(&row);
        models.count(&row, scored.margin);
        attributes.set(Attribute::ModelScore, decimal(scored.score));
        attributes.set(Attribute::ModelVersion, champion.version());
        if let Some(challenger) = &models.challenger {
            let margin = challenger.margin(&challenger.row(&values));
            let score = challenger.probability(margin);
            attributes.set(Attribute::ModelChallengerScore, decimal(score));
            attributes.set(Attribute::ModelChallengerVersion, challenger.version());
        }
        champion.reason(&scored)
    }
}

impl Scorer {
    /// Why the score of these attributes is what it is: the same, whether or not the models' own are among them.
    pub fn explain(&self, attributes: &Attributes) -> Reason {
        self.reason(&self.score(&self.row(&features(attributes))))
    }

    fn reason(&self, scored: &Scored) -> Reason {
        let contributions = scored.contributions.iter();
        let contributions: Vec<String> = contributions.map(ToString::to_string).collect();
        let values: BTreeMap<String, Value> = [
            ("contributions", json!(contributions)),
            ("model.score", json!(decimal(scored.score).to_f64())),
            ("model.version", json!(self.version())),
            ("simulated", json!(self.origin().simulated)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        Reason {
            rule: RULE.to_owned(),
            code: CODE.to_owned(),
            effect: Effect::None,
            points: 0,
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::builtin;

    #[test]
    fn the_carried_model_says_that_it_is_simulated_and_tells_card_testing_from_a_customer() {
        let models = Models::default();
        let reason_of = |customer: bool| {
            let mut attributes = Attributes::default();
            for (attribute, honest, tester) in [
                (Attribute::SessionAmountUsdMicros, 60_000_000_i64, 1_500_000),
                (Attribute::VelocityCardCount1h, 0, 0),
                (Attribute::VelocityCardCount30d, 4, 0),
                (Attribute::VelocityIpCount1h, 0, 30),
                (Attribute::VelocityIpCount24h, 1, 30),
                (Attribute::VelocityDeviceCount1h, 0, 30),
                (Attribute::VelocityDeviceCount24h, 1, 30),
                (Attribute::DeviceKnownSessions, 9, 30),
            ] {
                attributes.set(attribute, if customer { honest } else { tester });
            }
            let reason = models.apply(&mut attributes);
            assert_eq!(reason.effect, Effect::None);
            assert_eq!(reason.values["simulated"], true);
            assert_eq!(reason.values["model.version"], builtin().version());
            let score = decimal(reason.values["model.score"].as_f64().unwrap());
            let kept = attributes.get(Attribute::ModelScore);
            assert_eq!(*kept, waxseal_engine::attribute::Value::Decimal(score));
            assert!(reason.values["contributions"].as_array().unwrap().len() <= 5);
            reason.values["model.score"].as_f64().unwrap()
        };
        let (honest, tester) = (reason_of(true), reason_of(false));
        assert!(honest < 0.1 && tester > 0.5, "{honest} {tester}");
    }
}
