//! Both directions of one connection: which response answers which request.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    cutter::{Cutter, Message, Side},
    exchange::{Exchange, WireLog},
};

/// Requests that wait for their responses; a browser has one at a time on a connection.
const MAX_WAITING: usize = 16;

/// Reads along on one connection and logs each submission of a card.
#[derive(Debug)]
pub(super) struct Conversation {
    log: Arc<WireLog>,
    requests: Mutex<Cutter>,
    responses: Mutex<Cutter>,
    waiting: Mutex<VecDeque<Message>>,
}

impl Conversation {
    pub(super) const fn new(log: Arc<WireLog>) -> Self {
        Self {
            log,
            requests: Mutex::new(Cutter::new(Side::Requests)),
            responses: Mutex::new(Cutter::new(Side::Responses)),
            waiting: Mutex::new(VecDeque::new()),
        }
    }

    /// Bytes from the browser.
    pub(super) fn sent(&self, bytes: &[u8]) {
        let messages = lock(&self.requests).push(bytes, || false);
        let mut waiting = lock(&self.waiting);
        waiting.extend(messages);
        if waiting.len() > MAX_WAITING {
            // No browser does this. Dropping some would pair answers with the wrong requests.
            waiting.clear();
            lock(&self.requests).lose();
            lock(&self.responses).lose();
        }
    }

    /// Bytes from the verifier.
    pub(super) fn answered(&self, bytes: &[u8]) {
        let mut waiting = lock(&self.waiting);
        let mut next = 0;
        let answers = lock(&self.responses).push(bytes, || {
            next += 1;
            waiting
                .get(next - 1)
                .is_some_and(|request| request.start.starts_with("HEAD "))
        });
        for answer in answers {
            let exchange = waiting
                .pop_front()
                .and_then(|request| Exchange::of_card(&request, &answer));
            if let Some(exchange) = exchange {
                self.log.record(exchange);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use waxseal_protocol::{
        message::SealingJwk,
        seal::{
            self, BrowserData, CIPHERTEXT_LEN, CardFields, Header, SealedCard, SealingKey,
            thumbprint,
        },
        signal::Signals,
    };

    use super::*;

    /// The key of RFC 7517 appendix A.1.
    const X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
    const Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

    fn envelope(session_id: &str) -> String {
        let kid = thumbprint(X, Y);
        let jwk = SealingJwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: X.into(),
            y: Y.into(),
            usage: "enc".into(),
            alg: "HPKE-7".into(),
            kid: kid.clone(),
            state: "active".into(),
            created_at: String::new(),
            activated_at: None,
            retired_at: None,
        };
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let header = Header {
            kid: kid.clone(),
            sid: session_id.into(),
            rev: 1,
            org: "http://localhost:8080".into(),
            iat: 1_795_000_000,
            jti: seal::make_jti(&mut rng),
            bld: "A".repeat(22),
        };
        let card = CardFields {
            number: String::from("4111111111111111").into(),
            exp_month: 12,
            exp_year: 2030,
            cvc: None,
            name: None,
            postal_code: None,
            network: None,
        };
        let card = SealedCard::new(card, BrowserData::default(), Signals::new());
        seal::seal(
            &SealingKey::from_jwk(&jwk, &kid).unwrap(),
            &header,
            &card,
            &mut rng,
        )
        .unwrap()
    }

    fn submission(envelope: &str) -> String {
        let body = format!("{{\"envelope\":\"{envelope}\"}}");
        format!(
            "POST /v1/session/card HTTP/1.1\r\nHost: localhost:8787\r\n\
             Authorization: Bearer aaaaaaaaaaaaaaaaaaaa.bbbbbbbbbb.cccccccccc\r\n\
             Cookie: shop_session=secret\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    #[test]
    fn a_submission_is_logged_with_its_own_answer_and_without_secrets() {
        let log = Arc::new(WireLog::default());
        let conversation = Conversation::new(Arc::clone(&log));
        conversation.sent(b"GET /frame/v1?s=cs_test_1 HTTP/1.1\r\nHost: x\r\n\r\n");
        conversation.answered(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nframe");
        for session_id in ["cs_test_1", "cs_test_2"] {
            conversation.sent(submission(&envelope(session_id)).as_bytes());
            conversation.answered(ANSWER.as_bytes());
        }

        let exchanges = log.of_session("cs_test_1");
        assert_eq!(exchanges.len(), 1);
        let exchange = &exchanges[0];
        assert_eq!(exchange.answer.start, "HTTP/1.1 200 OK");
        assert_eq!(exchange.envelope.sealed_bytes, CIPHERTEXT_LEN);
        assert!(exchange.envelope.header.contains("\"alg\":\"HPKE-7\""));
        assert_eq!(exchange.request.left_out, 1);
        let shown = serde_json::to_string(exchange).unwrap();
        assert!(
            !shown.contains("shop_session") && !shown.contains("cccccccccc"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_no_submission_is_not_logged() {
        let log = Arc::new(WireLog::default());
        let conversation = Conversation::new(Arc::clone(&log));
        let good = submission(&envelope("cs_test_1"));
        for request in [
            good.replace("POST", "HEAD"),
            good.replace("/v1/session/card", "/v1/session/cart"),
            good.replacen('{', "[", 1),
        ] {
            conversation.sent(request.as_bytes());
            conversation.answered(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }
        assert!(log.of_session("cs_test_1").is_empty());
    }

    #[test]
    fn a_flood_of_requests_ends_the_reading() {
        let log = Arc::new(WireLog::default());
        let conversation = Conversation::new(Arc::clone(&log));
        for _ in 0..=MAX_WAITING {
            conversation.sent(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        conversation.sent(submission(&envelope("cs_test_1")).as_bytes());
        conversation.answered(ANSWER.as_bytes());
        assert!(log.of_session("cs_test_1").is_empty());
        assert!(lock(&conversation.waiting).is_empty());
    }
}
