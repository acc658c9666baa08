//! Request smuggling: where one request ends must not be a matter of opinion (RFC 9112 sections 6 and 11.2).

use crate::{
    target::{Target, session_request},
    wire::send,
};

/// What an attacker hopes is taken for a request of somebody else's.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";

/// What disputes where the first request ends, from its framing headers on. `{body}` is JSON of `{length}` bytes.
const DISPUTED: [(&str, &str); 27] = [
    (
        "length and chunked",
        "content-length: {all}\r\ntransfer-encoding: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "chunked and length",
        "transfer-encoding: chunked\r\ncontent-length: {all}\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "two lengths",
        "content-length: {length}\r\ncontent-length: {longer}\r\n\r\n{body}{smuggled}",
    ),
    (
        "two lengths in one line",
        "content-length: {length}, {longer}\r\n\r\n{body}{smuggled}",
    ),
    (
        "the same length twice in one line",
        "content-length: 0, {size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a length with a sign",
        "content-length: +{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    ("a negative length", "content-length: -1\r\n\r\n{smuggled}"),
    (
        "a hexadecimal length",
        "content-length: 0x{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a length that overflows",
        "content-length: 18446744073709551616\r\n\r\n{smuggled}",
    ),
    ("an empty length", "content-length: \r\n\r\n{smuggled}"),
    (
        "a coding that is none",
        "transfer-encoding: xchunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "chunked, not last",
        "transfer-encoding: chunked, identity\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "identity",
        "transfer-encoding: identity\r\ncontent-length: {all}\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a vertical tab before chunked",
        "transfer-encoding: \x0bchunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a folded header",
        "transfer-encoding:\r\n chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a space before the colon",
        "transfer-encoding : chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a NUL in the name",
        "transfer-encoding\0: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a bare CR before a header",
        "x: y\rtransfer-encoding: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "an ending of a chunk's size that is none",
        "transfer-encoding: chunked\r\n\r\n{size}\rX{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a chunk's size with a sign",
        "transfer-encoding: chunked\r\n\r\n+{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a chunk's size of 0x",
        "transfer-encoding: chunked\r\n\r\n0x{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a chunk's size that overflows",
        "transfer-encoding: chunked\r\n\r\n1000000000000000{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a chunk that is longer than it says",
        "transfer-encoding: chunked\r\n\r\n1\r\nab\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a bare LF in an extension",
        "transfer-encoding: chunked\r\n\r\n{size};a\nb\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a bare LF after a size",
        "transfer-encoding: chunked\r\n\r\n{size}\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "extensions without end",
        "transfer-encoding: chunked\r\n\r\n{size};{long}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "a header without a colon",
        "transfer-encoding chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
];

fn filled(framing: &str, body: &str) -> String {
    let size = format!("{:x}", body.len());
    let chunked = size.len() + body.len() + "\r\n\r\n0\r\n\r\n".len();
    framing
        .replace("{all}", &(chunked + SMUGGLED.len()).to_string())
        .replace("{long}", &"x".repeat(20_000))
        .replace("{length}", &body.len().to_string())
        .replace("{longer}", &(body.len() + SMUGGLED.len()).to_string())
        .replace("{size}", &size)
        .replace("{body}", body)
        .replace("{smuggled}", SMUGGLED)
}

/// A request whose handler reads the whole body, so that what follows it would be the next request.
fn post(target: &Target, framing: &str) -> Vec<u16> {
    let body = session_request().to_string();
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nauthorization: {}\r\n",
        target.owner.authorization()
    );
    let request = head + &filled(framing, &body);
    let replies = send(target.private, request.as_bytes());
    replies.iter().map(|reply| reply.status).collect()
}

#[test]
fn no_second_request_comes_out_of_one_whose_end_is_disputed() {
    let mut target = Target::start();
    // Two requests that nobody disputes are two: the smuggled one would be seen.
    for framing in [
        "content-length: {length}\r\n\r\n{body}{smuggled}",
        "transfer-encoding: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ] {
        assert_eq!(post(&target, framing), [201, 404]);
    }
    let mut failed = Vec::new();
    for (what, framing) in DISPUTED {
        let statuses = post(&target, framing);
        // Of chunked and a length the former counts, and the connection ends there (RFC 9112 section 6.1).
        let is_settled = what.starts_with("length and") || what.starts_with("chunked and");
        let fine = statuses == [400] || (is_settled && statuses == [201]);
        if !fine {
            failed.push(format!("{what}: {statuses:?}"));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    target.assert_alive();
}
