//! Token confusion: other algorithms, other keys, other audiences, tokens in each other's place.

use std::net::TcpListener;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Value, json};
use waxseal_tests::DpopKey;

use crate::{
    target::{Target, text},
    wire::{ask, request},
};

/// What an attacker changes of a header.
type Change = (&'static str, fn(&mut Value));

fn part(token: &str, at: usize) -> Value {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap());
    serde_json::from_slice(&part.unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token under HMAC with any key.
fn hmac(header: &Value, claims: &Value, key: &[u8]) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let key = EncodingKey::from_secret(key);
    let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// Where a key might be taken from: nobody may be asked for it.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}/keys", self.0.local_addr().unwrap())
    }
}

/// Tokens that look like `genuine`, each with what is wrong with it. `public` is whatever the target publishes.
#[allow(clippy::too_many_lines, reason = "a table")]
fn forged(genuine: &str, public: &[Vec<u8>], elsewhere: &Elsewhere) -> Vec<(String, String)> {
    let (header, claims) = (part(genuine, 0), part(genuine, 1));
    let (_, signature) = genuine.rsplit_once('.').unwrap();
    let own = DpopKey::make();
    let mut forged = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256"] {
        let mut header = header.clone();
        header["alg"] = alg.into();
        let head = format!("{}.{}", encoded(&header), encoded(&claims));
        for end in ["", signature] {
            forged.push((format!("alg {alg}"), format!("{head}.{end}")));
        }
        forged.push((format!("alg {alg}, no signature"), head));
    }
    for alg in [
        "HS384", "HS512", "RS256", "PS256", "ES256", "ES384", "EdDSA", "ES256K", "dir",
    ] {
        let mut header = header.clone();
        header["alg"] = alg.into();
        let head = format!("{}.{}", encoded(&header), encoded(&claims));
        forged.push((format!("alg {alg}"), format!("{head}.{signature}")));
        forged.push((
            format!("alg {alg}, our key"),
            own.sign_with(&header, &claims),
        ));
    }
    let mut hmac_header = header.clone();
    hmac_header["alg"] = "HS256".into();
    for key in public
        .iter()
        .map(Vec::as_slice)
        .chain([&b""[..], b"secret", b"\0", &[0; 32]])
    {
        forged.push((
            "HMAC under what everybody knows".to_owned(),
            hmac(&hmac_header, &claims, key),
        ));
    }
    for kid in [
        "../../../../dev/null".to_owned(),
        "/dev/null".to_owned(),
        "x' OR '1'='1".to_owned(),
        "x' UNION SELECT 'secret'--".to_owned(),
        elsewhere.url(),
        "|touch evil".to_owned(),
        String::new(),
        "\0".to_owned(),
        "k".repeat(6000),
    ] {
        let mut header = hmac_header.clone();
        header["kid"] = kid.as_str().into();
        for key in [&b""[..], b"secret"] {
            forged.push((format!("kid {kid:.40}"), hmac(&header, &claims, key)));
        }
        header["alg"] = "ES256".into();
        forged.push((format!("kid {kid:.40}"), own.sign_with(&header, &claims)));
    }
    for name in ["jwk", "jku", "x5c", "x5u", "crit", "kid"] {
        for from_kid in [true, false] {
            let mut header = header.clone();
            header["alg"] = "ES256".into();
            if !from_kid {
                header.as_object_mut().unwrap().remove("kid");
            }
            header[name] = match name {
                "jwk" => own.jwk.clone(),
                "x5c" => json!(["MIIB"]),
                "crit" => json!(["exp"]),
                "kid" => json!(["an", "array"]),
                _ => elsewhere.url().into(),
            };
            forged.push((
                format!("our key in {name}"),
                own.sign_with(&header, &claims),
            ));
        }
    }
    let changed: [Change; 8] = [
        ("aud", |claims| claims["aud"] = "private".into()),
        ("aud as a list", |claims| {
            claims["aud"] = json!([claims["aud"], "x"]);
        }),
        ("iss", |claims| {
            claims["iss"] = "https://evil.example".into();
        }),
        ("sub", |claims| {
            claims["sub"] = "cs_test_00000000000000000000000000".into();
        }),
        ("exp", |claims| claims["exp"] = 4_102_444_800_u64.into()),
        ("no exp", |claims| {
            drop(claims.as_object_mut().unwrap().remove("exp"));
        }),
        ("scope", |claims| {
            claims["scope"] = "cards:read sessions:write keys:write".into();
        }),
        ("mid", |claims| {
            claims["mid"] = "mch_test_00000000000000000000000000".into();
        }),
    ];
    for (what, change) in changed {
        let mut claims = claims.clone();
        change(&mut claims);
        let token = format!("{}.{}.{signature}", encoded(&header), encoded(&claims));
        forged.push((format!("changed {what}"), token));
    }
    let (head, _) = genuine.rsplit_once('.').unwrap();
    for (what, token) in [
        ("a space behind", format!("{genuine} ")),
        ("a part more", format!("{genuine}.x")),
        ("twice", format!("{genuine},{genuine}")),
        ("padding", format!("{genuine}=")),
        ("a comma", format!("{head}.,")),
        ("no signature", format!("{head}.")),
        ("nothing", String::new()),
    ] {
        forged.push((what.to_owned(), token));
    }
    forged
}

/// Whatever the target publishes of its keys, as bytes that might be taken for a secret.
fn published(target: &Target) -> Vec<Vec<u8>> {
    let mut published = Vec::new();
    for (listener, path) in [
        ("public", "/.well-known/jwks.json"),
        ("console", "/oauth/jwks.json"),
    ] {
        let reply = ask(target.address(listener), &request("GET", path, &[], ""));
        published.push(reply.body.clone().into_bytes());
        for key in reply.json()["keys"].as_array().unwrap() {
            let [x, y] = ["x", "y"].map(|name| text(key, name));
            let [x_bytes, y_bytes] = [&x, &y].map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
            published.push([&[4][..], &x_bytes, &y_bytes].concat());
            published.extend([
                key.to_string().into_bytes(),
                x.into_bytes(),
                y.into_bytes(),
                x_bytes,
            ]);
            published.push(text(key, "kid").into_bytes());
        }
    }
    published
}

fn access_token(target: &Target) -> String {
    let headers = [
        ("authorization", &*target.owner.authorization()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = "grant_type=client_credentials&scope=cards%3Aread";
    let reply = ask(
        target.private,
        &request("POST", "/oauth/token", &headers, body),
    );
    text(&reply.json(), "access_token")
}

#[test]
fn a_client_token_is_its_issuers_own_or_none() {
    let target = Target::start();
    let token = target.checkout(&target.owner).token;
    let place = ("public", "/v1/session");
    only_the_issuers_own_is_taken(&target, &token, place, "client_token_invalid");
}

#[test]
fn an_access_token_is_its_issuers_own_or_none() {
    let target = Target::start();
    let token = access_token(&target);
    let place = ("private", "/v1/cards");
    only_the_issuers_own_is_taken(&target, &token, place, "unauthenticated");
}

fn only_the_issuers_own_is_taken(
    target: &Target,
    token: &str,
    (listener, path): (&str, &str),
    code: &str,
) {
    let elsewhere = Elsewhere::open();
    let call = |token: &str| target.call(listener, &format!("Bearer {token}"), "GET", path, None);
    assert_eq!(call(token).status, 200);
    for (what, forged) in &forged(token, &published(target), &elsewhere) {
        let reply = call(forged);
        // A space at the end is no part of a header (RFC 9110 section 5.5).
        let wanted = if what == "a space behind" { 200 } else { 401 };
        assert_eq!(reply.status, wanted, "{what}: {}", reply.body);
        assert!(wanted == 200 || reply.code() == code, "{what}");
    }
    assert!(elsewhere.0.accept().is_err(), "a key was asked for");
}

#[test]
fn a_token_is_of_no_use_in_anothers_place() {
    let target = Target::start();
    let (client, access) = (target.checkout(&target.owner).token, access_token(&target));
    let secrets = [
        client.clone(),
        access.clone(),
        target.owner.secret.clone(),
        target.operator_secret.clone(),
        target.owner.client_id.clone(),
    ];
    for token in &secrets {
        for scheme in ["Bearer", "DPoP", "bearer", "Token", "Basic"] {
            let authorization = format!("{scheme} {token}");
            let calls = [
                (
                    "public",
                    "/v1/session",
                    token == &client && scheme.eq_ignore_ascii_case("bearer"),
                ),
                (
                    "private",
                    "/v1/cards",
                    token == &access && scheme.eq_ignore_ascii_case("bearer"),
                ),
                ("private", "/v1/keys", false),
                ("console", "/v1/keys", false),
                ("private", "/metrics", false),
                ("console", "/v1/merchants", false),
            ];
            for (listener, path, is_its_own) in calls {
                let reply = target.call(listener, &authorization, "GET", path, None);
                let wanted = if is_its_own { 200 } else { 401 };
                assert_eq!(
                    reply.status, wanted,
                    "{listener} {path} {scheme} {}",
                    reply.body
                );
            }
        }
    }
    // Nor in a query, a cookie or a header of another name.
    for (path, headers) in [
        (format!("/v1/session?access_token={client}"), vec![]),
        (
            "/v1/session".to_owned(),
            vec![("cookie", format!("token={client}"))],
        ),
        (
            "/v1/session".to_owned(),
            vec![("x-authorization", format!("Bearer {client}"))],
        ),
    ] {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let reply = ask(target.public, &request("GET", &path, &headers, ""));
        assert_eq!(reply.status, 401, "{path}");
    }
}
