//! What a set is compiled to: one flat list of steps. Jumps only go forward, so that no evaluation has more steps than
//! the list.

use super::{
    members::Members,
    syntax::{Arithmetic, Comparison, TextTest},
};
use crate::{
    Effect,
    attribute::{Attribute, Value},
};

/// Place of a step.
pub(super) type Target = u32;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// The current rule's answer is that of a case; what it shows follows.
    Answer(u32),
    Arithmetic(Arithmetic),
    Compare(Comparison),
    Constant(u32),
    /// Behind a case that answered, and behind a rule.
    End(Target),
    InList(u32),
    InSet(u32),
    /// Leaves the value there and jumps.
    JumpIfFalse(Target),
    /// Leaves the value there and jumps.
    JumpIfTrue(Target),
    Known(Attribute),
    Load(Attribute),
    /// Loads and jumps behind what stands for it, if it is known.
    LoadElse(Attribute, Target),
    Not,
    Points,
    /// Takes the value off.
    Pop,
    Rule(u32),
    Show(u32),
    ShowAttribute(Attribute, u32),
    ShowEntry {
        list: u32,
        name: u32,
    },
    /// Takes the value off, and jumps where it is false.
    SkipIfFalse(Target),
    Text(TextTest),
}

#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) constants: Vec<Value>,
    pub(super) sets: Vec<Members>,
    /// Names of lists.
    pub(super) lists: Vec<Box<str>>,
    /// Names under which values are shown.
    pub(super) names: Vec<Box<str>>,
    pub(super) answers: Vec<Answer>,
    pub(super) rules: Vec<CompiledRule>,
    /// Values that are held at once.
    pub(super) stack: usize,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) code: Box<str>,
    pub(super) effect: Effect,
    pub(super) points: u32,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) struct CompiledRule {
    pub(super) name: Box<str>,
    /// Where the next one begins.
    pub(super) end: Target,
}
