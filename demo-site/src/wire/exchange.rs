//! What a reader of the wire has of one submission.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use waxseal_protocol::{message::SubmitRequest, seal::Envelope};

use super::cutter::Message;

const MAX_EXCHANGES: usize = 64;
const SHOWN_PER_SESSION: usize = 3;

/// Header fields that are shown. Others stay out of the log: `Cookie` above all, because browsers
/// do not tell ports apart and so send this shop's session cookie to the verifier on `localhost`.
const SHOWN_FIELDS: [&str; 9] = [
    "authorization",
    "cache-control",
    "content-length",
    "content-type",
    "date",
    "host",
    "origin",
    "sec-fetch-site",
    "x-request-id",
];

/// One submission of a card, with its answer, as it crossed the wire.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Exchange {
    /// What the browser sent.
    pub request: Shown,
    /// What anyone can decode of the envelope.
    pub envelope: Decoded,
    /// What the verifier answered.
    pub answer: Shown,
}

/// A message with the header fields worth showing.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Shown {
    /// Request line or status line.
    pub start: String,
    /// Some header fields; the bearer token is cut short.
    pub headers: Vec<(String, String)>,
    /// How many header fields are not shown.
    pub left_out: usize,
    /// The body, byte for byte.
    pub body: String,
}

/// The parts of an envelope. The header is authenticated, not secret; the rest is sealed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Decoded {
    /// The session it was sealed for, from the header.
    pub session_id: String,
    /// The protected header's JSON, decoded.
    pub header: String,
    /// Length of the encapsulated key.
    pub enc_bytes: usize,
    /// Length of the sealed card and signals with the tag: the same for every card.
    pub sealed_bytes: usize,
}

/// The latest submissions seen on the wire, in memory only.
#[derive(Debug, Default)]
pub struct WireLog(Mutex<VecDeque<Exchange>>);

impl WireLog {
    /// Submissions of one session, oldest first, the latest few at most.
    pub fn of_session(&self, session_id: &str) -> Vec<Exchange> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut latest: Vec<_> = log
            .iter()
            .rev()
            .filter(|exchange| exchange.envelope.session_id == session_id)
            .take(SHOWN_PER_SESSION)
            .cloned()
            .collect();
        latest.reverse();
        latest
    }

    pub(super) fn record(&self, exchange: Exchange) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_back(exchange);
        if log.len() > MAX_EXCHANGES {
            log.pop_front();
        }
    }
}

impl Exchange {
    /// The exchange, if `request` submits a well-formed envelope.
    pub(super) fn of_card(request: &Message, answer: &Message) -> Option<Self> {
        if !request.start.starts_with("POST /v1/session/card ") {
            return None;
        }
        let submit: SubmitRequest = serde_json::from_slice(request.body.as_deref()?).ok()?;
        let envelope = Envelope::parse(&submit.envelope).ok()?;
        let header = URL_SAFE_NO_PAD.decode(envelope.aad()).ok()?;
        let envelope = Decoded {
            session_id: envelope.header().sid.clone(),
            header: String::from_utf8(header).ok()?,
            enc_bytes: envelope.enc().len(),
            sealed_bytes: envelope.ciphertext().len(),
        };
        Some(Self {
            request: Shown::of(request),
            envelope,
            answer: Shown::of(answer),
        })
    }
}

impl Shown {
    fn of(message: &Message) -> Self {
        let headers: Vec<_> = message
            .headers
            .iter()
            .filter(|(name, _)| SHOWN_FIELDS.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), shown_value(name, value)))
            .collect();
        Self {
            start: message.start.clone(),
            left_out: message.headers.len() - headers.len(),
            headers,
            body: String::from_utf8_lossy(message.body.as_deref().unwrap_or_default()).into_owned(),
        }
    }
}

/// The client token is the page's own and short-lived; the demo still has no reason to repeat it.
fn shown_value(name: &str, value: &str) -> String {
    const KEPT: usize = 24;
    match name {
        "authorization" => value.chars().take(KEPT).chain(['…']).collect(),
        _ => value.to_owned(),
    }
}
