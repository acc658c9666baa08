//! A checked tree to a flat program.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bounds::MAX_STEPS,
    check::Checker,
    error::{Errors, Position, RuleErrorCode},
    parser::repeated,
    plan::{Known, Plan},
    program::{Answer, CompiledRule, Program, Step, Target},
    syntax::{Case, Named, Node, Rule, Set, Show},
};
use crate::{
    Effect,
    attribute::{Attribute, Type},
};

/// What a set needs, beside what it does.
pub(super) struct Compiled {
    pub(super) program: Program,
    /// Lists that it reads, with the type of what is looked up.
    pub(super) lists: BTreeMap<String, Type>,
    /// Attributes that it reads.
    pub(super) attributes: BTreeSet<Attribute>,
}

/// Checks a set and compiles it; what is wrong is told.
pub(super) fn compile(set: &Set, errors: &mut Errors) -> Compiled {
    let mut compiler = Compiler {
        program: Program::default(),
        depth: 0,
        attributes: BTreeSet::new(),
        checker: Checker {
            errors,
            lists: BTreeMap::new(),
            lists_of_rule: BTreeSet::new(),
            reads: BTreeSet::new(),
        },
    };
    let mut names = BTreeSet::new();
    for rule in &set.rules {
        if !names.insert(&*rule.name.text) {
            let message = format!("another rule has the name {}", repeated(&rule.name.text));
            compiler.error(rule.name.at, RuleErrorCode::NameTaken, message);
        }
        compiler.rule(rule);
        if compiler.program.steps.len() > MAX_STEPS {
            let message = format!("up to this rule an evaluation has more than {MAX_STEPS} steps");
            compiler.error(rule.name.at, RuleErrorCode::BoundExceeded, message);
            break;
        }
    }
    Compiled {
        program: compiler.program,
        lists: compiler.checker.lists,
        attributes: compiler.attributes,
    }
}

struct Compiler<'e> {
    program: Program,
    /// Values that are held where the next step is.
    depth: usize,
    attributes: BTreeSet<Attribute>,
    checker: Checker<'e>,
}

impl Compiler<'_> {
    fn rule(&mut self, rule: &Rule) {
        let index = place(self.program.rules.len());
        self.program.rules.push(CompiledRule {
            name: rule.name.text.as_str().into(),
            end: 0,
        });
        self.step(Step::Rule(index));
        self.checker.lists_of_rule.clear();
        let mut known = Known::new();
        let mut ends = Vec::new();
        for case in &rule.cases {
            ends.extend(self.case(case, &mut known));
        }
        if let Some(otherwise) = &rule.otherwise {
            self.answer(Effect::None, 0, &otherwise.reason);
            self.shows(otherwise.shows.as_deref().unwrap_or_default(), &known);
        }
        let end = self.here();
        for step in ends {
            self.program.steps[step] = Step::End(end);
        }
        if let Some(compiled) = self.program.rules.last_mut() {
            compiled.end = end;
        }
    }

    /// Gives the step that has to lead behind the rule. What is known once it does not hold is added to `known`.
    fn case(&mut self, case: &Case, known: &mut Known) -> Option<usize> {
        self.checker.reads.clear();
        let condition = self.checker.condition(&case.when, known);
        let reads = std::mem::take(&mut self.checker.reads);
        self.attributes.extend(&reads);
        let Some(condition) = condition else {
            // What follows is looked at as if it had been handled: one mistake is told once.
            known.extend(&reads);
            self.shows(case.shows.as_deref().unwrap_or_default(), known);
            return None;
        };
        self.plan(condition.plan);
        self.depth -= 1;
        let skip = self.step(Step::SkipIfFalse(0));
        self.answer(case.effect, case.points, &case.reason);
        let if_true = known.union(&condition.if_true).copied().collect();
        match &case.shows {
            Some(shows) => self.shows(shows, &if_true),
            None => self.show_all(&reads),
        }
        let end = self.step(Step::End(0));
        self.program.steps[skip] = Step::SkipIfFalse(self.here());
        known.extend(&condition.if_false);
        Some(end)
    }

    fn answer(&mut self, effect: Effect, points: u32, reason: &Named) {
        let index = place(self.program.answers.len());
        self.program.answers.push(Answer {
            code: reason.text.as_str().into(),
            effect,
            points,
        });
        self.step(Step::Answer(index));
    }

    fn show_all(&mut self, reads: &BTreeSet<Attribute>) {
        for attribute in reads.iter().filter(|attribute| attribute.is_shown()) {
            let name = self.name(attribute.name());
            self.step(Step::ShowAttribute(*attribute, name));
        }
    }

    fn shows(&mut self, shows: &[Show], known: &Known) {
        let mut names = BTreeSet::new();
        for Show { name, value } in shows {
            let (at, text) = match (name, &value.node) {
                (Some(Named { at, text }), _) => (*at, text.as_str()),
                (None, Node::Attribute(attribute)) => (value.at, attribute.as_str()),
                (None, _) => {
                    let message = "what is no attribute needs a name: name = …";
                    self.error(value.at, RuleErrorCode::SyntaxUnexpected, message);
                    continue;
                }
            };
            if !names.insert(text) {
                let message = format!("another value is shown as {}", repeated(text));
                self.error(at, RuleErrorCode::NameTaken, message);
            }
            self.show(value, text, known);
        }
    }

    fn show(&mut self, value: &super::syntax::Expr, name: &str, known: &Known) {
        self.checker.reads.clear();
        let name = self.name(name);
        match &value.node {
            Node::Attribute(attribute) => {
                if let Some(attribute) = self.checker.attribute_of(value.at, attribute) {
                    self.step(Step::ShowAttribute(attribute, name));
                }
            }
            Node::Entry(list) if self.checker.lists_of_rule.contains(&list.text) => {
                let list = self.list(&list.text);
                self.step(Step::ShowEntry { list, name });
            }
            Node::Entry(list) => {
                let message = format!("the rule looks nothing up in @{}", list.text);
                self.error(list.at, RuleErrorCode::SyntaxUnexpected, message);
            }
            _ => {
                if let Some(checked) = self.checker.check(value, known) {
                    self.plan(checked.plan);
                    self.depth -= 1;
                    self.step(Step::Show(name));
                }
            }
        }
        let reads = std::mem::take(&mut self.checker.reads);
        if let Some(hidden) = reads.iter().find(|attribute| !attribute.is_shown()) {
            let message = format!(
                "{} identifies a person, or is only tried, and is not shown",
                hidden.name()
            );
            self.error(value.at, RuleErrorCode::HiddenValue, message);
        }
        self.attributes.extend(reads);
    }

    /// The steps that leave the value of `plan`.
    fn plan(&mut self, plan: Plan) {
        match plan {
            Plan::All(operands) => self.junction(operands, Step::JumpIfFalse),
            Plan::Any(operands) => self.junction(operands, Step::JumpIfTrue),
            Plan::Arithmetic(operator, operands) => {
                self.of_two(*operands, Step::Arithmetic(operator));
            }
            Plan::Compare(comparison, operands) => {
                self.of_two(*operands, Step::Compare(comparison));
            }
            Plan::Constant(value) => {
                let index = place(self.program.constants.len());
                self.program.constants.push(value);
                self.push(Step::Constant(index));
            }
            Plan::InList(value, list) => {
                self.plan(*value);
                let list = self.list(&list);
                self.step(Step::InList(list));
            }
            Plan::InSet(value, members) => {
                self.plan(*value);
                let index = place(self.program.sets.len());
                self.program.sets.push(members);
                self.step(Step::InSet(index));
            }
            Plan::Known(attribute) => self.push(Step::Known(attribute)),
            Plan::Load(attribute) => self.push(Step::Load(attribute)),
            Plan::LoadElse(attribute, default) => {
                let load = self.step(Step::LoadElse(attribute, 0));
                self.plan(*default);
                self.program.steps[load] = Step::LoadElse(attribute, self.here());
            }
            Plan::Not(inner) => {
                self.plan(*inner);
                self.step(Step::Not);
            }
            Plan::Points => self.push(Step::Points),
            Plan::Text(test, operands) => self.of_two(*operands, Step::Text(test)),
        }
    }

    fn junction(&mut self, operands: Vec<Plan>, jump: fn(Target) -> Step) {
        let mut jumps = Vec::with_capacity(operands.len());
        for (index, operand) in operands.into_iter().enumerate() {
            if index > 0 {
                jumps.push(self.step(jump(0)));
                self.step(Step::Pop);
                self.depth -= 1;
            }
            self.plan(operand);
        }
        for step in jumps {
            self.program.steps[step] = jump(self.here());
        }
    }

    fn of_two(&mut self, operands: [Plan; 2], step: Step) {
        let [left, right] = operands;
        self.plan(left);
        self.plan(right);
        self.depth -= 1;
        self.step(step);
    }

    fn push(&mut self, step: Step) {
        self.step(step);
        self.depth += 1;
        self.program.stack = self.program.stack.max(self.depth);
    }

    fn step(&mut self, step: Step) -> usize {
        self.program.steps.push(step);
        self.program.steps.len() - 1
    }

    fn here(&self) -> Target {
        place(self.program.steps.len())
    }

    fn list(&mut self, name: &str) -> u32 {
        interned(&mut self.program.lists, name)
    }

    fn name(&mut self, name: &str) -> u32 {
        interned(&mut self.program.names, name)
    }

    fn error(&mut self, at: Position, code: RuleErrorCode, message: impl Into<String>) {
        self.checker.errors.add(at, code, message);
    }
}

fn interned(texts: &mut Vec<Box<str>>, text: &str) -> u32 {
    let found = texts.iter().position(|known| **known == *text);
    place(found.unwrap_or_else(|| {
        texts.push(text.into());
        texts.len() - 1
    }))
}

/// Bytes of a text are fewer than places of that size.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
