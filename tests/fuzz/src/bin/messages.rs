//! Any bytes as one of the HTTP bodies: they are refused, or they are written and read as the same.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use waxseal_protocol::{
    message::{SealingJwks, SessionView, SubmitRequest, SubmitResponse},
    object::object,
    seal::{Envelope, SealingKey},
};

fuzz_target!(|json: &[u8]| {
    if let Some(request) = round_trip::<SubmitRequest>(json) {
        let _ = Envelope::parse(&request.envelope);
        let members = json
            .trim_ascii_start()
            .strip_prefix(b"{")
            .expect("a body is an object");
        for second in [&br#"{"card":{},"#[..], br#"{"envelope":"","#] {
            assert_eq!(parse::<SubmitRequest>(&[second, members].concat()), None);
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
    let body: T = parse(json)?;
    assert_eq!(
        parse(&serde_json::to_vec(&body).unwrap()).as_ref(),
        Some(&body)
    );
    Some(body)
}

/// As the verifier reads a request.
fn parse<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let body = object(&mut reader).ok()?;
    reader.end().ok()?;
    Some(body)
}
