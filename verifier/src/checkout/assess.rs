//! The attributes of one submission, gathered inside its transaction, and the decision on them.

use std::net::IpAddr;

use ipnet::IpNet;
use iso_currency::Currency;
use waxseal_engine::attribute::{Attribute, Attributes};

use super::{
    assessed::Assessed, consistency, decide::decide, device, envelope::Opened,
    store_card::Prepared, submit::Attempt, velocity as counts,
};
use crate::{
    app::App,
    clock::Timestamp,
    risk::{CardType, Issued, VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S, country::CountryCode},
    store::{
        StoreError, Tx,
        cards::CardRow,
        device_visits::DeviceVisit,
        sessions::Session,
        velocity::{self, VelocityEvent},
        velocity_records::VelocityRecord,
    },
};

/// What is decided, and what it adds to what is counted.
pub(super) struct Judged {
    pub(super) assessed: Assessed,
    /// To sums by card and by address.
    pub(super) event: VelocityEvent,
    /// To all other counts.
    pub(super) record: VelocityRecord,
    /// By which its device is recognised.
    pub(super) visit: Option<DeviceVisit>,
}

/// Gathers the attributes and decides.
pub(super) fn assess(
    attempt: &Attempt,
    tx: &Tx<'_>,
    session: &Session,
    opened: &Opened,
    prepared: &Prepared,
    card: &CardRow,
) -> Result<Judged, StoreError> {
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
    let others = velocity::sum_usd_micros(tx, &event, since, VELOCITY_LIMIT_USD_MICROS)?;
    let mut attributes = Attributes::default();
    of_session(&mut attributes, session, attempt.now);
    // EXPOSE: the first eight digits, of a shorter number too, to look up the issuer's country.
    let digits = prepared.valid.pan.digits();
    attributes.set(Attribute::CardBin, digits.get(..6));
    let issued = app.bin_table.current();
    let issued = issued.map_or_else(Issued::default, |table| table.lookup(digits));
    let bin_country = issued.country.or_else(|| app.bin_countries.lookup(digits));
    attributes.set(Attribute::CardBinCountry, bin_country);
    let card_type = issued.card_type.map(CardType::as_str);
    attributes.set(Attribute::CardBinType, card_type);
    attributes.set(Attribute::CardPrepaid, issued.is_prepaid);
    attributes.set(Attribute::CardBrand, card.brand.as_str());
    attributes.set(Attribute::CardId, card.id.as_str());
    attributes.set(Attribute::CardIsNew, prepared.candidate.became(card));
    attributes.set(Attribute::IpAddress, ip);
    let ip_country = app.ip_countries.lookup(ip);
    attributes.set(Attribute::IpCountry, ip_country);
    of_networks(&mut attributes, app, ip);
    consistency::compare(&mut attributes, &opened.card.signals, ip_country);
    attributes.set(Attribute::SessionAmountUsdMicros, event.usd_micros);
    attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, others);
    let is_known = app.known_builds.contains(&opened.header.bld);
    attributes.set(Attribute::SdkBuildKnown, is_known);
    attributes.set(Attribute::SignalsUnknown, opened.card.signals.unknown());
    let recognised =
        device::recognise_device(attempt, tx, &mut attributes, &prepared.device, session)?;
    attributes.set(Attribute::SessionChallengePassed, attempt.has_passed);
    let before = &prepared.velocity;
    let counted = (card, &event);
    let record = counts::gather(attempt, tx, &mut attributes, before, session, counted)?;
    let merchant_id = &session.merchant_id;
    let assessed = decide(app, merchant_id, attributes, recognised.reason, attempt.now);
    Ok(Judged {
        assessed,
        event,
        record,
        visit: recognised.visit,
    })
}

/// Which lists have the address; unknown where none is kept.
fn of_networks(attributes: &mut Attributes, app: &App, ip: IpAddr) {
    let (hosting, anonymizers) = (app.hosting.current(), app.anonymizers.current());
    let listed = [
        (Attribute::IpHosting, hosting),
        (Attribute::IpAnonymizer, anonymizers),
    ];
    let listed = listed.map(|(attribute, networks)| {
        let network = networks.map(|networks| networks.narrowest(ip));
        attributes.set(attribute, network.map(|network| network.is_some()));
        network.flatten()
    });
    let narrowest = listed.into_iter().flatten().max_by_key(IpNet::prefix_len);
    let narrowest = narrowest.map(|network| network.to_string());
    attributes.set(Attribute::IpNetwork, narrowest);
}

/// What the merchant's server said of it.
fn of_session(attributes: &mut Attributes, session: &Session, now: Timestamp) {
    let country = |code: &Option<String>| CountryCode::parse(code.as_deref()?).ok();
    let (billing, shipping) = (&session.billing_country, &session.shipping_country);
    let age_s = (now.millis() - session.created_at.millis()) / 1_000;
    attributes.set(
        Attribute::CustomerEmailDigest,
        session.email_digest.as_deref(),
    );
    attributes.set(Attribute::CustomerId, session.customer_id.as_deref());
    attributes.set(Attribute::SessionAgeS, age_s);
    attributes.set(Attribute::SessionAmountMinor, session.amount);
    attributes.set(Attribute::SessionAttempts, session.attempts);
    attributes.set(Attribute::SessionBillingCountry, country(billing));
    attributes.set(Attribute::SessionCurrency, session.currency.as_str());
    attributes.set(Attribute::SessionPurpose, session.purpose.as_str());
    attributes.set(Attribute::SessionShippingCountry, country(shipping));
}
