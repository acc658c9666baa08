//! What a decision was made from, kept with it: enough to make it again.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use waxseal_engine::{
    attribute::{Attributes, Compact},
    rules::{Evaluation, ListHit},
};

use super::word::Word;
use crate::risk::{Effect, Outcome};

/// Name of the reason that carries it in column `facts_enc`. No rule can have it: names have small letters, digits,
/// `_`, `-` and `.`. It is a reason, and not a member of its own, because verifiers of the former release refuse a
/// longer column.
pub(super) const RULE: &str = "@snapshot";

/// What the rules were asked with, and which they were.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What was known, the models' scores and versions too.
    pub attributes: Attributes,
    /// What lists answered.
    pub list_hits: Vec<ListHit>,
    /// SHA-256 of the rules' canonical text.
    pub rules_digest: [u8; 32],
    /// What other rules would have decided, that were tried beside.
    pub shadow: Option<ShadowVerdict>,
}

/// What rules answer that are tried without effect.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(from = "StoredVerdict", into = "StoredVerdict")]
pub struct ShadowVerdict {
    /// Id of the set.
    pub rule_set: String,
    /// What they would have decided.
    pub outcome: Outcome,
    /// Sum of their points.
    pub points: u32,
    /// Names of the rules that asked for something.
    pub matched: Vec<String>,
}

/// The members of [`ShadowVerdict`], in the order in which they are declared.
type StoredVerdict = (String, Outcome, u32, Vec<String>);

impl From<StoredVerdict> for ShadowVerdict {
    fn from((rule_set, outcome, points, matched): StoredVerdict) -> Self {
        Self {
            rule_set,
            outcome,
            points,
            matched,
        }
    }
}

impl From<ShadowVerdict> for StoredVerdict {
    fn from(verdict: ShadowVerdict) -> Self {
        let ShadowVerdict {
            rule_set,
            outcome,
            points,
            matched,
        } = verdict;
        (rule_set, outcome, points, matched)
    }
}

impl ShadowVerdict {
    /// Of a set's evaluation.
    pub fn of(rule_set: &str, found: Evaluation) -> Self {
        let reasons = found.decision.reasons.into_iter();
        let matched = reasons.filter(|reason| reason.effect != Effect::None);
        Self {
            rule_set: rule_set.to_owned(),
            outcome: found.decision.outcome,
            points: found.decision.points,
            matched: matched.map(|reason| reason.rule).collect(),
        }
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digest = URL_SAFE_NO_PAD.encode(self.rules_digest);
        let attributes = Compact(&self.attributes);
        (attributes, &self.list_hits, digest, &self.shadow).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (Compact(attributes), list_hits, digest, shadow) =
            <(
                Compact<Attributes>,
                Vec<ListHit>,
                String,
                Option<ShadowVerdict>,
            )>::deserialize(deserializer)?;
        let digest = URL_SAFE_NO_PAD.decode(digest).ok();
        let rules_digest = digest.and_then(|digest| digest.try_into().ok());
        Ok(Self {
            attributes,
            list_hits,
            rules_digest: rules_digest.ok_or_else(|| D::Error::custom("no digest"))?,
            shadow,
        })
    }
}

/// The snapshot as a reason of its own.
impl Snapshot {
    pub(super) fn as_reason(&self) -> impl Serialize + '_ {
        let [rule, code, effect] = [RULE, "", Effect::None.as_str()].map(Word::from);
        (rule, code, effect, 0_u32, [(Word::from(""), self)])
    }
}
