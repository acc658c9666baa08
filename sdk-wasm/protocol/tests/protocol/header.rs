//! The protected header, member by member. All envelopes here are sealed correctly under the header
//! that they carry, unless a test says otherwise.

use serde_json::{Value, json};
use waxseal_protocol::seal::{EnvelopeError, Header, SealError, make_jti, seal};

use crate::fixture::{
    b64, card, header, header_json, key, parse_and_open, rng, seal_header, seal_raw, sealed, unb64,
};

const MEMBERS: [&str; 9] = [
    "alg", "typ", "kid", "sid", "rev", "org", "iat", "jti", "bld",
];

#[test]
fn members_stand_in_the_fixed_order() {
    let sealed = sealed();
    let json = String::from_utf8(unb64(sealed.split('.').next().unwrap())).unwrap();
    let Header { kid, jti, bld, .. } = header();
    let expected = format!(
        r#"{{"alg":"HPKE-7","typ":"waxseal-card+jwe","kid":"{kid}","sid":"cs_test_01hx","rev":3,"org":"http://localhost:8080","iat":1793750400,"jti":"{jti}","bld":"{bld}"}}"#
    );
    assert_eq!(json, expected);
}

#[test]
fn each_member_is_bound_to_the_ciphertext() {
    let sealed = sealed();
    let (_, rest) = sealed.split_once('.').unwrap();
    for (member, value) in [
        ("kid", json!(b64([1; 32]))),
        ("sid", json!("cs_test_01hy")),
        ("rev", json!(4)),
        ("org", json!("https://localhost:8080")),
        ("iat", json!(1_793_750_401)),
        ("jti", json!(b64([2; 16]))),
        ("bld", json!(b64([3; 16]))),
    ] {
        let mut changed = header_json();
        changed[member] = value;
        let envelope = format!("{}.{rest}", b64(changed.to_string()));
        assert_eq!(
            parse_and_open(&envelope).err(),
            Some(EnvelopeError::Open),
            "{member}"
        );
        // The same header opens once it is sealed under it.
        assert!(
            parse_and_open(&seal_header(&changed.to_string())).is_ok(),
            "{member}"
        );
    }
}

#[test]
fn any_other_alg_is_refused() {
    for alg in [
        "HPKE-0", "HPKE-8", "hpke-7", "HPKE-7 ", "", "none", "dir", "ECDH-ES", "RSA-OAEP",
    ] {
        assert_eq!(
            refusal("alg", json!(alg)),
            Some(EnvelopeError::Alg),
            "{alg}"
        );
    }
}

#[test]
fn a_missing_member_is_refused() {
    for member in MEMBERS {
        let mut changed = header_json();
        changed.as_object_mut().unwrap().remove(member).unwrap();
        assert_eq!(
            refused(&changed.to_string()),
            Some(EnvelopeError::Header),
            "{member}"
        );
    }
}

#[test]
fn an_extra_member_is_refused() {
    for member in ["enc", "zip", "crit", "epk", "apu", "x", "ALG", ""] {
        assert_eq!(
            refusal(member, json!("A256GCM")),
            Some(EnvelopeError::Header),
            "{member}"
        );
    }
}

#[test]
fn a_repeated_member_is_refused() {
    let json = header_json().to_string();
    for member in MEMBERS {
        let again = json!({ member: header_json()[member] }).to_string();
        let twice = format!("{},{}", json.strip_suffix('}').unwrap(), &again[1..]);
        assert_eq!(refused(&twice), Some(EnvelopeError::Header), "{member}");
    }
}

#[test]
fn a_member_of_another_type_is_refused() {
    for member in MEMBERS {
        for value in [
            json!(null),
            json!([]),
            json!({}),
            json!(true),
            json!(-1),
            json!(1.5),
        ] {
            assert_eq!(
                refusal(member, value),
                Some(EnvelopeError::Header),
                "{member}"
            );
        }
    }
    assert_eq!(refusal("rev", json!("3")), Some(EnvelopeError::Header));
    assert_eq!(
        refusal("rev", json!(1_u64 << 32)),
        Some(EnvelopeError::Header)
    );
    assert_eq!(
        refusal("iat", json!("1793750400")),
        Some(EnvelopeError::Header)
    );
    assert_eq!(
        refusal("iat", json!(1_u64 << 53)),
        Some(EnvelopeError::Header)
    );
    assert_eq!(refusal("iat", json!((1_u64 << 53) - 1)), None);
}

#[test]
fn a_member_out_of_bounds_is_refused() {
    for (member, value) in [
        ("typ", "JWE".to_owned()),
        ("typ", "application/waxseal-card+jwe".to_owned()),
        ("kid", b64([1; 31])),
        ("kid", b64([1; 33])),
        ("kid", format!("{}B", "A".repeat(42))),
        ("kid", format!("{}=", b64([1; 32]))),
        ("sid", String::new()),
        ("sid", "a".repeat(65)),
        ("sid", "cs_test/..".to_owned()),
        ("sid", "cs_tést".to_owned()),
        ("sid", "cs_test\0".to_owned()),
        ("org", String::new()),
        ("org", "a".repeat(256)),
        ("org", "https://shop.example\n".to_owned()),
        ("org", "https://shöp.example".to_owned()),
        ("org", "https://shop.example?\"".to_owned()),
        ("jti", b64([1; 15])),
        ("jti", b64([1; 17])),
        ("jti", format!("{}B", "A".repeat(21))),
        ("bld", b64([1; 32])),
        ("bld", String::new()),
    ] {
        assert_eq!(
            refusal(member, json!(value)),
            Some(EnvelopeError::Header),
            "{member} {value}"
        );
    }
    for (member, value) in [("sid", "a".repeat(64)), ("org", "a".repeat(255))] {
        assert_eq!(refusal(member, json!(value)), None, "{member}");
    }
}

#[test]
fn json_that_is_not_one_object_is_refused() {
    let object = header_json();
    let members: Vec<Value> = MEMBERS
        .iter()
        .map(|member| object[*member].clone())
        .collect();
    for json in [
        json!(members).to_string(),
        json!([object]).to_string(),
        format!("{object}{object}"),
        format!("{object}x"),
        format!("\u{feff}{object}"),
        String::new(),
        "null".to_owned(),
        "[".repeat(700),
    ] {
        assert_eq!(refused(&json), Some(EnvelopeError::Header), "{json}");
    }
    let long = format!("{}{object}", " ".repeat(1024));
    assert_eq!(refused(&long), Some(EnvelopeError::Form));
    let long = seal_raw(&b64(long), b"short");
    assert_eq!(parse_and_open(&long).err(), Some(EnvelopeError::Header));
    let not_utf8 = [
        b"{\"alg\":\"\xff".as_slice(),
        &object.to_string().as_bytes()[8..],
    ]
    .concat();
    let envelope = seal_raw(&b64(not_utf8), &[b' '; 4096]);
    assert_eq!(parse_and_open(&envelope).err(), Some(EnvelopeError::Header));
}

#[test]
fn a_header_that_would_be_refused_is_not_sealed() {
    let changed = |change: fn(&mut Header)| {
        let mut header = header();
        change(&mut header);
        seal(&key(), &header, &card(), &mut rng(b"ephemeral")).err()
    };
    assert_eq!(changed(|_| {}), None);
    assert_eq!(
        changed(|header| header.sid.clear()),
        Some(SealError::Header)
    );
    assert_eq!(
        changed(|header| header.org.push('"')),
        Some(SealError::Header)
    );
    assert_eq!(
        changed(|header| header.jti.push('A')),
        Some(SealError::Header)
    );
    assert_eq!(
        changed(|header| header.bld.clear()),
        Some(SealError::Header)
    );
    assert_eq!(
        changed(|header| header.iat = 1 << 53),
        Some(SealError::Header)
    );
    assert_eq!(
        changed(|header| header.kid = b64([0; 32])),
        Some(SealError::Key)
    );
}

#[test]
fn a_jti_is_128_bits_of_the_generator() {
    let bits: Vec<u8> = (0..16).collect();
    assert_eq!(make_jti(&mut rng(&bits)), b64(bits));
}

fn refusal(member: &str, value: Value) -> Option<EnvelopeError> {
    let mut changed = header_json();
    changed[member] = value;
    refused(&changed.to_string())
}

fn refused(json: &str) -> Option<EnvelopeError> {
    parse_and_open(&seal_header(json)).err()
}
