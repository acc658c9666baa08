//! Header injection, and targets and hosts that are somebody else's: nothing that was sent comes back.

use std::net::TcpListener;

use crate::{
    target::Target,
    wire::{ask, request, send},
};

/// What an attacker wants to see as headers of an answer.
const INJECTED: &str = "%0d%0aset-cookie:%20evil=1%0d%0a%0d%0a<evil>";

fn assert_echoes_nothing(what: &str, replies: &[crate::wire::Reply]) {
    for reply in replies {
        let all = format!("{}\n{}", reply.head, reply.body).to_lowercase();
        assert!(!all.contains("evil"), "{what}: {all}");
        assert!(reply.status < 500, "{what}: {all}");
    }
}

#[test]
fn line_breaks_in_paths_and_queries_make_no_headers() {
    let mut target = Target::start();
    let owner = target.owner.authorization();
    for (listener, authorization, paths) in [
        (
            "public",
            "",
            &[
                "/{}",
                "/frame/v1?s={}",
                "/frame/assets/{}",
                "/sdk/{}/waxseal.js",
                "/healthz?{}",
            ][..],
        ),
        (
            "private",
            &*owner,
            &[
                "/v1/cards/{}",
                "/v1/cards?after={}",
                "/v1/customers/{}",
                "/v1/sessions/{}",
            ],
        ),
        (
            "console",
            &*target.operator,
            &[
                "/v1/keys/{}",
                "/v1/clients?merchant={}",
                "/oauth/authorize?state={}",
            ],
        ),
    ] {
        for path in paths {
            for injected in [
                INJECTED,
                "%0aevil:1",
                "%0devil:1",
                "%E5%98%8A%E5%98%8Devil:1",
                "%00evil",
            ] {
                let path = path.replace("{}", injected);
                let headers = [("authorization", authorization)];
                let reply = ask(
                    target.address(listener),
                    &request("GET", &path, &headers, ""),
                );
                assert_echoes_nothing(&path, &[reply]);
            }
        }
    }
    target.assert_alive();
}

#[test]
fn no_header_comes_back_and_none_may_hold_a_line_break() {
    let mut target = Target::start();
    for listener in ["public", "private", "console"] {
        let address = target.address(listener);
        for name in [
            "accept",
            "accept-language",
            "authorization",
            "content-type",
            "cookie",
            "dpop",
            "expect",
            "forwarded",
            "host",
            "idempotency-key",
            "if-none-match",
            "origin",
            "range",
            "referer",
            "te",
            "traceparent",
            "upgrade",
            "user-agent",
            "via",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-http-method-override",
            "x-original-url",
            "x-request-id",
            "x-rewrite-url",
        ] {
            for path in ["/healthz", "/frame/v1?s=x", "/v1/keys", "/nothing"] {
                let reply = send(address, &request("GET", path, &[(name, "evil-1")], ""));
                assert_echoes_nothing(name, &reply);
            }
            for broken in ["a\revil: 1", "a\0evil", "a\r\n evil: 1", "a\r\n\tevil"] {
                let replies = send(address, &request("GET", "/healthz", &[(name, broken)], ""));
                let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
                assert_eq!(statuses, [400], "{name}: {broken:?}");
                assert_echoes_nothing(name, &replies);
            }
        }
    }
    target.assert_alive();
}

#[test]
fn a_target_elsewhere_is_not_asked_and_another_host_changes_nothing() {
    let mut target = Target::start();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let evil = elsewhere.local_addr().unwrap();
    for listener in ["public", "private", "console"] {
        let address = target.address(listener);
        let plain = ask(address, &request("GET", "/nothing", &[], "")).told();
        for (line, host) in [
            (format!("GET http://{evil}/nothing"), "localhost".to_owned()),
            (
                "GET http://evil.example/nothing".to_owned(),
                "evil.example".to_owned(),
            ),
            ("GET /nothing".to_owned(), "evil.example".to_owned()),
            ("GET /nothing".to_owned(), evil.to_string()),
            (
                "GET /nothing".to_owned(),
                "localhost@evil.example".to_owned(),
            ),
            ("GET /nothing".to_owned(), String::new()),
        ] {
            let (method, path) = line.split_once(' ').unwrap();
            let reply = ask(address, &request(method, path, &[("host", &host)], ""));
            assert_eq!(reply.told(), plain, "{line} {host}");
            assert_echoes_nothing(&line, &[reply]);
        }
        for line in [
            format!("CONNECT {evil}"),
            "CONNECT evil.example:443".to_owned(),
            "OPTIONS *".to_owned(),
            format!("GET {evil}"),
            "GET *".to_owned(),
            "TRACE /healthz".to_owned(),
            "TRACK /healthz".to_owned(),
            "evil /healthz".to_owned(),
            "PRI *".to_owned(),
            "GET file:///etc/passwd".to_owned(),
        ] {
            let (method, path) = line.split_once(' ').unwrap();
            let replies = send(address, &request(method, path, &[], ""));
            assert!(
                replies
                    .iter()
                    .all(|reply| (400..500).contains(&reply.status)),
                "{line}: {replies:?}"
            );
            assert_echoes_nothing(&line, &replies);
        }
    }
    assert!(elsewhere.accept().is_err(), "it has asked elsewhere");
    target.assert_alive();
}

#[test]
fn no_path_leads_out_of_the_files_that_are_served() {
    let mut target = Target::start();
    let secret = "of nobody's business";
    std::fs::write(target.folder().join("secret.js"), secret).unwrap();
    std::fs::write(target.folder().join("dist/unlisted.js"), secret).unwrap();
    let control = ask(
        target.public,
        &request("GET", "/sdk/v0.1.0/waxseal.js", &[], ""),
    );
    assert_eq!(control.status, 200, "{}", control.head);
    for up in [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "%252e%252e",
        "..%00",
        "%c0%ae%c0%ae",
        "..;",
        "...",
        "%uff0e%uff0e",
    ] {
        for slash in ["/", "%2f", "%5c", "\\", "//", "%252f", "%c0%af", "/./"] {
            for file in [
                "secret.js",
                "waxseal.key",
                "waxseal.sqlite",
                "waxseal.toml",
                "log",
                "etc/passwd",
            ] {
                for root in ["/frame/assets/", "/sdk/v0.1.0/", "/sdk/", "/"] {
                    let path = format!("{root}{up}{slash}{up}{slash}{file}");
                    let replies = send(target.public, &request("GET", &path, &[], ""));
                    let [reply] = &replies[..] else {
                        panic!("{path}")
                    };
                    assert!(
                        [400, 404].contains(&reply.status),
                        "{path}: {}",
                        reply.status
                    );
                }
            }
        }
    }
    for path in [
        "/sdk/v0.1.0/unlisted.js",
        "/frame/assets/unlisted.js",
        "/frame/assets/..%2f..%2funlisted.js",
        "/sdk/v0.1.0/waxseal.js%00.html",
        "/sdk/v0.1.0/frame%2findex.html",
        "/sdk/v0.1.0/./manifest.json",
        "/sdk/v0.1.0/%2fetc%2fpasswd",
        "/frame/assets/%2fetc%2fpasswd",
        "/frame/assets/C:%5cboot.ini",
    ] {
        let reply = ask(target.public, &request("GET", path, &[], ""));
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.body.contains(secret));
    }
    target.assert_alive();
}
