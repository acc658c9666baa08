//! What others do with customers' cards.

use super::{
    DAY, Payment, Scenario, Signals,
    honest::{amount, behaviour, payment},
    world::{Card, World, country, other_country},
};
use crate::random::Random;

/// Nobody honest pays as much, in US dollars.
const LIMIT: f64 = 900.0;
const COMPROMISED_DAYS: f64 = 28.0;
const LEAKED_DAYS: f64 = 14.0;
/// Share of the payments at a compromised merchant that others make.
const COMPROMISED_SHARE: f64 = 0.25;
/// By which each third payment with leaked credentials is higher.
const LEAKED_FACTOR: f64 = 5.0;
/// Share of frauds that nobody reports.
const UNREPORTED: f64 = 0.03;

/// Changes payments and adds others.
pub(super) fn add(world: &mut World, payments: &mut Vec<Payment>, days: u32, random: &mut Random) {
    over_limit(world, payments, random);
    compromise(world, payments, days, random);
    leak(world, payments, days, random);
    friendly(payments, random);
    let mut added = Vec::new();
    for day in 0..days {
        let start = f64::from(day) * DAY;
        let many = f64::from(u32::try_from(world.customers.len()).unwrap_or(u32::MAX));
        // One card tester for some 4,000 customers, one takeover for some 1,500.
        for _ in 0..occurrences(many / 4_000.0, random) {
            test_cards(world, start + random.between(0.0, DAY), &mut added, random);
        }
        for _ in 0..occurrences(many / 1_500.0, random) {
            take_over(world, start + random.between(0.0, DAY), &mut added, random);
        }
    }
    payments.extend(added);
    for payment in payments.iter_mut() {
        let is_fraud = payment.scenario != Scenario::Honest;
        payment.label = is_fraud && !random.chance(UNREPORTED);
    }
}

/// A Poisson number.
fn occurrences(mean: f64, random: &mut Random) -> u32 {
    let (mut count, mut spent) = (0, random.wait(1.0));
    while spent < mean {
        count += 1;
        spent += random.wait(1.0);
    }
    count
}

/// A card of somebody else, from where it should not be.
fn stolen(world: &mut World, payment: &mut Payment, random: &mut Random) {
    let (device, ip) = (world.new_id(), world.new_id());
    if random.chance(0.85) {
        payment.device = device;
    }
    if random.chance(0.8) {
        payment.ip = ip;
        payment.is_hidden = random.chance(0.45);
        if random.chance(0.6) {
            payment.ip_country = other_country(payment.card_country, random);
        }
    }
    if payment.shipping_country.is_some() && random.chance(0.35) {
        payment.shipping_country = Some(country(random));
    }
    payment.automation = behaviour(if random.chance(0.3) { 0.6 } else { 0.12 }, random);
    payment.signals = match payment.signals {
        Signals::Off if random.chance(0.8) => Signals::Known,
        signals => signals,
    };
}

fn over_limit(world: &mut World, payments: &mut [Payment], random: &mut Random) {
    for payment in payments.iter_mut() {
        if !random.chance(0.0008) {
            continue;
        }
        payment.amount = LIMIT + random.wait(1.0 / 400.0);
        payment.scenario = Scenario::AmountOverLimit;
        if random.chance(0.5) {
            stolen(world, payment, random);
        }
    }
}

fn compromise(world: &mut World, payments: &mut [Payment], days: u32, random: &mut Random) {
    let merchants = world.merchants.len();
    let rounds = f64::from(days) / COMPROMISED_DAYS
        * f64::from(u32::try_from(merchants).unwrap_or(1))
        / 50.0;
    for _ in 0..occurrences(rounds, random).max(1) {
        let merchant = u32::try_from(random.below(merchants)).unwrap_or(0);
        let start = random.between(-COMPROMISED_DAYS, f64::from(days)) * DAY;
        let range = start..start + COMPROMISED_DAYS * DAY;
        let there = payments
            .iter_mut()
            .filter(|payment| payment.merchant == merchant && range.contains(&payment.at));
        for payment in there.filter(|payment| payment.scenario == Scenario::Honest) {
            if random.chance(COMPROMISED_SHARE) {
                stolen(world, payment, random);
                payment.scenario = Scenario::CompromisedMerchant;
            }
        }
    }
}

fn leak(world: &mut World, payments: &mut [Payment], days: u32, random: &mut Random) {
    let customers = world.customers.len();
    let expected = f64::from(u32::try_from(customers).unwrap_or(1)) * f64::from(days) / 25_000.0;
    for _ in 0..occurrences(expected, random) {
        let customer = u32::try_from(random.below(customers)).unwrap_or(0);
        let start = random.between(0.0, f64::from(days)) * DAY;
        let range = start..start + LEAKED_DAYS * DAY;
        let own = payments
            .iter_mut()
            .filter(|payment| payment.customer == customer && range.contains(&payment.at));
        for payment in own.filter(|payment| payment.scenario == Scenario::Honest) {
            if random.chance(1.0 / 3.0) {
                payment.amount *= LEAKED_FACTOR;
                payment.scenario = Scenario::LeakedCredentials;
                if random.chance(0.5) {
                    stolen(world, payment, random);
                }
            }
        }
    }
}

/// Denied though it was the customer's own: nothing can be seen of that.
fn friendly(payments: &mut [Payment], random: &mut Random) {
    let honest = payments
        .iter_mut()
        .filter(|payment| payment.scenario == Scenario::Honest);
    for payment in honest.filter(|_| random.chance(0.0004)) {
        payment.scenario = Scenario::FriendlyFraud;
    }
}

fn test_cards(world: &mut World, start: f64, added: &mut Vec<Payment>, random: &mut Random) {
    let customer = random.below(world.customers.len());
    let (device, ip) = (world.new_id(), world.new_id());
    let from = country(random);
    let (changes_device, changes_ip) = (random.chance(0.4), random.chance(0.3));
    let is_hidden = random.chance(0.7);
    let mut cards: Vec<Card> = Vec::new();
    for _ in 0..15 + random.below(60) {
        let of = country(random);
        cards.push(world.new_card(of, random));
    }
    let middle = if random.chance(0.7) { 0.75 } else { 0.35 };
    let mut at = start;
    for card in cards {
        at += random.wait(1.0 / 40.0);
        let ids = (world.new_id(), world.new_id());
        let customer = (
            u32::try_from(customer).unwrap_or(0),
            &world.customers[customer],
        );
        let mut payment = payment(world, customer, at, ids.0, random);
        payment.card = card.id;
        payment.card_country = card.country;
        payment.is_prepaid = card.is_prepaid;
        payment.billing_country = card.country;
        payment.customer = ids.0;
        payment.device = if changes_device { ids.1 } else { device };
        payment.ip = if changes_ip { ids.0 } else { ip };
        payment.ip_country = from;
        payment.is_hidden = is_hidden;
        payment.amount = random.between(0.5, 6.0);
        payment.automation = behaviour(middle, random);
        payment.attempts = 1 + u32::from(random.chance(0.3));
        payment.session_age = random.normal(2.0, 0.6).exp();
        payment.signals = if random.chance(0.25) {
            Signals::Off
        } else {
            Signals::Known
        };
        payment.scenario = Scenario::CardTesting;
        added.push(payment);
    }
}

fn take_over(world: &mut World, start: f64, added: &mut Vec<Payment>, random: &mut Random) {
    let at = random.below(world.customers.len());
    let (device, ip, once) = (world.new_id(), world.new_id(), world.new_id());
    let id = u32::try_from(at).unwrap_or(0);
    let from = if random.chance(0.6) {
        other_country(world.customers[at].country, random)
    } else {
        world.customers[at].country
    };
    let is_hidden = random.chance(0.5);
    let factor = random.between(1.5, 4.0);
    let mut time = start;
    for _ in 0..2 + random.below(5) {
        time += random.wait(1.0 / 900.0);
        let customer = &world.customers[at];
        let mut payment = payment(world, (id, customer), time, once, random);
        payment.device = device;
        payment.ip = ip;
        payment.ip_country = from;
        payment.is_hidden = is_hidden;
        payment.amount = amount(customer, random) * factor;
        if payment.shipping_country.is_some() && random.chance(0.7) {
            payment.shipping_country = Some(country(random));
        }
        payment.automation = behaviour(if random.chance(0.3) { 0.5 } else { 0.1 }, random);
        payment.signals = Signals::Known;
        payment.scenario = Scenario::AccountTakeover;
        added.push(payment);
    }
}
