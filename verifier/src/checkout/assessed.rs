//! Column `facts_enc`: what the rules read, and what they answered.
//!
//! Written as an array of values in a fixed order, and well-known words as numbers, a third as long as with every
//! name: there is one for each submission.

use std::fmt;

use ipnet::IpNet;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
    ser::SerializeSeq,
};
use serde_json::Value;

use super::{
    snapshot::{self, Snapshot},
    word::Word,
};
use crate::{
    clock::Timestamp,
    risk::{Decision, Facts, Reason, country::CountryCode},
};

/// A decision and what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assessed {
    pub(super) facts: Facts,
    pub(super) decision: Decision,
    pub(super) rule_set: String,
    pub(super) decided_at: Timestamp,
    /// Decisions of former releases have none.
    pub(super) snapshot: Option<Snapshot>,
}

/// Both forms that are stored: an array, and the object that the first version wrote.
impl<'de> Deserialize<'de> for Assessed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms)
    }
}

struct Forms;

impl<'de> Visitor<'de> for Forms {
    type Value = Assessed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decision")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, members: A) -> Result<Assessed, A::Error> {
        let members = Array::deserialize(SeqAccessDeserializer::new(members))?;
        Assessed::of(members).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Assessed, A::Error> {
        let Named {
            facts,
            decision,
            rule_set,
            decided_at,
        } = Named::deserialize(MapAccessDeserializer::new(members))?;
        Ok(Assessed {
            facts,
            decision,
            rule_set,
            decided_at,
            snapshot: None,
        })
    }
}

/// Facts, outcome, points, reasons, version of the rules, time.
type Array = (StoredFacts, Word, u32, Vec<StoredReason>, String, Timestamp);

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

/// The members of [`Reason`], in the order in which they are declared; or the snapshot in the place of one.
enum StoredReason {
    Reason(Reason),
    Snapshot(Box<Snapshot>),
}

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
        let reasons = Reasons {
            reasons: &self.decision.reasons,
            snapshot: self.snapshot.as_ref(),
        };
        let Decision {
            outcome, points, ..
        } = &self.decision;
        let rest = (&self.rule_set, &self.decided_at);
        let outcome = Word::from(outcome.as_str());
        (facts, outcome, points, reasons, rest.0, rest.1).serialize(serializer)
    }
}

struct Reasons<'a> {
    reasons: &'a [Reason],
    snapshot: Option<&'a Snapshot>,
}

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        for one in self.reasons {
            array.serialize_element(&reason(one))?;
        }
        if let Some(snapshot) = self.snapshot {
            array.serialize_element(&snapshot.as_reason())?;
        }
        array.end()
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

impl Assessed {
    fn of(members: Array) -> Result<Self, serde_json::Error> {
        let (facts, outcome, points, stored, rule_set, decided_at) = members;
        let (mut reasons, mut snapshot) = (Vec::with_capacity(stored.len()), None);
        for one in stored {
            match one {
                StoredReason::Reason(reason) => reasons.push(reason),
                StoredReason::Snapshot(one) => snapshot = Some(*one),
            }
        }
        Ok(Self {
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
                reasons,
            },
            rule_set,
            decided_at,
            snapshot,
        })
    }
}

impl<'de> Deserialize<'de> for StoredReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(5, OneReason)
    }
}

struct OneReason;

impl<'de> Visitor<'de> for OneReason {
    type Value = StoredReason;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reason")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<StoredReason, A::Error> {
        let missing = |at| A::Error::invalid_length(at, &"the five members of a reason");
        let rule: Word = members.next_element()?.ok_or_else(|| missing(0))?;
        let code: Word = members.next_element()?.ok_or_else(|| missing(1))?;
        let effect: Word = members.next_element()?.ok_or_else(|| missing(2))?;
        let points = members.next_element()?.ok_or_else(|| missing(3))?;
        let rule = String::from(rule);
        if rule == snapshot::RULE {
            let values: Option<[(Word, Snapshot); 1]> = members.next_element()?;
            let [(_, snapshot)] = values.ok_or_else(|| missing(4))?;
            return Ok(StoredReason::Snapshot(Box::new(snapshot)));
        }
        let values: Option<Vec<(Word, Value)>> = members.next_element()?;
        let values = values.ok_or_else(|| missing(4))?.into_iter();
        Ok(StoredReason::Reason(Reason {
            rule,
            code: code.into(),
            effect: effect.named().map_err(A::Error::custom)?,
            points,
            values: values.map(|(name, value)| (name.into(), value)).collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use waxseal_engine::{
        attribute::{Attribute, Attributes},
        rules::{ListHit, seed},
    };

    use super::*;
    use crate::{
        checkout::snapshot::ShadowVerdict,
        risk::{BlockedNetworks, Outcome},
    };

    /// The first version's form of [`assessed`].
    const FIRST: &str = include_str!("assessed_v1.json");

    /// As releases wrote it that kept no snapshot.
    const WITHOUT: &str = include_str!("assessed_v2.json");

    const PINNED: &str = include_str!("assessed_v3.json");

    fn attributes() -> Attributes {
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
        attributes
    }

    fn assessed() -> Assessed {
        let attributes = attributes();
        let blocked = BlockedNetworks(&["192.0.2.0/24".parse().unwrap()]);
        let found = seed().evaluate(&attributes, &blocked);
        Assessed {
            facts: Facts::of(&attributes, &found.list_hits),
            decision: found.decision,
            rule_set: "builtin-1".to_owned(),
            decided_at: Timestamp::from_millis(1_764_000_000_000),
            snapshot: None,
        }
    }

    /// [`assessed`] as it is written now.
    fn with_snapshot() -> Assessed {
        let snapshot = Snapshot {
            attributes: attributes(),
            list_hits: vec![ListHit {
                list: "blocked_ips".to_owned(),
                value: "192.0.2.1".into(),
                entry: Some("192.0.2.0/24".to_owned()),
            }],
            rules_digest: [7; 32],
            shadow: Some(ShadowVerdict {
                rule_set: "rls_01m8q4t1p0zzzzzzzzzzzzzzzz".to_owned(),
                outcome: Outcome::Review,
                points: 40,
                matched: vec!["velocity".to_owned()],
            }),
        };
        Assessed {
            snapshot: Some(snapshot),
            ..assessed()
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
        println!("{}", serde_json::to_string(&with_snapshot()).unwrap());
    }

    #[test]
    fn every_form_is_read_for_ever() {
        for (stored, wanted) in [
            (FIRST, assessed()),
            (WITHOUT, assessed()),
            (PINNED, with_snapshot()),
        ] {
            let read: Assessed = serde_json::from_str(stored).unwrap();
            assert_eq!(read, wanted);
        }
        for (written, pinned) in [(assessed(), WITHOUT), (with_snapshot(), PINNED)] {
            assert_eq!(serde_json::to_string(&written).unwrap(), pinned.trim_end());
        }
    }

    /// They take six members, and reasons of five whose words they know.
    #[test]
    fn the_former_release_reads_a_snapshot_as_a_reason() {
        type Reason = (Value, Value, usize, u32, Vec<(Value, Value)>);
        type Former = (Value, usize, u32, Vec<Reason>, String, i64);
        let (_, _, _, reasons, ..) = serde_json::from_str::<Former>(PINNED).unwrap();
        let (rule, _, effect, points, values) = reasons.last().unwrap();
        assert_eq!((rule, *effect, *points), (&snapshot::RULE.into(), 25, 0));
        assert_eq!(values.len(), 1);
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let cut = PINNED.trim_end().strip_suffix(']').unwrap();
        let longer = format!("{cut},1]");
        let renamed = FIRST.replacen("rule_set", "rules", 1);
        let short = PINNED.replacen("BwcH", "", 1);
        for other in ["[]", "{}", "null", cut, &longer, &renamed, &short] {
            assert!(serde_json::from_str::<Assessed>(other).is_err(), "{other}");
        }
    }
}
