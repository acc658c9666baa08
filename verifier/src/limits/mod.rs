//! How often a caller may ask (OWASP API4:2023): the generic cell rate algorithm, by address and by client.
//!
//! A rate of 10 a second with a burst of 20 means what nginx's `limit_req rate=10r/s burst=20 nodelay` does:
//! of requests in one instant 21 are answered at once and the others refused; every 100 ms makes room for
//! one more. Counts are kept in this process, or in a Valkey that several verifiers share; while that does not
//! answer each verifier grants its share.

mod caller;
mod generations;
mod in_process;
mod limiter;
mod rate;
mod rates;
mod shared;
mod standing;
mod table;

pub use caller::CallerKey;
pub use limiter::Limiter;
pub use rate::Rate;
pub use rates::Rates;
pub use shared::SharedCounts;
pub use standing::Standing;
pub use table::{Counts, Limit};
