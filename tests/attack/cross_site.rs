//! Pages of other sites: what they make a browser send, where they have it sent, what they may frame.

use waxseal_tests::ORIGIN;

use crate::{
    target::Target,
    wire::{ask, request},
};

const EVIL: &str = "https://evil.example";

/// What a browser says of a request that another site's page has made; it adds credentials by itself.
const OF_A_PAGE: [&[(&str, &str)]; 5] = [
    &[("sec-fetch-site", "cross-site"), ("origin", EVIL)],
    &[("sec-fetch-site", "same-site"), ("origin", EVIL)],
    &[("sec-fetch-site", "cross-site")],
    // Browsers from before the former header; a sandboxed page.
    &[("origin", EVIL)],
    &[("origin", "null")],
];

#[test]
fn credentials_that_a_browser_keeps_are_of_no_use_to_another_sites_page() {
    let target = Target::start();
    let owner = target.owner.authorization();
    let session = target.checkout(&target.owner).session_id;
    let renew = format!("/v1/sessions/{session}/token");
    for (listener, authorization, method, path) in [
        ("private", &owner, "POST", renew.as_str()),
        ("private", &owner, "GET", "/v1/cards"),
        ("console", &target.operator, "POST", "/v1/keys/1/revoke"),
        ("console", &target.operator, "GET", "/v1/keys"),
        ("private", &target.operator, "GET", "/metrics"),
    ] {
        let call = |headers: &[(&str, &str)]| {
            // As a form sends it, without a script.
            let form = ("content-type", "application/x-www-form-urlencoded");
            let own = [("authorization", authorization.as_str()), form];
            let bytes = request(method, path, &[&own[..], headers].concat(), "");
            ask(target.address(listener), &bytes)
        };
        for headers in OF_A_PAGE {
            let reply = call(headers);
            let what = format!("{method} {path} {headers:?}: {}", reply.body);
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (403, "forbidden"),
                "{what}"
            );
        }
        for headers in [
            &[][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin")],
        ] {
            assert_ne!(call(headers).status, 403, "{method} {path}");
        }
    }
}

#[test]
fn nobody_is_sent_anywhere_that_a_request_names() {
    let target = Target::start();
    let add = [
        "programs",
        "add",
        "--name",
        "Console",
        "--redirect-uri",
        "https://console.example/callback",
        "--scope",
        "keys:read",
        "--json",
    ];
    let output = target.installation.run(&add);
    let program: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = program["client_id"].as_str().unwrap();
    let authorize = |uri: &str| {
        let path = format!(
            "/oauth/authorize?response_type=code&client_id={id}&redirect_uri={uri}&scope=keys%3Aread\
             &state=s&code_challenge_method=S256&code_challenge={}",
            "A".repeat(43)
        );
        ask(target.console, &request("GET", &path, &[], ""))
    };
    let good = authorize("https%3A%2F%2Fconsole.example%2Fcallback");
    assert_eq!(good.status, 200, "{}", good.body);
    assert!(
        good.head.contains("frame-ancestors 'none'") && good.head.contains("x-frame-options: DENY")
    );
    for uri in [
        "https%3A%2F%2Fevil.example%2Fcallback",
        "%2F%2Fevil.example",
        "%5C%5Cevil.example",
        "https%3A%2F%2Fconsole.example%2Fcallback%2F..%2F..%2Fevil",
        "https%3A%2F%2Fconsole.example%2Fcallback%3F%40evil.example",
        "https%3A%2F%2Fconsole.example.evil.example%2Fcallback",
        "https%3A%2F%2Fconsole.example%40evil.example%2Fcallback",
        "https%3A%2F%2Fconsole.example%2Fcallback%23evil",
        "https%3A%2F%2Fconsole.example%2Fcallback%00.evil.example",
        "https%3A%2F%2Fconsole.example%2Fcallback%0d%0alocation%3A%20https%3A%2F%2Fevil.example",
        "javascript%3Aevil()",
        "data%3Atext%2Fhtml%2Cevil",
    ] {
        let reply = authorize(uri);
        assert_eq!(reply.status, 400, "{uri}");
        let all = format!("{}{}", reply.head, reply.body);
        assert!(
            !all.contains("location:") && !all.contains("evil"),
            "{uri}: {all}"
        );
    }
    for (listener, path) in [
        ("public", "//evil.example/%2e%2e"),
        ("public", "/\\evil.example"),
        ("public", "/frame/v1?next=//evil.example&s=x"),
        ("private", "/v1/sessions/?next=https://evil.example"),
        ("console", "//evil.example/oauth/authorize"),
    ] {
        let reply = ask(target.address(listener), &request("GET", path, &[], ""));
        assert!(
            !(300..400).contains(&reply.status),
            "{path}: {}",
            reply.head
        );
        assert!(!reply.head.contains("evil"), "{path}: {}", reply.head);
    }
}

#[test]
fn nothing_may_be_framed_but_the_form_by_its_sessions_own_origin() {
    let target = Target::start();
    let session = target.checkout(&target.owner).session_id;
    let frame = |path: &str| ask(target.public, &request("GET", path, &[], "")).head;
    let own = frame(&format!("/frame/v1?s={session}"));
    assert!(
        own.contains(&format!("frame-ancestors {ORIGIN}\r\n")),
        "{own}"
    );
    for path in [
        "/frame/v1",
        "/frame/v1?s=",
        "/frame/v1?s=*",
        "/frame/v1?s=cs_test_1;%20frame-ancestors%20*",
        "/frame/v1?s=x%0d%0ax-frame-options:%20ALLOWALL",
        &format!("/frame/v1?s={session}%20"),
        &format!("/frame/v1?s={session}&s=x"),
        &format!("/frame/v1?s={session}&org={EVIL}"),
    ] {
        let head = frame(path);
        let ancestors: Vec<_> = head.matches("frame-ancestors").collect();
        assert_eq!(ancestors.len(), 1, "{path}: {head}");
        let nobody = head.contains("frame-ancestors 'none'\r\n");
        let its_own = head.contains(&format!("frame-ancestors {ORIGIN}\r\n"));
        assert!(nobody || its_own, "{path}: {head}");
        assert!(!head.contains("evil"), "{path}: {head}");
    }
    for (listener, path) in [
        ("public", "/healthz"),
        ("private", "/openapi.json"),
        ("console", "/oauth/authorize"),
    ] {
        let reply = ask(target.address(listener), &request("GET", path, &[], ""));
        assert!(
            reply.head.contains("frame-ancestors 'none'"),
            "{path}: {}",
            reply.head
        );
    }
}
