//! The decision on a submission: attributes, then pure rules over them (crate `waxseal-engine`).

pub mod bin_country;
mod bin_table;
mod engine;
mod facts;
mod followed;
mod geo;
mod listed_networks;
mod networks;
mod prefix_tree;
pub mod time_zones;

pub use bin_table::{BinTable, CardType, Issued};
#[cfg(test)]
pub(crate) use engine::tests::BlockedNetworks;
pub use engine::{BLOCKED_IPS, RULE_SET};
pub use facts::{Facts, VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S};
pub use followed::Followed;
pub use geo::{IpCountries, Located};
pub use listed_networks::ListedNetworks;
pub use networks::Networks;
pub use prefix_tree::PrefixTree;
pub use waxseal_engine::{Decision, Effect, Outcome, Reason, country};
