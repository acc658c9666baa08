//! The learned score: which models score, what they are asked, and what they answer.
//!
//! A model is used when its signature is by a key of this keyring, its file is whole, and every feature that it asks
//! for is computed here. One that is not leaves the former one in use. The score decides nothing by itself: rules may
//! read it.

mod apply;
mod drift;
mod features;
mod models;
mod score;
mod signature;
mod view;

pub use drift::look_at_drift;
pub use features::features;
pub use models::{InUse, Models, builtin, usable};
pub use score::{Contribution, Scored, Scorer};
pub use signature::{SignatureError, sign, verify};
pub use view::{ModelDetails, ModelPage, listed};
