//! Column `facts_enc`: what the rules read, and what they answered.
//!
//! Written as an array of values in a fixed order, and well-known words as numbers, a third as long as with every
//! name: there is one for each submission.

use ipnet::IpNet;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::word::Word;
use crate::{
    clock::Timestamp,
    risk::{Decision, Facts, Reason, country::CountryCode},
};

/// A decision and the facts that it was made on.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "Stored")]
pub(super) struct Assessed {
    pub(super) facts: Facts,
    pub(super) decision: Decision,
    pub(super) rule_set: String,
    pub(super) decided_at: Timestamp,
}

/// Both forms that are stored.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Array(StoredFacts, Word, u32, Vec<StoredReason>, String, Timestamp),
    Object(Named),
}

/// As the first version wrote it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    facts: Facts,
    decision: Decision,
    rule_set: String,
    decided_at: Timestamp,
}

/// The members of [`Facts`], in the order in which they are declared.
type StoredFacts = (
    Option<IpNet>,
    Option<CountryCode>,
    Option<CountryCode>,
    Option<CountryCode>,
    Option<i64>,
    i64,
    bool,
    u32,
);

/// The members of [`Reason`], in the order in which they are declared.
type StoredReason = (Word, Word, Word, u32, Vec<(Word, Value)>);

impl Serialize for Assessed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Facts {
            ip_blocked_by,
            ip_country,
            bin_country,
            shipping_country,
            usd_micros,
            other_usd_micros,
            sdk_build_known,
            unknown_signals,
        } = &self.facts;
        let facts = (
            ip_blocked_by,
            ip_country,
            bin_country,
            shipping_country,
            usd_micros,
            other_usd_micros,
            sdk_build_known,
            unknown_signals,
        );
        let reasons: Vec<_> = self.decision.reasons.iter().map(reason).collect();
        let Decision {
            outcome, points, ..
        } = &self.decision;
        let rest = (&self.rule_set, &self.decided_at);
        let outcome = Word::from(outcome.as_str());
        (facts, outcome, points, reasons, rest.0, rest.1).serialize(serializer)
    }
}

fn reason(reason: &Reason) -> impl Serialize + '_ {
    let Reason {
        rule,
        code,
        effect,
        points,
        values,
    } = reason;
    let values: Vec<_> = values
        .iter()
        .map(|(name, value)| (Word::from(name.as_str()), value))
        .collect();
    let [rule, code, effect] = [rule, code, effect.as_str()].map(Word::from);
    (rule, code, effect, points, values)
}

impl TryFrom<Stored> for Assessed {
    type Error = serde_json::Error;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Ok(match stored {
            Stored::Array(facts, outcome, points, reasons, rule_set, decided_at) => Self {
                facts: Facts {
                    ip_blocked_by: facts.0,
                    ip_country: facts.1,
                    bin_country: facts.2,
                    shipping_country: facts.3,
                    usd_micros: facts.4,
                    other_usd_micros: facts.5,
                    sdk_build_known: facts.6,
                    unknown_signals: facts.7,
                },
                decision: Decision {
                    outcome: outcome.named()?,
                    points,
                    reasons: reasons
                        .into_iter()
                        .map(stored_reason)
                        .collect::<Result<_, _>>()?,
                },
                rule_set,
                decided_at,
            },
            Stored::Object(Named {
                facts,
                decision,
                rule_set,
                decided_at,
            }) => Self {
                facts,
                decision,
                rule_set,
                decided_at,
            },
        })
    }
}

fn stored_reason(stored: StoredReason) -> Result<Reason, serde_json::Error> {
    let (rule, code, effect, points, values) = stored;
    Ok(Reason {
        rule: rule.into(),
        code: code.into(),
        effect: effect.named()?,
        points,
        values: values
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use waxseal_engine::attribute::{Attribute, Attributes};

    use super::*;
    use crate::risk::{self, BlockedNetworks};

    /// The first version's form of [`assessed`].
    const FIRST: &str = include_str!("assessed_v1.json");

    const PINNED: &str = include_str!("assessed_v2.json");

    fn assessed() -> Assessed {
        let country = |code| CountryCode::parse(code).ok();
        let mut attributes = Attributes::default();
        attributes.set(Attribute::IpAddress, std::net::IpAddr::from([192, 0, 2, 1]));
        attributes.set(Attribute::IpCountry, country("DE"));
        attributes.set(Attribute::CardBinCountry, country("US"));
        attributes.set(Attribute::SessionShippingCountry, country("FR"));
        attributes.set(Attribute::SessionAmountUsdMicros, 12_000_000_i64);
        attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, 5_000_000_000_i64);
        attributes.set(Attribute::SdkBuildKnown, true);
        attributes.set(Attribute::SignalsUnknown, 2_u32);
        let blocked = BlockedNetworks(&["192.0.2.0/24".parse().unwrap()]);
        let found = risk::assess(&attributes, &blocked);
        Assessed {
            facts: Facts::of(&attributes, &found.list_hits),
            decision: found.decision,
            rule_set: "builtin-1".to_owned(),
            decided_at: Timestamp::from_millis(1_764_000_000_000),
        }
    }

    #[test]
    #[ignore = "prints what the test below pins"]
    fn print_pinned() {
        let Assessed {
            facts, decision, ..
        } = &assessed();
        let (facts, decision) = (
            serde_json::to_string(facts),
            serde_json::to_string(decision),
        );
        println!(
            r#"{{"facts":{},"decision":{},"rule_set":"builtin-1","decided_at":1764000000000}}"#,
            facts.unwrap(),
            decision.unwrap()
        );
        println!("{}", serde_json::to_string(&assessed()).unwrap());
    }

    #[test]
    fn both_forms_are_read_for_ever() {
        for stored in [FIRST, PINNED] {
            let read: Assessed = serde_json::from_str(stored).unwrap();
            assert_eq!(read, assessed());
        }
        assert_eq!(
            serde_json::to_string(&assessed()).unwrap(),
            PINNED.trim_end()
        );
    }

    #[test]
    fn what_is_neither_is_refused() {
        let cut = PINNED.trim_end().strip_suffix(']').unwrap();
        let longer = format!("{cut},1]");
        let renamed = FIRST.replacen("rule_set", "rules", 1);
        for other in ["[]", "{}", "null", cut, &longer, &renamed] {
            assert!(serde_json::from_str::<Assessed>(other).is_err(), "{other}");
        }
    }
}
