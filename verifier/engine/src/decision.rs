//! What was decided, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The decision, mildest first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Go on.
    Allow,
    /// Go on once the customer has proved more.
    Challenge,
    /// A person should look at it.
    Review,
    /// Stop.
    Reject,
}

impl Outcome {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Challenge => "challenge",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }
}

/// What one rule asks for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// [`Outcome::Allow`], whatever asks for a challenge or a review; never against a reject.
    Allow,
    /// At least [`Outcome::Challenge`].
    Challenge,
    /// Adds its points, leaves the outcome.
    Flag,
    /// The rule was asked and did not match.
    None,
    /// [`Outcome::Reject`].
    Reject,
    /// At least [`Outcome::Review`].
    Review,
}

impl Effect {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Challenge => "challenge",
            Self::Flag => "flag",
            Self::None => "none",
            Self::Reject => "reject",
            Self::Review => "review",
        }
    }
}

/// One rule's answer and the values it read.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Reason {
    /// Name of the rule.
    pub rule: String,
    /// What it found, from the rule's fixed list.
    pub code: String,
    /// What it asks for.
    pub effect: Effect,
    /// What it adds to the score.
    pub points: u32,
    /// The values that it read, by name with their unit.
    pub values: BTreeMap<String, Value>,
}

/// The decision on one submission.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Decision {
    /// What to do.
    pub outcome: Outcome,
    /// Sum of all points.
    pub points: u32,
    /// The rules' answers, in the rules' order.
    pub reasons: Vec<Reason>,
}
