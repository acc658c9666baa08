//! HTTP as an attacker writes it: bytes in, bytes out, nothing that a client library would tidy up.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Longer than any of the target's own timeouts.
const AT_MOST: Duration = Duration::from_secs(20);

/// Resets in a row that are no accident.
const RESETS: usize = 5;

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Status line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// The problem's code; empty where there is none.
    pub(crate) fn code(&self) -> String {
        let body: Option<Value> = serde_json::from_str(&self.body).ok();
        let code = body.and_then(|body| body["code"].as_str().map(str::to_owned));
        code.unwrap_or_default()
    }

    /// What does not differ between two answers that say the same.
    pub(crate) fn told(&self) -> (u16, String, Vec<String>) {
        let differs = ["date:", "x-request-id:", "ratelimit", "content-length:"];
        let head = self.head.lines().skip(1);
        let head = head.filter(|line| !differs.iter().any(|name| line.starts_with(name)));
        (self.status, self.code(), head.map(str::to_owned).collect())
    }
}

/// A request as it should be: its length, and that the connection ends with it.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Vec<u8> {
    let body = body.as_ref();
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let lines = lines.collect::<Vec<_>>().concat();
    let has_host = headers.iter().any(|(name, _)| *name == "host");
    let host = if has_host { "" } else { "host: localhost\r\n" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\n{host}{lines}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Sends bytes, says that no more come, and gives every answer until the target closes.
pub(crate) fn send(to: SocketAddr, bytes: &[u8]) -> Vec<Reply> {
    exchange(to, bytes).0
}

/// The same, with the error that it ended with, if it was no end in order.
fn exchange(to: SocketAddr, bytes: &[u8]) -> (Vec<Reply>, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(AT_MOST)).unwrap();
    stream.set_write_timeout(Some(AT_MOST)).unwrap();
    // It may close before it has read everything.
    if stream.write_all(bytes).is_ok() {
        stream.shutdown(Shutdown::Write).ok();
    }
    let mut answer = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let end = loop {
        match stream.read(&mut chunk) {
            Ok(0) => break None,
            Ok(read) => answer.extend_from_slice(&chunk[..read]),
            // A reset after the answer is as good as a close.
            Err(error) => {
                let kind = error.kind();
                assert_ne!(kind, ErrorKind::WouldBlock, "it keeps us waiting");
                break Some(kind);
            }
        }
    };
    (replies(&answer), end)
}

/// Sends a request that is to be answered once. What is refused before its body was read is answered and reset; on a busy
/// machine the reset comes before the answer was read, and takes it along (RFC 9112 section 9.6): then it is sent again.
#[track_caller]
pub(crate) fn ask(to: SocketAddr, bytes: &[u8]) -> Reply {
    for _ in 0..RESETS {
        let (replies, end) = exchange(to, bytes);
        if replies.is_empty() && end == Some(ErrorKind::ConnectionReset) {
            continue;
        }
        let [reply] = replies.try_into().unwrap_or_else(|replies: Vec<Reply>| {
            panic!("{} answers, ended with {end:?}: {replies:?}", replies.len())
        });
        return reply;
    }
    panic!("{RESETS} times reset without an answer");
}

/// The answers that follow each other on a connection.
fn replies(mut bytes: &[u8]) -> Vec<Reply> {
    let mut replies = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            (name == "content-length").then(|| value.parse::<usize>().unwrap())
        });
        bytes = &bytes[end + 4..];
        let (body, rest) = bytes.split_at(length.unwrap_or(bytes.len()).min(bytes.len()));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        replies.push(Reply {
            status: status.unwrap_or_else(|| panic!("no answer: {head}")),
            head,
            body: String::from_utf8_lossy(body).into_owned(),
        });
        bytes = rest;
    }
    assert!(bytes.is_empty(), "{}", String::from_utf8_lossy(bytes));
    replies
}
