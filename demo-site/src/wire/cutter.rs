//! Cuts one direction of an HTTP/1.1 connection into messages (RFC 9112), for reading along only.

/// Heads and bodies above these sizes are let through unread: what this demo shows is smaller.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_BODY_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// Which side of the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Requests,
    Responses,
}

/// One message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Message {
    /// Request line or status line.
    pub(super) start: String,
    /// Header fields in their order.
    pub(super) headers: Vec<(String, String)>,
    /// The body; `None` when it was too large to be kept.
    pub(super) body: Option<Vec<u8>>,
}

/// Collects bytes until messages are whole.
#[derive(Debug)]
pub(super) struct Cutter {
    side: Side,
    pending: Vec<u8>,
    /// Bytes of a large body still to pass.
    passing: usize,
    /// Set for good when the bytes are no longer understood (chunked bodies, upgrades, no HTTP).
    /// The relay goes on; only the reading ends.
    lost: bool,
}

impl Cutter {
    pub(super) const fn new(side: Side) -> Self {
        Self {
            side,
            pending: Vec::new(),
            passing: 0,
            lost: false,
        }
    }

    /// Takes the next bytes. `bodiless` tells whether the next response answers a HEAD request.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut bodiless: impl FnMut() -> bool,
    ) -> Vec<Message> {
        let passed = bytes.len().min(self.passing);
        self.passing -= passed;
        if self.lost {
            return Vec::new();
        }
        self.pending.extend_from_slice(&bytes[passed..]);
        let mut messages = Vec::new();
        while self.passing == 0 && !self.lost {
            match self.cut(&mut bodiless) {
                Cut::Informational => {}
                Cut::Lost => self.lose(),
                Cut::Message(message) => messages.push(message),
                Cut::NotYet => break,
            }
        }
        messages
    }

    fn cut(&mut self, bodiless: &mut impl FnMut() -> bool) -> Cut {
        let head = match Head::parse(self.side, &self.pending) {
            Ok(Some(head)) => head,
            Ok(None) if self.pending.len() <= MAX_HEAD_BYTES => return Cut::NotYet,
            Ok(None) | Err(NotUnderstood) => return Cut::Lost,
        };
        if head.status.is_some_and(|status| status < 200) {
            self.pending.drain(..head.bytes);
            return Cut::Informational;
        }
        let body_bytes = if matches!(head.status, Some(204 | 304))
            || (self.side == Side::Responses && bodiless())
        {
            0
        } else {
            head.body_bytes
        };
        let Head {
            start,
            headers,
            bytes,
            ..
        } = head;
        if body_bytes > MAX_BODY_BYTES {
            let arrived = (self.pending.len() - bytes).min(body_bytes);
            self.passing = body_bytes - arrived;
            self.pending.drain(..bytes + arrived);
            return Cut::Message(Message {
                start,
                headers,
                body: None,
            });
        }
        if self.pending.len() < bytes + body_bytes {
            return Cut::NotYet;
        }
        let body = self.pending[bytes..bytes + body_bytes].to_vec();
        self.pending.drain(..bytes + body_bytes);
        Cut::Message(Message {
            start,
            headers,
            body: Some(body),
        })
    }

    /// Reads no further.
    pub(super) fn lose(&mut self) {
        self.lost = true;
        self.pending = Vec::new();
    }
}

enum Cut {
    Informational,
    Lost,
    Message(Message),
    NotYet,
}

struct Head {
    start: String,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    bytes: usize,
    body_bytes: usize,
}

struct NotUnderstood;

impl Head {
    /// `None` while the head is not complete.
    fn parse(side: Side, bytes: &[u8]) -> Result<Option<Self>, NotUnderstood> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let (start, status, length, fields) = match side {
            Side::Requests => {
                let mut request = httparse::Request::new(&mut fields);
                let httparse::Status::Complete(length) =
                    request.parse(bytes).map_err(|_| NotUnderstood)?
                else {
                    return Ok(None);
                };
                let (Some(method), Some(path)) = (request.method, request.path) else {
                    return Err(NotUnderstood);
                };
                (
                    format!("{method} {path} HTTP/1.1"),
                    None,
                    length,
                    request.headers,
                )
            }
            Side::Responses => {
                let mut response = httparse::Response::new(&mut fields);
                let httparse::Status::Complete(length) =
                    response.parse(bytes).map_err(|_| NotUnderstood)?
                else {
                    return Ok(None);
                };
                let code = response.code.ok_or(NotUnderstood)?;
                let reason = response.reason.unwrap_or_default();
                (
                    format!("HTTP/1.1 {code} {reason}"),
                    Some(code),
                    length,
                    response.headers,
                )
            }
        };
        let headers: Vec<_> = fields
            .iter()
            .map(|field| {
                let value = String::from_utf8_lossy(field.value).into_owned();
                (field.name.to_ascii_lowercase(), value)
            })
            .collect();
        let body_bytes = body_length(&headers, status)?;
        Ok(Some(Self {
            start,
            status,
            headers,
            bytes: length,
            body_bytes,
        }))
    }
}

/// RFC 9112 section 6.3, without the forms that this reader gives up on.
fn body_length(headers: &[(String, String)], status: Option<u16>) -> Result<usize, NotUnderstood> {
    if status == Some(101) || headers.iter().any(|(name, _)| name == "transfer-encoding") {
        return Err(NotUnderstood);
    }
    let mut lengths = headers.iter().filter(|(name, _)| name == "content-length");
    match (lengths.next(), lengths.next()) {
        (Some((_, length)), None) => length.parse().map_err(|_| NotUnderstood),
        (None, _) => Ok(0),
        (Some(_), Some(_)) => Err(NotUnderstood),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] =
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";

    fn never() -> bool {
        false
    }

    #[test]
    fn messages_are_cut_wherever_the_bytes_break() {
        let mut whole = Cutter::new(Side::Requests);
        let expected = whole.push(TWO, never);
        assert_eq!(expected.len(), 2);
        assert_eq!(expected[1].start, "POST /b HTTP/1.1");
        assert_eq!(expected[1].body.as_deref(), Some(b"abc".as_slice()));
        for at in 1..TWO.len() {
            let mut cutter = Cutter::new(Side::Requests);
            let mut messages = cutter.push(&TWO[..at], never);
            messages.extend(cutter.push(&TWO[at..], never));
            assert_eq!(messages, expected, "broken at {at}");
        }
    }

    #[test]
    fn large_bodies_pass_unread_and_what_follows_is_read() {
        let large = MAX_BODY_BYTES + 1;
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {large}\r\n\r\n").into_bytes();
        bytes.resize(bytes.len() + large, b'x');
        bytes.extend_from_slice(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
        bytes.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let mut cutter = Cutter::new(Side::Responses);
        let messages: Vec<_> = bytes
            .chunks(1000)
            .flat_map(|chunk| cutter.push(chunk, never))
            .collect();
        let bodies: Vec<_> = messages.into_iter().map(|message| message.body).collect();
        assert_eq!(bodies, [None, Some(vec![]), Some(b"ok".to_vec())]);
    }

    #[test]
    fn interim_answers_and_answers_to_head_have_no_body() {
        let mut cutter = Cutter::new(Side::Responses);
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
        let messages = cutter.push(bytes, || true);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].start, "HTTP/1.1 200 OK");
    }

    #[test]
    fn what_is_not_understood_ends_the_reading_for_good() {
        for bytes in [
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(),
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01",
            &vec![b'A'; MAX_HEAD_BYTES + 1],
        ] {
            let mut cutter = Cutter::new(Side::Requests);
            assert!(cutter.push(bytes, never).is_empty());
            assert!(cutter.push(TWO, never).is_empty());
            assert!(cutter.pending.is_empty());
        }
    }
}
