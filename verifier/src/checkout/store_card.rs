//! What an accepted envelope leaves: submission with its decision, velocity event, session status.

use serde::{Deserialize, Serialize};
use waxseal_protocol::{
    message::SessionStatus,
    seal::{BrowserData, ValidCard},
    signal::Signals,
};
use zeroize::Zeroizing;

use super::{assess, envelope::Opened, submit::Attempt};
use crate::{
    keys::ModeKeys,
    risk::{Outcome, RULE_SET},
    store::{
        StoreError, Tx,
        cards::CardRow,
        crypter::Place,
        sessions::Session,
        submissions::{self, Submission},
        velocity,
    },
};

const TABLE: &str = "submission";

/// Column `details_enc`: what belongs to the submission rather than to the card.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details {
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) name: Option<Zeroizing<String>>,
    pub(super) postal_code: Option<Zeroizing<String>>,
}

#[derive(Serialize)]
struct Collected<'c> {
    browser: &'c BrowserData,
    signals: &'c Signals,
}

/// Stores everything but the card itself and sets the session's status. The CVC is not kept: nothing
/// asks for it before payments are built in.
pub(super) fn store(
    attempt: &Attempt,
    tx: &Tx<'_>,
    session: &mut Session,
    opened: &Opened,
    valid: &ValidCard,
    card: &CardRow,
) -> Result<(), StoreError> {
    let app = &attempt.app;
    let keys = app.keyring.of(attempt.token.mode);
    let (assessed, event) = assess::assess(attempt, tx, session, opened, valid, card)?;
    let outcome = assessed.decision.outcome;
    let id = app
        .rng
        .id(&attempt.token.mode.id_prefix("sub"), attempt.now)?;

    let column = Columns {
        keys,
        row: &id,
        merchant_id: &session.merchant_id,
        attempt,
    };
    let collected = Collected {
        browser: &opened.card.browser,
        signals: &opened.card.signals,
    };
    let submission = Submission {
        session_id: session.id.clone(),
        merchant_id: session.merchant_id.clone(),
        card_id: card.id.clone(),
        network: valid.network.map(|network| network.as_str().to_owned()),
        details_enc: column.encrypt("details", &details(valid))?,
        signals_enc: column.encrypt("signals", &collected)?,
        ip_enc: column.encrypt("ip", &attempt.peer.ip)?,
        outcome: outcome.as_str().to_owned(),
        facts_enc: column.encrypt("facts", &assessed)?,
        rule_set: RULE_SET.to_owned(),
        created_at: attempt.now,
        id: id.clone(),
    };
    submissions::insert(tx, &submission)?;
    if outcome != Outcome::Reject {
        velocity::put(tx, &event)?;
    }
    session.status = match outcome {
        Outcome::Allow | Outcome::Review => SessionStatus::Accepted,
        Outcome::Reject => SessionStatus::Declined,
    };
    session.submission_id = Some(id);
    metrics::counter!("waxseal_decisions_total", "outcome" => outcome.as_str()).increment(1);
    attempt.log(tx, "card.stored", None, Some(outcome.as_str()))
}

fn details(valid: &ValidCard) -> Details {
    Details {
        exp_month: valid.expiry.month(),
        exp_year: valid.expiry.year(),
        // EXPOSE: into their encrypted column.
        name: valid
            .name
            .as_ref()
            .map(|name| Zeroizing::new(name.as_str().to_owned())),
        postal_code: valid
            .postal_code
            .as_ref()
            .map(|code| Zeroizing::new(code.as_str().to_owned())),
    }
}

struct Columns<'c> {
    keys: &'c ModeKeys,
    row: &'c str,
    merchant_id: &'c str,
    attempt: &'c Attempt,
}

impl Columns<'_> {
    fn encrypt<T: Serialize>(
        &self,
        column: &'static str,
        value: &T,
    ) -> Result<Vec<u8>, StoreError> {
        let place = Place {
            table: TABLE,
            column,
            row: self.row,
            merchant: self.merchant_id,
            token: "",
        };
        let json = serde_json::to_vec(value).map_err(|_| StoreError::Damaged(TABLE))?;
        self.keys
            .deks
            .encrypt(place, &Zeroizing::new(json), &*self.attempt.app.rng)
    }
}
