//! A rule set that may be used: read, checked and compiled once.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{
    bounds::MAX_BYTES,
    compile::{Compiled, compile},
    error::{Errors, Position, RuleErrorCode, RuleErrors},
    evaluate::{Evaluation, evaluate},
    lists::Lists,
    parser::parse,
    print::print,
    program::Program,
};
use crate::{
    attribute::{Attribute, Attributes, Type, Value},
    decision::{Effect, Outcome, Reason},
};

/// Rules, ready to be asked.
///
/// Two are equal if they do the same; their texts may have other comments.
#[derive(Debug)]
pub struct RuleSet {
    text: String,
    digest: [u8; 32],
    names: Vec<String>,
    lists: BTreeMap<String, Type>,
    attributes: BTreeSet<Attribute>,
    program: Program,
}

impl RuleSet {
    /// Reads a text.
    ///
    /// # Errors
    /// All its mistakes, each with its place.
    pub fn parse(text: &str) -> Result<Self, RuleErrors> {
        let mut errors = Errors::default();
        let start = Position { line: 1, column: 1 };
        if text.len() > MAX_BYTES {
            let message = format!("a rule set has at most {MAX_BYTES} bytes");
            errors.add(start, RuleErrorCode::BoundExceeded, message);
            return Err(errors.into_found());
        }
        let set = parse(text, &mut errors);
        if set.rules.is_empty() && errors.is_empty() {
            let message = "a set without rules decides nothing";
            errors.add(start, RuleErrorCode::SetEmpty, message);
        }
        let Compiled {
            program,
            lists,
            attributes,
        } = compile(&set, &mut errors);
        errors.finish(Self {
            text: print(&set, true),
            digest: Sha256::digest(print(&set, false)).into(),
            names: set.rules.into_iter().map(|rule| rule.name.text).collect(),
            lists,
            attributes,
            program,
        })
    }

    /// Its canonical text: the same rules, laid out in one way, with their comments.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the canonical text without comments: equal for sets that say the same.
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Names of the rules, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The lists that have to exist, each with the type of what is looked up in it.
    pub fn lists(&self) -> impl Iterator<Item = (&str, Type)> {
        self.lists.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The attributes that it reads.
    pub const fn attributes(&self) -> &BTreeSet<Attribute> {
        &self.attributes
    }

    /// Steps that an evaluation has at most.
    pub fn max_steps(&self) -> usize {
        self.program.steps.len()
    }

    /// Asks every rule, in order. The same attributes and lists give the same decision. Never fails: a rule that cannot
    /// be asked is a reason for a review. A challenge that was met already is not asked for again; nothing stricter is
    /// taken away by it.
    pub fn evaluate(&self, attributes: &Attributes, lists: &dyn Lists) -> Evaluation {
        let mut found = evaluate(&self.program, attributes, lists);
        let has_passed = *attributes.get(Attribute::SessionChallengePassed) == Value::Boolean(true);
        if has_passed && found.decision.outcome == Outcome::Challenge {
            found.decision.outcome = Outcome::Allow;
            found.decision.reasons.push(Reason {
                rule: "challenge".to_owned(),
                code: "challenge_passed".to_owned(),
                effect: Effect::None,
                points: 0,
                values: BTreeMap::new(),
            });
        }
        found
    }
}

impl PartialEq for RuleSet {
    fn eq(&self, other: &Self) -> bool {
        self.program == other.program
    }
}

impl Eq for RuleSet {}
