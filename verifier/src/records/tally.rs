//! What rules did, or would have done, to frauds and to good customers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use waxseal_engine::{Decision, Effect, Outcome};

/// What became of a session, where somebody has said so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Label {
    /// Fraud, or a chargeback.
    Fraud,
    /// A good customer.
    Legitimate,
}

/// Some decisions.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
pub struct Cell {
    /// How many.
    pub decisions: u64,
    /// How many of them were frauds or chargebacks.
    pub frauds: u64,
    /// How many were good customers'.
    pub good_customers: u64,
    /// The money of all, in millionths of a US dollar.
    pub usd_micros: i64,
    /// The money of frauds.
    pub fraud_usd_micros: i64,
    /// The money of good customers.
    pub good_usd_micros: i64,
}

impl Cell {
    fn add(&mut self, label: Option<Label>, usd_micros: i64) {
        self.decisions += 1;
        self.usd_micros = self.usd_micros.saturating_add(usd_micros);
        let (count, sum) = match label {
            None => return,
            Some(Label::Fraud) => (&mut self.frauds, &mut self.fraud_usd_micros),
            Some(Label::Legitimate) => (&mut self.good_customers, &mut self.good_usd_micros),
        };
        *count += 1;
        *sum = sum.saturating_add(usd_micros);
    }

    fn merge(&mut self, other: &Self) {
        self.decisions += other.decisions;
        self.frauds += other.frauds;
        self.good_customers += other.good_customers;
        self.usd_micros = self.usd_micros.saturating_add(other.usd_micros);
        self.fraud_usd_micros = self.fraud_usd_micros.saturating_add(other.fraud_usd_micros);
        self.good_usd_micros = self.good_usd_micros.saturating_add(other.good_usd_micros);
    }
}

/// What one set of rules does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
pub struct Side {
    /// Decisions to go on.
    pub allow: Cell,
    /// Decisions that ask for more proof.
    pub challenge: Cell,
    /// Decisions that ask for a person.
    pub review: Cell,
    /// Decisions to stop.
    pub reject: Cell,
    /// All but those to go on: its `frauds` are caught, its `good_customers` are hit.
    pub matched: Cell,
}

impl Side {
    fn add(&mut self, outcome: Outcome, label: Option<Label>, usd_micros: i64) {
        let cell = match outcome {
            Outcome::Allow => &mut self.allow,
            Outcome::Challenge => &mut self.challenge,
            Outcome::Reject => &mut self.reject,
            Outcome::Review => &mut self.review,
        };
        cell.add(label, usd_micros);
        if outcome != Outcome::Allow {
            self.matched.add(label, usd_micros);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.allow.merge(&other.allow);
        self.challenge.merge(&other.challenge);
        self.review.merge(&other.review);
        self.reject.merge(&other.reject);
        self.matched.merge(&other.matched);
    }
}

/// Decisions that would be others.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// What today's rules decide.
    pub from: Outcome,
    /// What these would.
    pub to: Outcome,
    /// Which decisions.
    #[serde(flatten)]
    pub cell: Cell,
}

/// What one rule asks for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct RuleTally {
    /// Name of the rule.
    pub rule: String,
    /// Decisions in which it asks for something.
    #[serde(flatten)]
    pub cell: Cell,
}

/// All of it, as it adds up.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) decisions: u64,
    pub(super) damaged: u64,
    pub(super) without_snapshot: u64,
    pub(super) failed: u64,
    pub(super) candidate: Side,
    pub(super) today: Side,
    changes: BTreeMap<(Outcome, Outcome), Cell>,
    rules: BTreeMap<String, Cell>,
}

impl Tally {
    /// Adds what the rules would decide in the place of what today's do.
    pub(super) fn add(
        &mut self,
        (candidate, today): (&Decision, Outcome),
        label: Option<Label>,
        usd_micros: i64,
    ) {
        self.decisions += 1;
        self.candidate.add(candidate.outcome, label, usd_micros);
        self.today.add(today, label, usd_micros);
        if candidate.outcome != today {
            let change = self.changes.entry((today, candidate.outcome)).or_default();
            change.add(label, usd_micros);
        }
        for reason in &candidate.reasons {
            if reason.effect == Effect::None {
                continue;
            }
            match self.rules.get_mut(&reason.rule) {
                Some(cell) => cell.add(label, usd_micros),
                None => {
                    let mut cell = Cell::default();
                    cell.add(label, usd_micros);
                    self.rules.insert(reason.rule.clone(), cell);
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.decisions += other.decisions;
        self.damaged += other.damaged;
        self.without_snapshot += other.without_snapshot;
        self.failed += other.failed;
        self.candidate.merge(&other.candidate);
        self.today.merge(&other.today);
        for (change, cell) in other.changes {
            self.changes.entry(change).or_default().merge(&cell);
        }
        for (rule, cell) in other.rules {
            self.rules.entry(rule).or_default().merge(&cell);
        }
    }

    /// What would be decided otherwise, mildest first.
    pub(super) fn changes(&self) -> Vec<Change> {
        let changes = self.changes.iter();
        changes
            .map(|((from, to), cell)| Change {
                from: *from,
                to: *to,
                cell: *cell,
            })
            .collect()
    }

    /// Of each rule, in the order of these names.
    pub(super) fn rules<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<RuleTally> {
        names
            .map(|name| RuleTally {
                rule: name.to_owned(),
                cell: self.rules.get(name).copied().unwrap_or_default(),
            })
            .collect()
    }
}
