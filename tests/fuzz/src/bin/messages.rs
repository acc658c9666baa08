//! Any bytes as one of the HTTP bodies: they are refused, or they are written and read as the same.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use waxseal_protocol::{
    message::{SealingJwks, SessionView, SubmitRequest, SubmitResponse},
    seal::{Envelope, SealingKey},
};

fuzz_target!(|json: &[u8]| {
    if let Some(request) = round_trip::<SubmitRequest>(json) {
        let _ = Envelope::parse(&request.envelope);
        if let Some(members) = json.trim_ascii_start().strip_prefix(b"{") {
            for second in [&br#"{"card":{},"#[..], br#"{"envelope":"","#] {
                let body = [second, members].concat();
                assert!(serde_json::from_slice::<SubmitRequest>(&body).is_err());
            }
        }
    }
    round_trip::<SubmitResponse>(json);
    round_trip::<SessionView>(json);
    for jwk in round_trip::<SealingJwks>(json)
        .into_iter()
        .flat_map(|jwks| jwks.keys)
    {
        if let Ok(key) = SealingKey::from_jwk(&jwk, &jwk.kid) {
            assert_eq!(key.kid(), jwk.kid);
        }
    }
});

fn round_trip<T: Debug + DeserializeOwned + PartialEq + Serialize>(json: &[u8]) -> Option<T> {
    let body: T = serde_json::from_slice(json).ok()?;
    let written = serde_json::to_vec(&body).unwrap();
    assert_eq!(serde_json::from_slice::<T>(&written).unwrap(), body);
    Some(body)
}
