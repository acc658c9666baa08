//! Statements, NULs and worse in every place of the interface that takes a text, and JSON that is meant to hurt.

use std::time::{Duration, Instant};

use serde_json::json;
use waxseal_tests::ORIGIN;

use crate::{
    interface::{Callers, operations},
    target::Target,
    wire::{request, send},
};

const TEXTS: [&str; 14] = [
    "'; DROP TABLE merchant; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1) UNION SELECT secret_digest FROM client --",
    "'; SELECT pg_sleep(5); --",
    "'||(SELECT randomblob(1000000000))||'",
    "?1 $1 :a @b %s %n {}",
    "\0",
    "a\0b",
    "\u{202e}\u{feff}\u{fffe}",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}<script>alert(1)</script>",
    "../../../etc/passwd",
    "\\x27; DELETE FROM audit; --",
];
/// A statement that slept would take longer.
const AT_MOST: Duration = Duration::from_secs(4);

#[test]
fn statements_in_every_text_of_every_route_are_texts() {
    let mut target = Target::start();
    let callers = Callers::of(&target);
    let database = target.installation.database();
    let tables = database.tables();
    let secrets = "SELECT count(*) FROM client";
    let mut seen = 0;
    for operation in operations(&target) {
        for text in TEXTS {
            for call in operation.with_everywhere(&target, callers.for_route(&operation), text) {
                // These change keys for everybody, each a little: other tests do that.
                if call.headers.iter().any(|_| operation.path == "/v1/keys") {
                    continue;
                }
                let started = Instant::now();
                let reply = operation.send(&target, &call);
                let what = format!("{} {text:?} {}", operation.name(), reply.body);
                assert!(reply.status < 500, "{what}");
                assert!(started.elapsed() < AT_MOST, "{what}");
                seen += 1;
            }
        }
    }
    assert!(seen > 5000, "{seen}");
    assert_eq!(database.tables(), tables);
    assert!(database.number(secrets) >= 2);
    // What is taken is kept as it is.
    for text in TEXTS
        .iter()
        .filter(|text| !text.contains(['\0', '\u{202e}']))
    {
        let body = json!({ "name": text, "mode": "test", "origins": [ORIGIN] });
        let made = target.call(
            "console",
            &target.operator,
            "POST",
            "/v1/merchants",
            Some(&body),
        );
        if made.status == 201 {
            let path = format!("/v1/merchants/{}", made.json()["id"].as_str().unwrap());
            let read = target.call("console", &target.operator, "GET", &path, None);
            assert_eq!(read.json()["name"], *text);
        }
    }
    target.assert_alive();
}

/// Bodies that no route takes; `{}` is a whole good one but for its braces.
fn hurtful(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let members = &good[1..good.len() - 1];
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(good).unwrap();
    let (name, value) = object.iter().next().unwrap();
    let name = json!(name).to_string();
    let first = format!("{name}:{value}");
    let with = |value: &str| format!("{{{members},{name}:{value}}}").into_bytes();
    let utf16 = |big: bool| -> Vec<u8> {
        let units = good.encode_utf16();
        units
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    vec![
        ("10,000 lists", "[".repeat(10_000).into_bytes()),
        ("3,000 objects", r#"{"":"#.repeat(3_000).into_bytes()),
        (
            "lists in a member",
            format!("{{{name}:{}{}}}", "[".repeat(7_000), "]".repeat(7_000)).into_bytes(),
        ),
        ("a member twice", with("1")),
        (
            "the same member twice",
            format!("{{{members},{first}}}").into_bytes(),
        ),
        ("a huge number", format!("{{{name}:1e400}}").into_bytes()),
        (
            "a long number",
            format!("{{{name}:{}}}", "9".repeat(10_000)).into_bytes(),
        ),
        (
            "a number of many places",
            format!("{{{name}:0.{}1}}", "0".repeat(10_000)).into_bytes(),
        ),
        ("NaN", format!("{{{name}:NaN}}").into_bytes()),
        (
            "a lone surrogate",
            format!(r#"{{{name}:"\ud800"}}"#).into_bytes(),
        ),
        (
            "surrogates the wrong way",
            format!(r#"{{{name}:"\udc00\ud800"}}"#).into_bytes(),
        ),
        (
            "bytes that are no UTF-8",
            [b"{\"\xff\xfe\":\"", &b"\xc0\xaf\"}"[..]].concat(),
        ),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        ),
        ("UTF-16", utf16(true)),
        (
            "UTF-16 with its mark",
            [b"\xff\xfe".to_vec(), utf16(false)].concat(),
        ),
        ("a NUL behind", format!("{good}\0").into_bytes()),
        ("something behind", format!("{good}{good}").into_bytes()),
        ("a comment", format!("/**/{good}").into_bytes()),
        ("a comma more", format!("{{{members},}}").into_bytes()),
        ("a list around", format!("[{good}]").into_bytes()),
        ("a text", serde_json::to_vec(good).unwrap()),
        ("null", b"null".to_vec()),
        ("nothing", Vec::new()),
        (
            "a prototype",
            format!(r#"{{{members},"__proto__":{{"is_admin":true}}}}"#).into_bytes(),
        ),
        (
            "a member of others",
            format!(r#"{{{members},"merchant_id":"mch_test_1"}}"#).into_bytes(),
        ),
        (
            "a state",
            format!(r#"{{{members},"status":"accepted"}}"#).into_bytes(),
        ),
        (
            "an id",
            format!(r#"{{{members},"id":"cs_test_1"}}"#).into_bytes(),
        ),
        (
            "a name in other letters",
            format!("{{{members},{}:1}}", name.to_uppercase()).into_bytes(),
        ),
    ]
}

#[test]
fn json_that_is_meant_to_hurt_is_refused_whole() {
    let mut target = Target::start();
    let callers = Callers::of(&target);
    let operations = operations(&target);
    let mut routes = 0;
    for operation in operations
        .iter()
        .filter(|operation| !operation.members.is_empty())
    {
        routes += 1;
        let good = serde_json::to_string(&operation.good_body(&target)).unwrap();
        for (what, body) in hurtful(&good) {
            let path = operation
                .path
                .replace("{id}", "1")
                .replace("{list}", "blocked_ips");
            let call = crate::interface::Call {
                authorization: callers.for_route(operation),
                path,
                headers: vec![],
                body,
            };
            let reply = operation.send(&target, &call);
            let all = format!("{what} to {}: {}", operation.name(), reply.body);
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (400, "request_invalid"),
                "{all}"
            );
        }
    }
    assert!(routes >= 10, "{routes}");
    target.assert_alive();
}

#[test]
fn ten_megabytes_are_not_read_however_they_are_announced() {
    let mut target = Target::start();
    let owner = target.owner.authorization();
    let text = format!(r#"{{"order_id":"{}"}}"#, "x".repeat(10 << 20));
    let headers = [
        ("authorization", owner.as_str()),
        ("content-type", "application/json"),
    ];
    let announced = request("POST", "/v1/sessions", &headers, &text);
    let chunked = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: a\r\nauthorization: {owner}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    for bytes in [announced, chunked.into_bytes()] {
        let replies = send(target.private, &bytes);
        // A reset may have overtaken the answer.
        assert!(
            replies.iter().all(|reply| reply.status == 413),
            "{replies:?}"
        );
    }
    // So that a missing answer above is no missing refusal: just over the limit.
    let reply = target.call(
        "private",
        &owner,
        "POST",
        "/v1/sessions",
        Some(&json!("x".repeat(17_000))),
    );
    assert_eq!(reply.code(), "body_too_large");
    target.assert_alive();
}
