//! One order from its session to its card, as far as it got, and what has to be true of it afterwards.

use serde_json::Value;
use waxseal_tests::visa;

use crate::{
    line::{Answer, Cut},
    till::Till,
};

/// An order, and what is known of it.
pub(crate) struct Purchase {
    order: String,
    /// Stands for the PAN.
    pub(crate) card: usize,
    /// Different for every purchase: makes its envelopes.
    seed: u64,
    /// The session, once that was answered.
    pub(crate) session: Option<Value>,
    /// The envelope, once it was sent.
    envelope: Option<String>,
    /// The answer to it.
    pub(crate) accepted: Option<Value>,
    /// Whether it was settled: a session takes so many envelopes and no more.
    pub(crate) is_settled: bool,
}

/// How far purchases had got when the process ended.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Answered with success: there, and refused when sent again.
    pub(crate) answered: u32,
    /// Sent and not answered, and found to have been stored.
    pub(crate) stored_unanswered: u32,
    /// Sent and not answered, and found not to have been stored.
    pub(crate) not_stored: u32,
    /// Sent and not answered, and tried again at once with a new envelope.
    pub(crate) unanswered: u32,
    /// Not sent.
    pub(crate) not_sent: u32,
}

impl Purchase {
    pub(crate) fn new(seed: u64, card: usize) -> Self {
        Self {
            order: format!("order-{}", letters(seed)),
            card,
            seed,
            session: None,
            envelope: None,
            accepted: None,
            is_settled: false,
        }
    }

    /// Goes on until there is an answer to the envelope: the first answer that is no success ends it.
    pub(crate) async fn pay(&mut self, till: &mut Till) -> Result<Option<Answer>, Cut> {
        let session = match &self.session {
            Some(session) => session.clone(),
            None => {
                let answer = till.create_session(&self.order).await?;
                if answer.status != 201 {
                    return Ok(Some(answer));
                }
                self.session.insert(answer.body).clone()
            }
        };
        let envelope = till.seal(&session, &visa(self.card), self.seed).await?;
        self.envelope = Some(envelope.clone());
        let answer = till.submit(&session, &envelope, &self.customer()).await?;
        if answer.status != 200 {
            return Ok(Some(answer));
        }
        self.accepted = Some(answer.body);
        Ok(None)
    }

    /// After a restart: what was answered is there, once; what was not is brought to its end. `again`
    /// sends the same envelope first where no answer came.
    pub(crate) async fn settle(&mut self, till: &mut Till, again: bool, tally: &mut Tally) {
        let sent = self.session.clone().zip(self.envelope.clone());
        let Some((session, envelope)) = sent else {
            tally.not_sent += 1;
            assert!(self.pay(till).await.expect("an answer").is_none());
            return self.check_stored(till).await;
        };
        if self.accepted.is_some() {
            tally.answered += 1;
            self.check_stored(till).await;
            let replayed = till.submit(&session, &envelope, &self.customer()).await;
            assert_eq!(replayed.expect("an answer").problem(), "envelope_replayed");
        } else if again {
            let answer = till.submit(&session, &envelope, &self.customer()).await;
            let answer = answer.expect("an answer");
            if answer.status == 200 {
                tally.not_stored += 1;
            } else {
                assert_eq!(answer.problem(), "envelope_replayed");
                tally.stored_unanswered += 1;
                self.check_stored(till).await;
            }
        } else {
            tally.unanswered += 1;
        }
        // The same card in a new envelope gets the first answer, or ends what had no end.
        self.is_settled = true;
        let envelope = till.seal(&session, &visa(self.card), !self.seed).await;
        let answer = till
            .submit(&session, &envelope.expect("a key"), &self.customer())
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let first = self.accepted.get_or_insert_with(|| answer.body.clone());
        assert_eq!(*first, answer.body);
        self.check_stored(till).await;
    }

    /// The server's own view: accepted, with this card.
    pub(crate) async fn check_stored(&self, till: &mut Till) {
        let session = self.session.as_ref().expect("a session");
        let id = session["id"].as_str().expect("an id");
        let seen = till.read_session(id).await.expect("an answer");
        assert_eq!(seen.status, 200, "{}", seen.body);
        assert_eq!(seen.body["status"], "accepted");
        assert_eq!(seen.body["order_id"], self.order.as_str());
        assert_eq!(seen.body["card"]["last4"], visa(self.card)[12..]);
    }

    /// One of many addresses, so that no limit on an address is reached.
    fn customer(&self) -> String {
        let [.., a, b, c] = self.seed.to_be_bytes();
        format!("100.{a}.{b}.{c}")
    }
}

/// Sixteen letters. Among digits one seed in some thousands is a card number, which is refused as an order's.
fn letters(seed: u64) -> String {
    let letter = |byte: u8| char::from(b'a' + byte);
    seed.to_be_bytes()
        .into_iter()
        .flat_map(|byte| [letter(byte >> 4), letter(byte & 15)])
        .collect()
}
