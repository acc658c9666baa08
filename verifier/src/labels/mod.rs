//! What became of decisions: outcomes that merchants report, and reviews by people, which make outcomes.

mod outcome;
mod review;

pub use outcome::{OutcomeDetails, OutcomeHistory, OutcomeRequest, history, record};
pub use review::{
    Block, BlockWhat, ReviewDetails, ReviewPage, ReviewState, Verdict, VerdictRequest, claim,
    decide, review, reviews,
};
