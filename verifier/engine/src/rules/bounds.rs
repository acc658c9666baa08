//! What a rule set may not exceed, so that no text makes reading or running it slow.

/// Bytes of text.
pub const MAX_BYTES: usize = 256 * 1024;
/// Rules in a set.
pub const MAX_RULES: usize = 500;
/// Cases of a rule.
pub const MAX_CASES: usize = 32;
/// Values that a case shows.
pub const MAX_SHOWS: usize = 16;
/// Expressions inside each other.
pub const MAX_DEPTH: usize = 16;
/// Operators of one kind, `+ -` or `*`, after each other.
pub const MAX_CHAIN: usize = 8;
/// Values between brackets.
pub const MAX_SET: usize = 2_000;
/// Operands that one `and` or `or` joins.
pub const MAX_OPERANDS: usize = 200;
/// Bytes of a text between quotes.
pub const MAX_TEXT: usize = 256;
/// Bytes of the name of a rule, a list, a reason or a value.
pub const MAX_NAME: usize = 64;
/// Points of one answer.
pub const MAX_POINTS: u32 = 1_000;
/// Steps of one evaluation.
pub const MAX_STEPS: usize = 20_000;
/// Errors that are told at once.
pub const MAX_ERRORS: usize = 100;
