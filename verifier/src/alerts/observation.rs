//! What a request leaves behind.

use std::net::IpAddr;

use crate::{
    clock::Timestamp,
    store::{Subject, SubjectKind},
};

/// Who called, once that is known: left in the answer's extensions.
#[derive(Clone, Debug)]
pub enum CalledBy {
    /// An operator, or somebody who has signed in.
    Operator(String),
    /// A merchant's server, or somebody who acts for the merchant.
    Server {
        /// The client.
        client_id: String,
        /// Its merchant.
        merchant_id: String,
    },
}

impl CalledBy {
    /// Who calls from somewhere.
    pub(super) fn caller(&self) -> Option<Subject> {
        match self {
            Self::Operator(id) => Subject::of_caller(id),
            Self::Server { client_id, .. } => Subject::of_caller(client_id),
        }
    }

    /// For whom.
    pub(super) fn merchant(&self) -> Option<Subject> {
        match self {
            Self::Operator(_) => None,
            Self::Server { merchant_id, .. } => {
                Some(Subject::new(SubjectKind::Merchant, merchant_id.as_str()))
            }
        }
    }
}

/// A request that was answered.
#[derive(Debug)]
pub struct Answered {
    /// The listener, by name.
    pub listener: &'static str,
    /// Whence; goes no further than to where its country is looked up.
    pub ip: IpAddr,
    /// By whom, if that is known.
    pub by: Option<CalledBy>,
    /// Whether it was refused or failed.
    pub is_error: bool,
    /// When.
    pub at: Timestamp,
}

/// Anything that there is to see.
#[derive(Debug)]
pub(super) enum Observation {
    Answered(Answered),
    Failed(Subject, Timestamp),
}
