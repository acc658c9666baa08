//! A checked expression: with types, before it is made flat.

use std::{collections::BTreeSet, fmt};

use super::{
    members::Members,
    syntax::{Arithmetic, Comparison, Literal, TextTest},
};
use crate::attribute::{Attribute, Type, Unit, Value};

/// Attributes that are known wherever an expression is asked.
pub(super) type Known = BTreeSet<Attribute>;

pub(super) struct Checked {
    pub(super) plan: Plan,
    pub(super) kind: Kind,
    /// What is known once it is true.
    pub(super) if_true: Known,
    /// What is known once it is false.
    pub(super) if_false: Known,
    /// What it is written as, if it may take another type or unit.
    pub(super) literal: Option<Literal>,
}

impl Checked {
    pub(super) fn new(plan: Plan, kind: Kind) -> Self {
        Self {
            plan,
            kind,
            if_true: Known::new(),
            if_false: Known::new(),
            literal: None,
        }
    }

    pub(super) fn negated(self) -> Self {
        Self {
            plan: Plan::Not(Box::new(self.plan)),
            if_true: self.if_false,
            if_false: self.if_true,
            literal: None,
            ..self
        }
    }
}

pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Arithmetic(Arithmetic, Box<[Plan; 2]>),
    Compare(Comparison, Box<[Plan; 2]>),
    Constant(Value),
    InList(Box<Plan>, String),
    InSet(Box<Plan>, Members),
    Known(Attribute),
    Load(Attribute),
    LoadElse(Attribute, Box<Plan>),
    Not(Box<Plan>),
    Points,
    Text(TextTest, Box<[Plan; 2]>),
}

/// Type and unit of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Kind {
    pub(super) of: Type,
    pub(super) unit: Unit,
}

impl Kind {
    pub(super) const fn of(of: Type) -> Self {
        let unit = Unit::None;
        Self { of, unit }
    }

    pub(super) fn of_attribute(attribute: Attribute) -> Self {
        Self {
            of: attribute.kind(),
            unit: attribute.unit(),
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self.of, Type::Decimal | Type::Integer)
    }

    pub(super) fn goes_with(self, other: Self) -> bool {
        let is_of_one_type = self.of == other.of || (self.is_number() && other.is_number());
        is_of_one_type && self.unit == other.unit
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.unit, self.of) {
            (Unit::Milliseconds | Unit::Seconds, _) => "a time such as 30s or 1h",
            (Unit::Minor, _) => "an amount in minor units of its own currency",
            (Unit::UsdMicros, _) => "an amount such as 5000.00 USD",
            (Unit::None, of) => of.as_str(),
        })
    }
}
