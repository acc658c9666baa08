//! What a verifier would remember of earlier payments.

use std::collections::{HashMap, HashSet};

use super::{DAY, Payment, Signals};
use crate::feature::{Online, Values};

const HOUR: f64 = 3_600.0;

/// Earlier payments by what they have in common.
#[derive(Default)]
pub(super) struct Histories {
    by_key: HashMap<(Key, u32), History>,
    devices: HashMap<u32, u32>,
    cards: HashSet<u32>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Key {
    Card,
    Customer,
    Device,
    Ip,
    Merchant,
}

/// Times, and sums of all amounts so far.
#[derive(Default)]
struct History {
    times: Vec<f64>,
    sums: Vec<f64>,
}

impl History {
    fn count(&self, since: f64) -> f64 {
        let after = self.times.len() - self.before(since);
        f64::from(u32::try_from(after).unwrap_or(u32::MAX))
    }

    fn sum(&self, since: f64) -> f64 {
        let before = self
            .before(since)
            .checked_sub(1)
            .map_or(0.0, |at| self.sums[at]);
        self.sums.last().copied().unwrap_or(0.0) - before
    }

    fn before(&self, since: f64) -> usize {
        self.times.partition_point(|time| *time <= since)
    }

    /// `None` where there are no payments.
    fn mean(&self, since: f64) -> Option<f64> {
        let count = self.count(since);
        (count > 0.0).then(|| self.sum(since) / count)
    }

    /// The mean of the last 7 days over that of the 23 before.
    fn rise(&self, now: f64) -> Option<f64> {
        let (week, month) = (now - 7.0 * DAY, now - 30.0 * DAY);
        let before = self.count(month) - self.count(week);
        let mean = (before > 0.0).then(|| (self.sum(month) - self.sum(week)) / before)?;
        Some(self.mean(week)? / mean)
    }
}

impl Histories {
    pub(super) fn features(&self, payment: &Payment) -> Values {
        let nothing = History::default();
        let of = |key, id| self.by_key.get(&(key, id)).unwrap_or(&nothing);
        let now = payment.at;
        let card = of(Key::Card, payment.card);
        let customer = of(Key::Customer, payment.customer);
        let ip = of(Key::Ip, payment.ip);
        let merchant = of(Key::Merchant, payment.merchant);
        let has_signals = payment.signals != Signals::Off;
        let device = (payment.signals == Signals::Known).then(|| of(Key::Device, payment.device));
        let device = has_signals.then(|| device.unwrap_or(&nothing));
        let known = match payment.signals {
            Signals::Known => self.devices.get(&payment.device).copied().unwrap_or(0),
            _ => 0,
        };
        let month = now - 30.0 * DAY;
        let over = |mean: Option<f64>| mean.map(|mean| payment.amount / mean);
        let is = |condition: bool| Some(f64::from(u8::from(condition)));
        let mut values = Values::default();
        let day = merchant.count(now - DAY);
        let rush = (day > 0.0).then(|| merchant.count(now - HOUR) / day);
        for (feature, value) in [
            (Online::Amount, Some(payment.amount)),
            (Online::AmountOverCustomerMean, over(customer.mean(month))),
            (Online::AmountOverCardMean, over(card.mean(month))),
            (
                Online::AmountOverMerchantMean,
                over(merchant.mean(now - 7.0 * DAY)),
            ),
            (Online::CustomerMeanRise, customer.rise(now)),
            (Online::CardMeanRise, card.rise(now)),
            (Online::CardCount1h, Some(card.count(now - HOUR))),
            (Online::CardCount24h, Some(card.count(now - DAY))),
            (Online::CardCount30d, Some(card.count(month))),
            (Online::CustomerCount24h, Some(customer.count(now - DAY))),
            (Online::CustomerCount30d, Some(customer.count(month))),
            (Online::EmailCount24h, Some(customer.count(now - DAY))),
            (Online::IpCount1h, Some(ip.count(now - HOUR))),
            (Online::IpCount24h, Some(ip.count(now - DAY))),
            (
                Online::DeviceCount1h,
                device.map(|device| device.count(now - HOUR)),
            ),
            (
                Online::DeviceCount24h,
                device.map(|device| device.count(now - DAY)),
            ),
            (Online::MerchantRush, rush),
            (
                Online::BinCountryDiffers,
                payment
                    .shipping_country
                    .map(|to| f64::from(u8::from(to != payment.card_country))),
            ),
            (
                Online::IpCountryDiffers,
                is(payment.ip_country != payment.card_country),
            ),
            (
                Online::BillingCountryDiffers,
                is(payment.billing_country != payment.card_country),
            ),
            (Online::IpHidden, is(payment.is_hidden)),
            (Online::CardPrepaid, is(payment.is_prepaid)),
            (Online::CardIsNew, is(!self.cards.contains(&payment.card))),
            (
                Online::DeviceIsNew,
                has_signals.then(|| f64::from(u8::from(known == 0))),
            ),
            (
                Online::DeviceKnownSessions,
                has_signals.then(|| known.into()),
            ),
            (
                Online::Automation,
                has_signals.then_some(payment.automation),
            ),
            (Online::Attempts, Some(payment.attempts.into())),
            (Online::SessionAge, Some(payment.session_age)),
        ] {
            values.set(feature, value);
        }
        values
    }

    pub(super) fn add(&mut self, payment: &Payment) {
        for (key, id) in [
            (Key::Card, payment.card),
            (Key::Customer, payment.customer),
            (Key::Device, payment.device),
            (Key::Ip, payment.ip),
            (Key::Merchant, payment.merchant),
        ] {
            let history = self.by_key.entry((key, id)).or_default();
            let sum = history.sums.last().copied().unwrap_or(0.0) + payment.amount;
            history.times.push(payment.at);
            history.sums.push(sum);
        }
        *self.devices.entry(payment.device).or_default() += 1;
        self.cards.insert(payment.card);
    }
}
