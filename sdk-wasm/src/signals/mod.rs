//! Measures the signals that [`waxseal_protocol::signal`] describes: one file per signal, and the
//! registry that runs them.
//!
//! A signal's file says what it measures, in prose, and has one function. The function returns the
//! value, or nothing where the browser lacks it; what it throws becomes an error. What takes the browser
//! some work is in the same form in `sdk-wasm/js/frame/signals`.

pub mod behaviour;
#[cfg(target_arch = "wasm32")]
mod collected;
#[cfg(target_arch = "wasm32")]
mod device;
#[cfg(target_arch = "wasm32")]
mod probe;
#[cfg(target_arch = "wasm32")]
mod registry;

#[cfg(target_arch = "wasm32")]
pub use collected::Collected;
#[cfg(target_arch = "wasm32")]
pub use registry::{Environment, browser_data, measure};
