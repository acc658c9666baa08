//! Stored decisions, read again: one is replayed, many are asked what other rules would have decided.

mod backtest;
mod labels;
mod range;
mod replay;
mod tally;

pub use backtest::{Backtest, Backtests, Bounds, Candidate, backtest, run_backtest};
pub use range::{BacktestRequest, Range};
pub use replay::{ModelReplay, Replay, ReplayError, replay};
pub use tally::{Cell, Change, Label, RuleTally, Side};
