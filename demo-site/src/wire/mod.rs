//! The network, as a party that looks: a passive relay between browsers and the verifier's public
//! listener, so that the demo can show the bytes that really crossed the wire.
//!
//! Why a relay. The shop's page cannot read the frame's traffic: the frame has another origin. The
//! verifier keeps no envelope. An envelope sealed for show by the shop would be true to the format
//! and still not be what the customer's browser sent. So the demo puts a reader where a CDN, a load
//! balancer or a TLS terminator stands in production, and shows what that reader has.
//!
//! What the relay must not do is make the verifier accept more than it would without it. It passes
//! every byte on unchanged in both directions, adds none, and speaks no HTTP of its own; so the
//! verifier's checks of `Origin`, `Sec-Fetch-Site`, token and header see what the browser sent. It
//! listens on loopback only. It belongs to the demo: nothing in the verifier knows that it exists.

mod conversation;
mod cutter;
mod exchange;
mod relay;

pub use exchange::{Exchange, WireLog};
pub use relay::Relay;
