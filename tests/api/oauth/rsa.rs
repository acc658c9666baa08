//! Servers that sign with RSA: PS256 alone, with a key that is long enough.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use waxseal_tests::{CONSOLE_ORIGIN, TestVerifier};
use waxseal_verifier::{clock::Clock, identity::oauth::as_registered, mode::Mode};

use super::{
    error,
    servers::{ASSERTION, ask, register},
};

fn jwk(pair: &KeyPair) -> Value {
    let public = pair.public_key();
    let modulus = public.modulus().big_endian_without_leading_zero();
    let exponent = public.exponent().big_endian_without_leading_zero();
    json!({
        "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
    })
}

fn sign(pair: &KeyPair, how: Algorithm, alg: &str, claims: &Value) -> String {
    /// What PKCS #8 has before the key of PKCS #1, at this length.
    const PKCS8: usize = 26;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(pair).unwrap();
    let key = EncodingKey::from_rsa_der(&der.as_ref()[PKCS8..]);
    let header = json!({ "alg": alg, "typ": "JWT" });
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, how).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn a_signature_of_ps256_is_taken_and_one_of_rs256_is_not() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let [own, other] = [(); 2].map(|()| KeyPair::generate(KeySize::Rsa2048).unwrap());
    register(&verifier, &shop, Some(json!({ "keys": [jwk(&own)] })), &[]).await;
    let (id, now) = (shop.client_id(), verifier.clock.now().seconds());
    let claims = |jti: &str| {
        json!({
            "iss": id, "sub": id, "aud": CONSOLE_ORIGIN, "iat": now, "exp": now + 60, "jti": jti,
        })
    };
    let ask = async |assertion: String| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION),
            ("client_assertion", &assertion),
        ];
        ask(&verifier, None, None, &fields).await
    };
    let good = ask(sign(&own, Algorithm::PS256, "PS256", &claims("1"))).await;
    assert_eq!(good.status, 200, "{}", good.text);
    for assertion in [
        sign(&own, Algorithm::RS256, "RS256", &claims("2")),
        sign(&own, Algorithm::RS256, "PS256", &claims("3")),
        sign(&other, Algorithm::PS256, "PS256", &claims("4")),
    ] {
        assert_eq!(error(&ask(assertion).await), "invalid_client");
    }
    let logged = "SELECT reason FROM audit WHERE action = 'auth.failed' ORDER BY seq";
    let reasons = [
        "assertion_algorithm",
        "assertion_signature",
        "assertion_signature",
    ];
    assert_eq!(verifier.database.texts(logged), reasons);
}

#[test]
fn a_key_of_fewer_than_2048_bits_is_not_registered() {
    let modulus = |first: u8, bytes: usize| {
        let mut modulus = vec![0xff; bytes];
        modulus[0] = first;
        modulus
    };
    let zeros = [vec![0; 128], modulus(0x80, 128)].concat();
    for (modulus, is_taken) in [
        (modulus(0x80, 256), true),
        (modulus(0x80, 384), true),
        // As long in base64url, and one bit less.
        (modulus(0x7f, 256), false),
        (modulus(0x80, 128), false),
        (zeros, false),
        (vec![], false),
    ] {
        let key = json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(&modulus), "e": "AQAB" });
        let jwks = json!({ "keys": [key] }).to_string();
        let registered = as_registered("cli_test_1", Some(jwks), &[]);
        assert_eq!(registered.is_some(), is_taken, "{modulus:?}");
    }
}
