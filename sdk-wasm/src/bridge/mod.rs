//! Handshake and messages: the only code that crosses between the merchant's page and the frame.
//!
//! The TypeScript side of the same messages is `js/bridge/messages.ts`.

pub mod claims;
#[cfg(target_arch = "wasm32")]
pub mod port;
