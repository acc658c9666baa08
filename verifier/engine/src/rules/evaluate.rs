//! Runs a program over attributes.

use super::{
    lists::{Found, ListHit, Lists},
    program::{Program, Step},
    scalar::Scalar,
    syntax::{Arithmetic, Comparison, TextTest},
};
use crate::{
    Decision, Effect, Outcome, Reason,
    attribute::{Attribute, Attributes, Decimal},
};

/// Code of the reason of a rule that could not be asked.
pub const RULE_FAILED: &str = "rule_failed";

/// What an evaluation leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Outcome, points, reasons.
    pub decision: Decision,
    /// What the lists answered, but for those that do not hold the value.
    pub list_hits: Vec<ListHit>,
    /// Rules that could not be asked: what they read was missing.
    pub failed_rules: u32,
    /// Steps that were taken.
    pub steps: usize,
}

/// Why a rule could not be asked.
enum Failure {
    /// The attribute should be known and is not.
    Attribute(Attribute),
    List(u32),
    /// The program is not as the compiler makes it.
    Program,
}

pub(super) fn evaluate(
    program: &Program,
    attributes: &Attributes,
    lists: &dyn Lists,
) -> Evaluation {
    let mut machine = Machine {
        program,
        attributes,
        lists,
        next: 0,
        stack: Vec::with_capacity(program.stack),
        entries: vec![None; program.lists.len()],
        rule: 0,
        has_answered: false,
        reasons: Vec::new(),
        points: 0,
        own_points: 0,
        list_hits: Vec::new(),
        failed_rules: 0,
    };
    let mut steps = 0;
    while let Some(step) = program.steps.get(machine.next) {
        steps += 1;
        machine.next += 1;
        if let Err(failure) = machine.step(step) {
            machine.fail(&failure);
        }
    }
    let Machine {
        reasons,
        points,
        own_points,
        list_hits,
        failed_rules,
        ..
    } = machine;
    Evaluation {
        decision: Decision {
            outcome: outcome(&reasons, failed_rules > 0),
            points: points.saturating_add(own_points),
            reasons,
        },
        list_hits,
        failed_rules,
        steps,
    }
}

/// A reject holds against everything. Where a rule failed nothing is allowed: it might have said anything. Then an allow
/// holds against reviews and challenges; then the strictest.
fn outcome(reasons: &[Reason], has_failed: bool) -> Outcome {
    let is_any = |effect| reasons.iter().any(|reason| reason.effect == effect);
    if is_any(Effect::Reject) {
        Outcome::Reject
    } else if has_failed {
        Outcome::Review
    } else if is_any(Effect::Allow) {
        Outcome::Allow
    } else if is_any(Effect::Review) {
        Outcome::Review
    } else if is_any(Effect::Challenge) {
        Outcome::Challenge
    } else {
        Outcome::Allow
    }
}

struct Machine<'a> {
    program: &'a Program,
    attributes: &'a Attributes,
    lists: &'a dyn Lists,
    next: usize,
    stack: Vec<Scalar<'a>>,
    /// What the current rule found in each list.
    entries: Vec<Option<Box<str>>>,
    rule: usize,
    has_answered: bool,
    reasons: Vec<Reason>,
    /// Of the rules before this one.
    points: u32,
    /// Of this one.
    own_points: u32,
    list_hits: Vec<ListHit>,
    failed_rules: u32,
}

impl<'a> Machine<'a> {
    fn step(&mut self, step: &Step) -> Result<(), Failure> {
        match step {
            Step::Answer(index) => self.answer(*index)?,
            Step::Arithmetic(operator) => {
                let (left, right) = self.pop_two()?;
                self.stack.push(arithmetic(*operator, left, right)?);
            }
            Step::Compare(comparison) => {
                let (left, right) = self.pop_two()?;
                let holds = compare(*comparison, left, right)?;
                self.stack.push(Scalar::Boolean(holds));
            }
            Step::Constant(index) => {
                let value = self.program.constants.get(*index as usize);
                let scalar = value.and_then(Scalar::of).ok_or(Failure::Program)?;
                self.stack.push(scalar);
            }
            Step::End(target) => self.next = *target as usize,
            Step::InList(index) => self.look_up(*index)?,
            Step::InSet(index) => {
                let value = self.pop()?;
                let members = self.program.sets.get(*index as usize);
                let is_in = members.ok_or(Failure::Program)?.contains(value);
                self.stack.push(Scalar::Boolean(is_in));
            }
            Step::JumpIfFalse(target) => {
                if self.stack.last() == Some(&Scalar::Boolean(false)) {
                    self.next = *target as usize;
                }
            }
            Step::JumpIfTrue(target) => {
                if self.stack.last() == Some(&Scalar::Boolean(true)) {
                    self.next = *target as usize;
                }
            }
            Step::Known(attribute) => {
                let is_known = self.value(*attribute).is_some();
                self.stack.push(Scalar::Boolean(is_known));
            }
            Step::Load(attribute) => {
                let value = self.value(*attribute);
                self.stack
                    .push(value.ok_or(Failure::Attribute(*attribute))?);
            }
            Step::LoadElse(attribute, target) => {
                if let Some(value) = self.value(*attribute) {
                    self.stack.push(value);
                    self.next = *target as usize;
                }
            }
            Step::Not => {
                let value = self.pop_boolean()?;
                self.stack.push(Scalar::Boolean(!value));
            }
            Step::Points => self.stack.push(Scalar::Integer(self.points.into())),
            Step::Pop => _ = self.pop()?,
            Step::Rule(index) => {
                self.rule = *index as usize;
                self.points = self.points.saturating_add(self.own_points);
                self.own_points = 0;
                self.has_answered = false;
                self.entries.fill(None);
            }
            Step::Show(name) => {
                let value = self.pop()?.to_json();
                self.show(*name, value)?;
            }
            Step::ShowAttribute(attribute, name) => {
                let value = self.attributes.get(*attribute).to_json();
                self.show(*name, value)?;
            }
            Step::ShowEntry { list, name } => {
                let entry = self.entries.get(*list as usize).ok_or(Failure::Program)?;
                let value = serde_json::to_value(entry).map_err(|_| Failure::Program)?;
                self.show(*name, value)?;
            }
            Step::SkipIfFalse(target) => {
                if !self.pop_boolean()? {
                    self.next = *target as usize;
                }
            }
            Step::Text(test) => {
                let (Scalar::Text(whole), Scalar::Text(part)) = self.pop_two()? else {
                    return Err(Failure::Program);
                };
                let holds = match test {
                    TextTest::Contains => whole.contains(part),
                    TextTest::EndsWith => whole.ends_with(part),
                    TextTest::StartsWith => whole.starts_with(part),
                };
                self.stack.push(Scalar::Boolean(holds));
            }
        }
        Ok(())
    }

    fn value(&self, attribute: Attribute) -> Option<Scalar<'a>> {
        Scalar::of(self.attributes.get(attribute))
    }

    fn pop(&mut self) -> Result<Scalar<'a>, Failure> {
        self.stack.pop().ok_or(Failure::Program)
    }

    fn pop_boolean(&mut self) -> Result<bool, Failure> {
        match self.pop()? {
            Scalar::Boolean(value) => Ok(value),
            _ => Err(Failure::Program),
        }
    }

    fn pop_two(&mut self) -> Result<(Scalar<'a>, Scalar<'a>), Failure> {
        let right = self.pop()?;
        Ok((self.pop()?, right))
    }

    fn look_up(&mut self, index: u32) -> Result<(), Failure> {
        let value = self.pop()?;
        let list = self
            .program
            .lists
            .get(index as usize)
            .ok_or(Failure::Program)?;
        let entry = match self.lists.find(list, value) {
            Found::Absent => {
                self.stack.push(Scalar::Boolean(false));
                return Ok(());
            }
            Found::Entry(entry) => Some(entry),
            Found::NoList => None,
        };
        let hit = ListHit {
            list: list.to_string(),
            value: value.to_json(),
            entry: entry.as_deref().map(str::to_owned),
        };
        if !self.list_hits.contains(&hit) {
            self.list_hits.push(hit);
        }
        let Some(entry) = entry else {
            return Err(Failure::List(index));
        };
        if let Some(place) = self.entries.get_mut(index as usize) {
            *place = Some(entry);
        }
        self.stack.push(Scalar::Boolean(true));
        Ok(())
    }

    fn answer(&mut self, index: u32) -> Result<(), Failure> {
        let answer = self
            .program
            .answers
            .get(index as usize)
            .ok_or(Failure::Program)?;
        self.has_answered = true;
        self.own_points = answer.points;
        let reason = self.reason(&answer.code, answer.effect, answer.points);
        self.reasons.push(reason);
        Ok(())
    }

    fn reason(&self, code: &str, effect: Effect, points: u32) -> Reason {
        let rule = self.program.rules.get(self.rule);
        Reason {
            rule: rule.map_or_else(String::new, |rule| rule.name.to_string()),
            code: code.to_owned(),
            effect,
            points,
            values: std::collections::BTreeMap::new(),
        }
    }

    fn show(&mut self, name: u32, value: serde_json::Value) -> Result<(), Failure> {
        let name = self
            .program
            .names
            .get(name as usize)
            .ok_or(Failure::Program)?;
        let reason = self.reasons.last_mut().ok_or(Failure::Program)?;
        reason.values.insert(name.to_string(), value);
        Ok(())
    }

    /// Goes on with the next rule. A rule that has answered already only shows less.
    fn fail(&mut self, failure: &Failure) {
        self.stack.clear();
        let rule = self.program.rules.get(self.rule);
        self.next = rule.map_or(usize::MAX, |rule| (rule.end as usize).max(self.next));
        if self.has_answered {
            return;
        }
        self.failed_rules += 1;
        let mut reason = self.reason(RULE_FAILED, Effect::Review, 0);
        let missing = match failure {
            Failure::Attribute(attribute) => Some(attribute.name().to_owned()),
            Failure::List(index) => {
                let name = self.program.lists.get(*index as usize);
                name.map(|name| format!("@{name}"))
            }
            Failure::Program => None,
        };
        reason.values.insert("missing".to_owned(), missing.into());
        self.reasons.push(reason);
    }
}

fn compare(comparison: Comparison, left: Scalar<'_>, right: Scalar<'_>) -> Result<bool, Failure> {
    let order = match (left, right) {
        (Scalar::Integer(left), Scalar::Integer(right)) => left.cmp(&right),
        _ => match (left.millionths(), right.millionths()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => {
                return match comparison {
                    Comparison::Equal => Ok(left == right),
                    Comparison::NotEqual => Ok(left != right),
                    _ => Err(Failure::Program),
                };
            }
        },
    };
    Ok(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::NotEqual => order.is_ne(),
    })
}

/// The nearest number there is, where the exact one is beyond 64 bits; a product of decimals is cut off after the
/// millionths.
fn arithmetic<'a>(
    operator: Arithmetic,
    left: Scalar<'a>,
    right: Scalar<'a>,
) -> Result<Scalar<'a>, Failure> {
    if let (Scalar::Integer(left), Scalar::Integer(right)) = (left, right) {
        return Ok(Scalar::Integer(match operator {
            Arithmetic::Add => left.saturating_add(right),
            Arithmetic::Multiply => left.saturating_mul(right),
            Arithmetic::Subtract => left.saturating_sub(right),
        }));
    }
    let (Some(left), Some(right)) = (left.millionths(), right.millionths()) else {
        return Err(Failure::Program);
    };
    let exact = match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Multiply => left.saturating_mul(right) / i128::from(Decimal::SCALE),
        Arithmetic::Subtract => left - right,
    };
    let clamped = exact.clamp(i64::MIN.into(), i64::MAX.into());
    let millionths = i64::try_from(clamped).map_err(|_| Failure::Program)?;
    Ok(Scalar::Decimal(Decimal::from_millionths(millionths)))
}
