//! Card newtypes.
use serde::{Deserialize, Serialize};
/// A card brand.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Brand {
    /// Visa.
    Visa,
}
