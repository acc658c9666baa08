//! Any bytes as a protected header: they are refused, or they come back as they were read.

#![no_main]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use waxseal_fuzz::{CountingRng, sealing_key};
use waxseal_protocol::seal::{Envelope, Header, SealedCard, pad, seal};

fuzz_target!(|json: &[u8]| {
    let Some(header) = parse(json) else {
        return;
    };
    assert_eq!(
        parse(&serialise(&header)),
        Some(header),
        "a header changed on its way"
    );
    if let Some(members) = json.trim_ascii_start().strip_prefix(b"{") {
        for second in [
            &br#"{"crit":[],"#[..],
            br#"{"alg":"HPKE-7","#,
            br#"{"rev":1,"#,
        ] {
            assert_eq!(
                parse(&[second, members].concat()),
                None,
                "one member too many is taken"
            );
        }
    }
});

fn parse(json: &[u8]) -> Option<Header> {
    let protected = URL_SAFE_NO_PAD.encode(json);
    let (_, rest) = SEALED.split_once('.').unwrap();
    Envelope::parse(&format!("{protected}.{rest}"))
        .ok()
        .map(|envelope| envelope.header().clone())
}

/// What a sealer writes for this header.
fn serialise(header: &Header) -> Vec<u8> {
    let key = sealing_key();
    let sealed = Header {
        kid: key.kid().into(),
        ..header.clone()
    };
    let plaintext = pad(include_bytes!("../../seeds/sealed_card/saved")).unwrap();
    let card = SealedCard::parse(&plaintext).unwrap();
    let envelope = seal(&key, &sealed, &card, &mut CountingRng::default()).unwrap();
    let json = URL_SAFE_NO_PAD
        .decode(envelope.split('.').next().unwrap())
        .unwrap();
    String::from_utf8(json)
        .unwrap()
        .replace(key.kid(), &header.kid)
        .into_bytes()
}

const SEALED: &str = include_str!("../../seeds/envelope/sealed");
