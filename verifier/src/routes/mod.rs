//! One file per resource: extract, authorise, call, respond.

mod access_token;
pub(crate) mod alerts;
pub(crate) mod assessments;
pub(crate) mod audit;
mod callers;
mod calling_client;
pub(crate) mod cards;
pub(crate) mod certificate;
mod certificate_owner;
pub(crate) mod clients;
pub(crate) mod customers;
mod first_use;
pub(crate) mod frame;
pub(crate) mod health;
pub(crate) mod jwks;
pub(crate) mod keys;
pub(crate) mod lists;
pub(crate) mod merchants;
pub(crate) mod metrics;
pub(crate) mod models;
pub(crate) mod oauth;
mod occasion;
pub(crate) mod openapi;
pub(crate) mod outcomes;
mod page;
pub(crate) mod reveal;
pub(crate) mod reviews;
pub(crate) mod rules;
pub(crate) mod sdk;
pub(crate) mod session;
pub(crate) mod session_card;
pub(crate) mod sessions;
mod static_file;
mod unproved;

pub(crate) use callers::admit;
