//! OAuth's endpoints.

mod answer;
pub(crate) mod authorize;
mod caller;
mod cookies;
mod pages;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod well_known;

pub(crate) use pages::style;
