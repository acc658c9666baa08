//! What customers do by themselves, odd things among it.

use super::{
    DAY, Payment, Scenario, Signals,
    world::{Customer, World, country, other_country},
};
use crate::random::Random;

/// Ids of what is used once: above all that the world gives out.
const ONCE: u32 = 1 << 30;

/// Every customer's payments.
pub(super) fn payments(world: &World, days: u32, random: &mut Random) -> Vec<Payment> {
    let mut payments = Vec::new();
    let end = f64::from(days) * DAY;
    for (id, customer) in (0..).zip(&world.customers) {
        let mut at = 0.0;
        loop {
            at += random.wait(customer.rate) * DAY;
            if at >= end {
                break;
            }
            let once = ONCE + 2 * u32::try_from(payments.len()).unwrap_or(0);
            payments.push(payment(
                world,
                (id, customer),
                in_daytime(at, random),
                once,
                random,
            ));
        }
    }
    payments
}

/// The same day, mostly around noon.
fn in_daytime(at: f64, random: &mut Random) -> f64 {
    (at / DAY).floor() * DAY + random.normal(DAY / 2.0, DAY / 5.0).rem_euclid(DAY)
}

/// One of a customer's payments; `once` and the next are ids that nobody else has.
pub(super) fn payment(
    world: &World,
    (id, customer): (u32, &Customer),
    at: f64,
    once: u32,
    random: &mut Random,
) -> Payment {
    let merchant_id = customer.merchants[random.below(customer.merchants.len())];
    let merchant = &world.merchants[merchant_id as usize];
    let card = customer.cards[random.below(customer.cards.len())];
    let is_travelling = random.chance(0.02);
    let has_new_device = random.chance(0.015);
    let is_gift = random.chance(0.04);
    let home_or_mobile = if random.chance(0.15) {
        once
    } else {
        customer.ip
    };
    let amount =
        amount(customer, random) * merchant.level * if random.chance(0.01) { 4.0 } else { 1.0 };
    Payment {
        at,
        customer: id,
        merchant: merchant_id,
        card: card.id,
        device: if has_new_device {
            once + 1
        } else {
            customer.devices[random.below(customer.devices.len())]
        },
        ip: if is_travelling { once } else { home_or_mobile },
        card_country: card.country,
        ip_country: if is_travelling {
            other_country(customer.country, random)
        } else {
            customer.country
        },
        shipping_country: merchant.ships.then(|| {
            if is_gift {
                country(random)
            } else {
                customer.country
            }
        }),
        billing_country: customer.country,
        amount: amount.min(850.0),
        is_hidden: random.chance(0.03),
        is_prepaid: card.is_prepaid,
        signals: signals(customer, random),
        automation: behaviour(if customer.hasty { 0.2 } else { 0.06 }, random),
        attempts: 1 + u32::from(random.chance(0.07)) + u32::from(random.chance(0.02)),
        session_age: random.normal(4.5, 0.8).exp().min(3_000.0),
        scenario: Scenario::Honest,
        label: false,
    }
}

fn signals(customer: &Customer, random: &mut Random) -> Signals {
    match customer.no_signals {
        true => Signals::Off,
        false if random.chance(0.03) => Signals::NotRecognised,
        false => Signals::Known,
    }
}

pub(super) fn amount(customer: &Customer, random: &mut Random) -> f64 {
    let drawn = random.normal(customer.mean, customer.deviation);
    if drawn > 0.0 {
        drawn
    } else {
        random.between(0.0, 2.0 * customer.mean)
    }
}

/// Likeness to a program, about `middle`.
pub(super) fn behaviour(middle: f64, random: &mut Random) -> f64 {
    random.normal(middle, 0.1).abs().min(1.0)
}
