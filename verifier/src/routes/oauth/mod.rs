//! OAuth's endpoints.

mod answer;
pub(crate) mod authorize;
pub(crate) mod callback;
mod caller;
mod cookies;
mod pages;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod well_known;

pub(crate) use pages::style;
