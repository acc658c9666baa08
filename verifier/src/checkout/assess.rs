//! The facts of one submission, gathered inside its transaction, and the decision on them.

use iso_currency::Currency;
use waxseal_protocol::seal::ValidCard;

use super::{assessed::Assessed, envelope::Opened, submit::Attempt};
use crate::{
    risk::{
        self, Facts, RULE_SET, VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S, country::CountryCode,
    },
    store::{
        StoreError, Tx,
        cards::CardRow,
        sessions::Session,
        velocity::{self, VelocityEvent},
    },
};

/// Gathers the facts and decides. The event is what this session adds to later sums.
pub(super) fn assess(
    attempt: &Attempt,
    tx: &Tx<'_>,
    session: &Session,
    opened: &Opened,
    valid: &ValidCard,
    card: &CardRow,
) -> Result<(Assessed, VelocityEvent), StoreError> {
    let app = &attempt.app;
    let ip = attempt.peer.ip;
    let currency = Currency::from_code(&session.currency);
    let ip_digest = app.ip_digest(attempt.token.mode, ip);
    let event = VelocityEvent {
        session_id: session.id.clone(),
        card_id: card.id.clone(),
        address: velocity::address(&ip_digest, &session.merchant_id)?,
        usd_micros: currency
            .and_then(|currency| app.usd_rates.usd_micros(session.amount, currency)),
        at: attempt.now,
    };
    let since = attempt.now.plus_seconds(-VELOCITY_WINDOW_S);
    let facts = Facts {
        ip_blocked_by: app
            .block_cidrs
            .iter()
            .copied()
            .find(|network| network.contains(&ip)),
        ip_country: app.ip_countries.lookup(ip),
        // EXPOSE: the first eight digits, of a shorter number too, to look up the issuer's country.
        bin_country: app.bin_countries.lookup(valid.pan.digits()),
        shipping_country: session
            .shipping_country
            .as_deref()
            .and_then(|country| CountryCode::parse(country).ok()),
        usd_micros: event.usd_micros,
        other_usd_micros: velocity::sum_usd_micros(tx, &event, since, VELOCITY_LIMIT_USD_MICROS)?,
        sdk_build_known: app.known_builds.contains(&opened.header.bld),
        unknown_signals: opened.card.signals.unknown(),
    };
    let decision = risk::assess(&facts);
    let assessed = Assessed {
        facts,
        decision,
        rule_set: RULE_SET.to_owned(),
        decided_at: attempt.now,
    };
    Ok((assessed, event))
}
