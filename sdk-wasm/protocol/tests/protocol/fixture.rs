//! A key, a header, a card and a generator that always gives the same.

use core::convert::Infallible;
use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::rand_core::{TryCryptoRng, TryRng};
use serde_json::{Value, json};
use waxseal_protocol::{
    card::{CardholderName, Cvc, Expiry, Pan, PostalCode},
    message::SealingJwk,
    seal::{
        BrowserData, CardFields, Envelope, EnvelopeError, Header, INFO, SealedCard, SealingKey,
        ValidCard, open, pad, seal, suite, thumbprint,
    },
    signal::{KeyTiming, Outcome, PasteCounts, Reading, Screen, SignalName, SignalValue, Signals},
};

pub(crate) const PRIVATE_KEY: [u8; 32] = [0x57; 32];

/// Gives the bytes of a list again and again: deterministic, for tests only.
pub(crate) struct ListRng {
    bytes: Vec<u8>,
    at: usize,
}

pub(crate) fn rng(bytes: &[u8]) -> ListRng {
    ListRng {
        bytes: bytes.to_vec(),
        at: 0,
    }
}

impl TryRng for ListRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_le_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_le_bytes(word))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for byte in dst {
            *byte = self.bytes[self.at % self.bytes.len()];
            self.at += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for ListRng {}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

/// A file of `tests/vectors`.
pub(crate) fn vector(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    fs::read_to_string(folder.join(path)).unwrap()
}

pub(crate) fn jwk(private_key: &[u8; 32]) -> SealingJwk {
    let point = suite::public_key(private_key).unwrap();
    let (x, y) = (b64(&point[1..33]), b64(&point[33..]));
    SealingJwk {
        kty: "EC".into(),
        crv: "P-256".into(),
        kid: thumbprint(&x, &y),
        x,
        y,
        usage: "enc".into(),
        alg: "HPKE-7".into(),
        state: "active".into(),
        created_at: "2026-11-01T00:00:00Z".into(),
        activated_at: None,
        retired_at: None,
    }
}

pub(crate) fn key() -> SealingKey {
    let jwk = jwk(&PRIVATE_KEY);
    SealingKey::from_jwk(&jwk, &jwk.kid).unwrap()
}

pub(crate) fn header() -> Header {
    Header {
        kid: jwk(&PRIVATE_KEY).kid,
        sid: "cs_test_01hx".into(),
        rev: 3,
        org: "http://localhost:8080".into(),
        iat: 1_793_750_400,
        jti: b64([0x11; 16]),
        bld: b64([0x22; 16]),
    }
}

/// The members of [`header`] as JSON.
pub(crate) fn header_json() -> Value {
    let header = header();
    json!({
        "alg": "HPKE-7", "typ": "waxseal-card+jwe", "kid": header.kid, "sid": header.sid,
        "rev": header.rev, "org": header.org, "iat": header.iat, "jti": header.jti,
        "bld": header.bld,
    })
}

pub(crate) fn valid_card() -> ValidCard {
    let pan = Pan::parse("4242 4242 4242 4242").unwrap();
    ValidCard {
        cvc: Some(Cvc::parse("737", pan.brand()).unwrap()),
        expiry: Expiry::new(3, 2030).unwrap(),
        name: Some(CardholderName::parse("Ana Example").unwrap()),
        postal_code: Some(PostalCode::parse("90210").unwrap()),
        network: Some(pan.brand()),
        pan,
    }
}

pub(crate) fn browser() -> BrowserData {
    BrowserData {
        accept_language: "pt-BR,pt,en".into(),
        color_depth: 24,
        java_enabled: false,
        javascript_enabled: true,
        language: "pt-BR".into(),
        screen_height: 1080,
        screen_width: 1920,
        tz_offset_min: 180,
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0".into(),
    }
}

pub(crate) fn signals() -> Signals {
    let mut signals = Signals::new();
    let values = [
        (
            SignalName::DeviceToken,
            SignalValue::Texts(vec!["A".repeat(22), String::new(), "3".into()]),
        ),
        (SignalName::Fields, SignalValue::Ints(vec![1, 2, 3])),
        (SignalName::Headless, SignalValue::Int(65)),
        (SignalName::Media, SignalValue::Text("1010".into())),
        (SignalName::HardwareConcurrency, SignalValue::Int(8)),
        (
            SignalName::KeyTiming,
            SignalValue::KeyTiming(KeyTiming {
                dwell_ms_median: 84,
                flight_ms_median: 131,
                keys: 27,
            }),
        ),
        (
            SignalName::Languages,
            SignalValue::Texts(vec!["pt-BR".into(), "en".into()]),
        ),
        (
            SignalName::PasteCounts,
            SignalValue::PasteCounts(PasteCounts {
                number: 1,
                ..PasteCounts::default()
            }),
        ),
        (SignalName::PixelRatio, SignalValue::Int(1250)),
        (
            SignalName::Platform,
            SignalValue::Text("Linux x86_64".into()),
        ),
        (
            SignalName::Screen,
            SignalValue::Screen(Screen {
                width: 1920,
                height: 1080,
                avail_width: 1920,
                avail_height: 1040,
                color_depth: 24,
            }),
        ),
        (
            SignalName::TimeZone,
            SignalValue::Text("America/Sao_Paulo".into()),
        ),
        (SignalName::UtcOffsetMin, SignalValue::Int(-180)),
    ];
    for (name, value) in values {
        assert!(signals.insert(name, Reading::new(Outcome::Value(value), 12)));
    }
    assert!(signals.insert(SignalName::Canvas, Reading::new(Outcome::Unstable, 30)));
    assert!(signals.insert(SignalName::TouchPoints, Reading::new(Outcome::Skipped, 1)));
    signals
}

pub(crate) fn card() -> SealedCard {
    SealedCard::new(CardFields::from(&valid_card()), browser(), signals())
}

pub(crate) fn sealed() -> String {
    seal(
        &key(),
        &header(),
        &card(),
        &mut rng(b"an ephemeral key, always the same"),
    )
    .unwrap()
}

/// Seals any protected header and any plaintext correctly, so that only what is written in them can
/// be the reason of a refusal.
pub(crate) fn seal_raw(protected: &str, plaintext: &[u8]) -> String {
    let mut buffer = plaintext.to_vec();
    let (enc, tag) = suite::seal(
        key().point(),
        INFO,
        protected.as_bytes(),
        &mut buffer,
        &mut rng(b"another ephemeral key"),
    )
    .unwrap();
    buffer.extend_from_slice(&tag);
    format!("{protected}.{}..{}.", b64(enc), b64(buffer))
}

/// As [`seal_raw`], with a good header around the JSON of a plaintext.
pub(crate) fn seal_plaintext(json: &str) -> String {
    seal_raw(
        &b64(header_json().to_string()),
        &pad(json.as_bytes()).unwrap(),
    )
}

/// As [`seal_raw`], with a good plaintext under the JSON of a header.
pub(crate) fn seal_header(json: &str) -> String {
    seal_raw(
        &b64(json),
        &pad(plaintext_json().to_string().as_bytes()).unwrap(),
    )
}

/// A good plaintext, as a foreign client would write it.
pub(crate) fn plaintext_json() -> Value {
    json!({
        "v": 1,
        "card": {"number": "4242424242424242", "exp_month": 3, "exp_year": 2030, "cvc": "737"},
        "browser": serde_json::to_value(browser()).unwrap(),
        "signals": {},
    })
}

pub(crate) fn parse_and_open(envelope: &str) -> Result<SealedCard, EnvelopeError> {
    open(&PRIVATE_KEY, &Envelope::parse(envelope)?)
}

/// All that a plaintext says, to compare two of them.
pub(crate) fn content(card: &SealedCard) -> Value {
    json!({
        "v": card.v, "card": card.card.as_ref(), "card_id": card.card_id, "cvc": card.cvc.as_ref(),
        "browser": card.browser, "signals": card.signals,
    })
}
