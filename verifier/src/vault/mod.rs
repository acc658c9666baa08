//! Where PANs are kept: fingerprints to find them, tokens to stand for them, rows that hold them
//! encrypted.

mod card_id;
mod cards;
mod fingerprint;
mod inspection;
mod reason;
mod reencryption;
mod refingerprinting;
mod reveal;
mod token;

pub use card_id::CardId;
pub use cards::{Candidate, check, find, find_or_create};
pub use inspection::{Inspection, inspect};
pub use reason::Reason;
pub use reencryption::{Pass, step};
pub use refingerprinting::{Position, change_over, delete_former, fingerprint_next};
pub use reveal::{
    RevealError, RevealLimits, RevealRequest, Revealed, audit_refused_reveal, reveal,
};
