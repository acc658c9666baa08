//! What a submission has in common with others, and how much came of it lately.

use waxseal_engine::attribute::Attributes;
use waxseal_protocol::{
    seal::{SealedCard, ValidCard},
    signal::SignalName,
};

use super::{pseudonym::pseudonym, submit::Attempt};
use crate::{
    store::{
        RowId, StoreError, Touches, Tx,
        cards::CardRow,
        sessions::Session,
        velocity::VelocityEvent,
        velocity_records::{Marks, VelocityRecord},
    },
    velocity::{self, Keys, Kind},
};

/// Digits of a number that tell its issuer's range.
const BIN_LEN: usize = 8;
/// Last digits that numbers of one run do not share.
const RUN_LEN: usize = 3;

/// What of a submission is known before its session is read, and up to where others are counted by then.
pub(super) struct Before {
    keys: Keys,
    marks: Marks,
}

impl Before {
    pub(super) fn new(
        attempt: &Attempt,
        sealed: &SealedCard,
        valid: &ValidCard,
    ) -> Result<Self, StoreError> {
        let (app, mode) = (&attempt.app, attempt.token.mode);
        let merchant = RowId::of("mch", &attempt.token.merchant_id)?;
        let keyed = |name, value: &str| pseudonym(attempt, merchant, name, value.as_bytes());
        let ip_digest = app.ip_digest(mode, attempt.peer.ip);
        // EXPOSE: all digits but the last three, and the first eight, for keyed digests.
        let digits = valid.pan.digits();
        let run = digits
            .len()
            .checked_sub(RUN_LEN)
            .and_then(|len| digits.get(..len));
        let mut keys = Keys::default()
            .with(Kind::Merchant, merchant.as_bytes())
            .with(Kind::Ip, &[&ip_digest[..], merchant.as_bytes()].concat());
        if let Some(bin) = digits.get(..BIN_LEN) {
            keys = keys.with(Kind::Bin, &keyed("bin", bin));
        }
        if let Some(run) = run {
            keys = keys.with(Kind::BinRun, &keyed("bin_run", run));
        }
        // The token that it has had for longest: it is told for a while beside the one that takes its place.
        let tokens = sealed.signals.texts(SignalName::DeviceToken);
        let tokens = tokens.and_then(|tokens| Some((tokens.first()?, tokens.get(1))));
        if let Some((current, former)) = tokens {
            let token = former
                .filter(|former| !former.is_empty())
                .unwrap_or(current);
            keys = keys.with(Kind::Device, &keyed("device", token));
        }
        Ok(Self {
            keys,
            marks: app.velocity.marks(),
        })
    }

    /// Adds what no two submissions are to count beside each other. Not the merchant and the issuer's range, which
    /// would make all wait for all.
    pub(super) fn touch(&self, touches: Touches) -> Touches {
        let kinds = [Kind::BinRun, Kind::Device];
        let keys = kinds.into_iter().filter_map(|kind| self.keys.of(kind));
        keys.fold(touches, |touches, key| touches.and("velocity", &key))
    }
}

/// Sets what came lately; gives what the submission itself is counted as, once it is decided.
pub(super) fn gather(
    attempt: &Attempt,
    tx: &Tx<'_>,
    attributes: &mut Attributes,
    before: &Before,
    session: &Session,
    (card, event): (&CardRow, &VelocityEvent),
) -> Result<VelocityRecord, StoreError> {
    let mut keys = before
        .keys
        .with(Kind::Card, RowId::of("card", &card.id)?.as_bytes());
    if let Some(customer_id) = &session.customer_id {
        keys = keys.with(Kind::Customer, RowId::of("cus", customer_id)?.as_bytes());
    }
    if let Some(email) = &session.email_digest {
        let merchant = RowId::of("mch", &session.merchant_id)?;
        let email = pseudonym(attempt, merchant, "email", email.as_bytes());
        keys = keys.with(Kind::Email, &email);
    }
    let own = VelocityRecord {
        session_id: session.id.clone(),
        keys: keys.to_bytes().to_vec(),
        usd_micros: event.usd_micros,
        is_rejected: false,
        at: event.at,
        place: (0, 0),
    };
    let found = attempt.app.velocity.find(tx, &before.marks, &own)?;
    for (kind, found) in &found {
        velocity::fill(attributes, *kind, found);
    }
    Ok(own)
}
