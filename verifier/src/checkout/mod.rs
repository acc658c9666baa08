//! Checkout sessions: created by the merchant's server, completed by one sealed card.

mod assess;
mod assessed;
mod assessment;
mod consistency;
mod create;
mod customer;
mod decide;
mod details;
mod device;
mod envelope;
mod erase;
mod export;
mod pseudonym;
mod record;
mod refusal;
mod revise;
mod snapshot;
mod store_card;
mod submit;
mod token;
mod velocity;
mod view;
mod word;

pub use assessment::{AssessmentDetails, AssessmentRequest, assess, assessment_record};
pub use create::{CreateSession, CreatedSession, create};
pub use customer::{CustomerDetails, CustomerRef, cards, customer};
pub use device::DeviceSamples;
pub use erase::{erase_card, erase_customer};
pub use export::{CustomerExport, export};
pub use record::{DecisionRecord, record, record_of};
pub use refusal::{audit_refusal, audit_refused};
pub use revise::{ReviseSession, revise};
pub use snapshot::{ShadowVerdict, Snapshot};
pub use submit::submit;
pub use token::{RenewedToken, renew};
pub use view::{
    AssessmentView, CardView, DecisionView, SessionDetails, address, decision, details, expiry_of,
    frame_view,
};

/// Envelopes that a session takes before it is closed.
pub const MAX_ATTEMPTS: u32 = 10;
/// Seconds that an envelope's time may differ from the server's.
pub const MAX_CLOCK_SKEW_S: u64 = 300;
