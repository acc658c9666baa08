//! Signed roots posted elsewhere, in their order, each until it was taken.

use std::{fmt, time::Duration};

use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{RootFile, lease::Lease, root::hash_of};
use crate::{
    clock::Clock,
    outbound::{Bounds, Call, CallError, Destination, Outbound},
    store::{
        RowId, Store, StoreError,
        audit::{
            chain::Place,
            position,
            roots::{self, Root},
        },
    },
};

/// What a call may cost. Nothing of the answer is read but its status.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(10),
    answer_bytes: 16 * 1024,
};

/// Posts every root that `url` has not taken yet, as lines of a file of roots; gives how many those were: none
/// while another verifier than `holder` does it.
///
/// # Errors
/// When one is not taken, or the store fails: the next call begins there.
pub async fn post_roots(
    store: &Store,
    outbound: &Outbound,
    url: &str,
    holder: [u8; 16],
    clock: &dyn Clock,
) -> Result<u64, RootNotPosted> {
    let to = Destination::parse(url).map_err(|_| RootNotPosted::Call(CallError::UrlRefused))?;
    // What an address holds may be secret.
    let sink = format!("roots:{}", URL_SAFE_NO_PAD.encode(hash_of(url)));
    let found = waiting(store, &sink).await;
    if found.map_err(RootNotPosted::Store)?.is_empty() {
        return Ok(0);
    }
    let mut lease = Lease::new(sink.clone(), holder);
    let held = lease.hold(store, clock.now()).await;
    if !held.map_err(RootNotPosted::Store)? {
        return Ok(0);
    }
    // Another may have posted them meanwhile.
    let found = waiting(store, &sink).await;
    let mut posted = 0;
    for root in found.map_err(RootNotPosted::Store)? {
        let json = HeaderValue::from_static("application/json");
        let call = Call::post(to.clone(), json, RootFile::line(&root) + "\n");
        let answer = outbound.call(call, BOUNDS).await;
        let answer = answer.map_err(RootNotPosted::Call)?;
        if !answer.status.is_success() {
            return Err(RootNotPosted::Refused(answer.status.as_u16()));
        }
        let place = Place {
            merchant: RowId::LEAST,
            chain: 0,
            seq: root.number,
        };
        let sink = sink.clone();
        let noted = store.write("note_posted", move |tx| {
            position::advance(tx, &sink, &[place])
        });
        noted.await.map_err(RootNotPosted::Store)?;
        posted += 1;
        let held = lease.hold(store, clock.now()).await;
        if !held.map_err(RootNotPosted::Store)? {
            break;
        }
    }
    Ok(posted)
}

/// Roots that the address has not taken.
async fn waiting(store: &Store, sink: &str) -> Result<Vec<Root>, StoreError> {
    let position = sink.to_owned();
    let read = store.read(move |connection| {
        let places = position::list(connection, &position)?;
        roots::behind(connection, places.first().map_or(0, |place| place.seq))
    });
    read.await
}

/// Why a root was not posted.
#[derive(Debug)]
pub enum RootNotPosted {
    /// There was no answer.
    Call(CallError),
    /// With this status.
    Refused(u16),
    /// Roots cannot be read, or the position cannot be noted.
    Store(StoreError),
}

impl fmt::Display for RootNotPosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => write!(f, "audit.roots_url: {error}"),
            Self::Refused(status) => write!(f, "audit.roots_url: {status}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RootNotPosted {}
