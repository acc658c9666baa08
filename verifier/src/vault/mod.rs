//! Where PANs are kept: fingerprints to find them, tokens to stand for them, rows that hold them
//! encrypted. And where a CVC waits for its authorisation.

mod card_id;
mod cards;
pub mod cvc;
mod erasing_again;
mod erasure;
mod fingerprint;
mod inspection;
pub mod migration;
mod reason;
mod reencryption;
mod refingerprinting;
mod reveal;
mod token;

pub use card_id::CardId;
pub use cards::{Candidate, check, find, find_or_create};
pub use erasing_again::{ErasedAgain, erase_again};
pub use erasure::{Erased, erase_card, erase_customer};
pub use inspection::{Inspection, inspect};
pub use reason::Reason;
pub use reencryption::{Pass, step};
pub use refingerprinting::{Position, change_over, delete_former, fingerprint_next};
pub use reveal::{
    RevealError, RevealLimits, RevealRequest, Revealed, audit_refused_reveal, reveal,
};
