//! Versions of rules: as operators keep them, and as every verifier holds those that are asked.

mod change;
mod diff;
mod held;
mod keep;
mod shared;
mod view;

pub use change::{activate, begin_shadow, change, end_shadow, ensure_builtin, roll_back};
pub use diff::difference;
pub use held::{HeldRules, Version};
pub use keep::{NewRuleSet, RuleSetError, create, put};
pub use shared::SharedRules;
pub use view::{
    RollbackRequest, RolledBack, RuleChange, RuleDiff, RuleHistory, RuleSetDetails, RuleSetPage,
    RuleSetRequest, hexadecimal, history, read, sets,
};
