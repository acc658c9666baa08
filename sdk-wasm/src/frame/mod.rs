//! Runs inside the hosted frame: the form, its fields, formatting, submit.

pub mod field;
pub mod mask;
