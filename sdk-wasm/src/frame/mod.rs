//! Runs inside the hosted frame: the form, its fields, formatting, submit.

pub mod amount;
pub mod clock;
pub mod field;
pub mod form;
pub mod mask;
pub mod text;

#[cfg(target_arch = "wasm32")]
pub(crate) mod app;
#[cfg(target_arch = "wasm32")]
mod events;
#[cfg(target_arch = "wasm32")]
mod json;
#[cfg(target_arch = "wasm32")]
mod seal;
#[cfg(target_arch = "wasm32")]
mod session;
#[cfg(target_arch = "wasm32")]
mod verifier;
#[cfg(target_arch = "wasm32")]
mod view;
