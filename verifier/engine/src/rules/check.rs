//! Types, units, and what may be unknown: what passes here cannot go wrong when it runs, but for attributes that should
//! be known and are not, and lists that are gone.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    error::{Errors, Position, RuleErrorCode},
    literal::{adapt, default_value, members},
    parser::repeated,
    plan::{Checked, Kind, Known, Plan},
    syntax::{Arithmetic, Comparison, Expr, Literal, Named, Node, TextTest},
};
use crate::attribute::{Attribute, Type, Unit};

/// Checks expressions, rule by rule.
pub(super) struct Checker<'e> {
    pub(super) errors: &'e mut Errors,
    /// Lists that the set reads, with what is looked up in them.
    pub(super) lists: BTreeMap<String, Type>,
    /// Lists that the conditions of the current rule read.
    pub(super) lists_of_rule: BTreeSet<String>,
    /// Attributes that the current expression reads.
    pub(super) reads: BTreeSet<Attribute>,
}

/// The mistake was told.
type Found = Option<Checked>;

impl Checker<'_> {
    /// An expression that is true or false, where `known` is known.
    pub(super) fn condition(&mut self, expr: &Expr, known: &Known) -> Found {
        let checked = self.check(expr, known)?;
        if checked.kind.of != Type::Boolean {
            let message = format!("true or false is needed, this is {}", checked.kind);
            return self.wrong(expr.at, RuleErrorCode::TypeMismatch, message);
        }
        Some(checked)
    }

    pub(super) fn check(&mut self, expr: &Expr, known: &Known) -> Found {
        let at = expr.at;
        match &expr.node {
            Node::All(operands) => self.junction(operands, known, true),
            Node::Any(operands) => self.junction(operands, known, false),
            Node::Arithmetic(operator, operands) => self.arithmetic(*operator, operands, known),
            Node::Attribute(name) => self.attribute(at, name, known),
            Node::Compare(comparison, operands) => self.compare(at, *comparison, operands, known),
            Node::Else(name, default) => self.or_else(name, default, known),
            Node::Entry(_) => {
                let message = "entry(@list) is no operand: show it by itself";
                self.wrong(at, RuleErrorCode::SyntaxUnexpected, message)
            }
            Node::InList(value, list) => self.in_list(value, list, known),
            Node::InSet(value, set) => self.in_set(value, set, known),
            Node::Known(name) => self.is_known(name),
            Node::Literal(literal) => {
                let (kind, value) = default_value(literal);
                let checked = Checked::new(Plan::Constant(value), kind);
                let literal = Some(literal.clone());
                Some(Checked { literal, ..checked })
            }
            Node::Not(inner) => self.condition(inner, known).map(Checked::negated),
            Node::Points => Some(Checked::new(Plan::Points, Kind::of(Type::Integer))),
            Node::Text(test, operands) => self.text(*test, operands, known),
            Node::Unknown(name) => self.is_known(name).map(Checked::negated),
        }
    }

    /// The attribute of that name.
    pub(super) fn attribute_of(&mut self, at: Position, name: &str) -> Option<Attribute> {
        let found = Attribute::of_name(name);
        if found.is_none() {
            let message = format!("there is no attribute {}", repeated(name));
            self.errors
                .add(at, RuleErrorCode::AttributeUnknown, message);
        }
        self.reads.extend(found);
        found
    }

    fn attribute(&mut self, at: Position, name: &str, known: &Known) -> Found {
        let attribute = self.attribute_of(at, name)?;
        if attribute.may_be_unknown() && !known.contains(&attribute) {
            let message = format!(
                "{name} may be unknown: write \"{name} else …\", or ask known({name}) or unknown({name}) before"
            );
            return self.wrong(at, RuleErrorCode::UnknownNotHandled, message);
        }
        Some(Checked::new(
            Plan::Load(attribute),
            Kind::of_attribute(attribute),
        ))
    }

    fn is_known(&mut self, name: &Named) -> Found {
        let attribute = self.attribute_of(name.at, &name.text)?;
        let mut checked = Checked::new(Plan::Known(attribute), Kind::of(Type::Boolean));
        checked.if_true.insert(attribute);
        Some(checked)
    }

    fn or_else(&mut self, name: &Named, default: &Expr, known: &Known) -> Found {
        let attribute = self.attribute_of(name.at, &name.text);
        let default_checked = self.check(default, known)?;
        let attribute = attribute?;
        let mut value = Checked::new(Plan::Load(attribute), Kind::of_attribute(attribute));
        let mut default_value = default_checked;
        self.unify(default.at, &mut value, &mut default_value)?;
        let mut kind = value.kind;
        if default_value.kind.of == Type::Decimal {
            kind.of = Type::Decimal;
        }
        let mut checked = Checked::new(
            Plan::LoadElse(attribute, Box::new(default_value.plan)),
            kind,
        );
        match default_value.literal {
            Some(Literal::Boolean(true)) => _ = checked.if_false.insert(attribute),
            Some(Literal::Boolean(false)) => _ = checked.if_true.insert(attribute),
            _ => {}
        }
        Some(checked)
    }

    /// `and`: each operand is asked where those before it are true. `or`: where they are false.
    fn junction(&mut self, operands: &[Expr], known: &Known, is_all: bool) -> Found {
        let mut known = known.clone();
        let mut checked: Vec<Checked> = Vec::with_capacity(operands.len());
        let mut is_whole = true;
        for operand in operands {
            match self.condition(operand, &known) {
                Some(operand) => {
                    known.extend(if is_all {
                        &operand.if_true
                    } else {
                        &operand.if_false
                    });
                    checked.push(operand);
                }
                None => is_whole = false,
            }
        }
        if !is_whole {
            return None;
        }
        let united = |of: fn(&Checked) -> &Known| checked.iter().flat_map(of).copied().collect();
        let common = |of: fn(&Checked) -> &Known| {
            let sets = checked.iter().map(of).cloned();
            sets.reduce(|common, set| &common & &set)
                .unwrap_or_default()
        };
        let (if_true, if_false) = match is_all {
            true => (united(|it| &it.if_true), common(|it| &it.if_false)),
            false => (common(|it| &it.if_true), united(|it| &it.if_false)),
        };
        let plans = checked.into_iter().map(|operand| operand.plan).collect();
        let plan = if is_all {
            Plan::All(plans)
        } else {
            Plan::Any(plans)
        };
        Some(Checked {
            if_true,
            if_false,
            ..Checked::new(plan, Kind::of(Type::Boolean))
        })
    }

    fn pair(&mut self, operands: &[Expr; 2], known: &Known) -> Option<[Checked; 2]> {
        let [left, right] = operands
            .each_ref()
            .map(|operand| self.check(operand, known));
        Some([left?, right?])
    }

    fn compare(
        &mut self,
        at: Position,
        comparison: Comparison,
        operands: &[Expr; 2],
        known: &Known,
    ) -> Found {
        let [mut left, mut right] = self.pair(operands, known)?;
        self.unify(operands[1].at, &mut left, &mut right)?;
        if comparison.is_of_order() && !left.kind.is_number() {
            let message = format!(
                "{} compares numbers, these are of type {}",
                comparison.as_str(),
                left.kind
            );
            return self.wrong(at, RuleErrorCode::TypeMismatch, message);
        }
        let plan = Plan::Compare(comparison, Box::new([left.plan, right.plan]));
        Some(Checked::new(plan, Kind::of(Type::Boolean)))
    }

    fn arithmetic(&mut self, operator: Arithmetic, operands: &[Expr; 2], known: &Known) -> Found {
        let [mut left, mut right] = self.pair(operands, known)?;
        for (operand, checked) in operands.iter().zip([&left, &right]) {
            if !checked.kind.is_number() {
                let message = format!(
                    "{} takes numbers, this is {}",
                    operator.as_str(),
                    checked.kind
                );
                return self.wrong(operand.at, RuleErrorCode::TypeMismatch, message);
            }
        }
        let unit = match (operator, left.kind.unit, right.kind.unit) {
            (Arithmetic::Multiply, unit, Unit::None) | (Arithmetic::Multiply, Unit::None, unit) => {
                unit
            }
            (Arithmetic::Multiply, ..) => {
                let message = "one of the two has to be a plain number";
                return self.wrong(operands[1].at, RuleErrorCode::UnitMismatch, message);
            }
            (Arithmetic::Add | Arithmetic::Subtract, ..) => {
                self.unify(operands[1].at, &mut left, &mut right)?;
                left.kind.unit
            }
        };
        let is_decimal = [left.kind.of, right.kind.of].contains(&Type::Decimal);
        if operator == Arithmetic::Multiply && is_decimal && unit != Unit::None {
            let message = "what has a unit is multiplied by whole numbers only";
            return self.wrong(operands[1].at, RuleErrorCode::TypeMismatch, message);
        }
        let of = if is_decimal {
            Type::Decimal
        } else {
            Type::Integer
        };
        let plan = Plan::Arithmetic(operator, Box::new([left.plan, right.plan]));
        Some(Checked::new(plan, Kind { of, unit }))
    }

    fn text(&mut self, test: TextTest, operands: &[Expr; 2], known: &Known) -> Found {
        let checked = self.pair(operands, known)?;
        for (operand, checked) in operands.iter().zip(&checked) {
            if checked.kind.of != Type::Text {
                let message = format!("{} takes texts, this is {}", test.as_str(), checked.kind);
                return self.wrong(operand.at, RuleErrorCode::TypeMismatch, message);
            }
        }
        let plan = Plan::Text(test, Box::new(checked.map(|operand| operand.plan)));
        Some(Checked::new(plan, Kind::of(Type::Boolean)))
    }

    fn in_list(&mut self, value: &Expr, list: &Named, known: &Known) -> Found {
        let checked = self.check(value, known)?;
        let kind = checked.kind.of;
        if matches!(kind, Type::Boolean | Type::Decimal) {
            let message = format!("a list holds no values of type {}", checked.kind);
            return self.wrong(value.at, RuleErrorCode::TypeMismatch, message);
        }
        self.lists_of_rule.insert(list.text.clone());
        let first = *self.lists.entry(list.text.clone()).or_insert(kind);
        if first != kind {
            let message = format!(
                "@{} is asked for values of type {} elsewhere, and here of type {}",
                list.text,
                first.as_str(),
                kind.as_str()
            );
            return self.wrong(list.at, RuleErrorCode::TypeMismatch, message);
        }
        let plan = Plan::InList(Box::new(checked.plan), list.text.clone());
        Some(Checked::new(plan, Kind::of(Type::Boolean)))
    }

    fn in_set(&mut self, value: &Expr, set: &[(Position, Literal)], known: &Known) -> Found {
        let checked = self.check(value, known)?;
        let members = match members(checked.kind, set, self.errors) {
            Some(members) => members,
            None if checked.kind.of == Type::Boolean => {
                let message = "true or false is in no list of values";
                return self.wrong(value.at, RuleErrorCode::TypeMismatch, message);
            }
            None => return None,
        };
        let plan = Plan::InSet(Box::new(checked.plan), members);
        Some(Checked::new(plan, Kind::of(Type::Boolean)))
    }

    /// Makes two values comparable: a literal takes the other's type and unit.
    fn unify(&mut self, at: Position, left: &mut Checked, right: &mut Checked) -> Option<()> {
        if left.kind.goes_with(right.kind) {
            return Some(());
        }
        let adapted = match (&left.literal, &right.literal) {
            (_, Some(literal)) => adapt(literal, left.kind).map(|value| (right, left.kind, value)),
            (Some(literal), None) => {
                let kind = right.kind;
                adapt(literal, kind).map(|value| (left, kind, value))
            }
            (None, None) => Err((
                match left.kind.is_number() && right.kind.is_number() {
                    true => RuleErrorCode::UnitMismatch,
                    false => RuleErrorCode::TypeMismatch,
                },
                format!("{} does not go with {}", right.kind, left.kind),
            )),
        };
        match adapted {
            Ok((literal, kind, value)) => {
                literal.plan = Plan::Constant(value);
                literal.kind = kind;
                Some(())
            }
            Err((code, message)) => {
                self.errors.add(at, code, message);
                None
            }
        }
    }

    fn wrong(&mut self, at: Position, code: RuleErrorCode, message: impl Into<String>) -> Found {
        self.errors.add(at, code, message);
        None
    }
}
