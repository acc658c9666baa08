//! The rule language: text that people write, checked before it is saved, run over attributes.
//!
//! `docs/rules.md` describes it for those who write rules. It is a language of our own, and not an expression language
//! such as CEL: types, units and what may be unknown are checked before a set is saved, all mistakes are told with their
//! places, and an evaluation has no loops, so that the length of the program bounds it.

pub mod bounds;
mod check;
mod compile;
mod error;
mod evaluate;
mod lexer;
mod lists;
mod literal;
mod members;
mod parse_expr;
mod parser;
mod plan;
mod print;
mod program;
mod scalar;
mod seed;
mod set;
mod syntax;

pub use error::{Position, RuleError, RuleErrorCode, RuleErrors};
pub use evaluate::{Evaluation, RULE_FAILED};
pub use lists::{Found, ListHit, Lists, NoLists, RecordedLists};
pub use scalar::Scalar;
pub use seed::{SEED_TEXT, seed};
pub use set::RuleSet;
