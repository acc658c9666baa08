//! What counts cost: memory for each key, and time for each submission.
//!
//! The distribution: payments spread evenly over 30 days, of a fifth as many customers, of whom the one of rank r comes
//! with a weight of 1/sqrt(r); each has a device and an email address, pays three times of five with one card and else with one of two others; one
//! in three has an address of their own, the others share one by nine; 100 merchants, and 2,000 ranges of issuers. So most
//! keys have one to five sessions, and a merchant tens of thousands.

use std::{hint::black_box, time::Instant};

use waxseal_verifier::velocity::{Counted, Counters, Keys, Kind};

use crate::figure::{print, quantile};

/// 2026-11-18.
const END_S: u32 = 1_795_000_000;
const SPAN_S: u64 = 30 * 24 * 60 * 60;
const PAYMENTS: u64 = 2_000_000;
/// Rows that a submission reads beside what is counted: those of 20 ms at 1,000 a second.
const WAITING: usize = 20;

pub(crate) fn measure(quick: bool) {
    let payments = if quick { PAYMENTS / 10 } else { PAYMENTS };
    let mut random = Random(1);
    let customers = payments / 5;
    let before = resident_bytes();
    let mut counters = Counters::default();
    for number in 0..payments {
        let at_s = END_S - u32::try_from(SPAN_S - number * SPAN_S / payments).expect("small");
        counters.add(&payment(&mut random, customers, at_s));
        // Every second as upkeep does, which goes through a 64th of all keys.
        if number % (payments / 20_000).max(1) == 0 {
            counters.sweep(at_s);
        }
    }
    (0..64).for_each(|_| counters.sweep(END_S));
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = (resident_bytes() - before) as f64 / counters.len() as f64;
    print("velocity_bytes_per_key", each, "bytes", counters.len());

    let waiting: Vec<_> = (0..WAITING)
        .map(|_| payment(&mut random, customers, END_S))
        .collect();
    let mut times: Vec<_> = (0..20_000)
        .map(|_| {
            let own = payment(&mut random, customers, END_S);
            let started = Instant::now();
            black_box(counters.find(black_box(&own), black_box(&waiting)));
            started.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    print(
        "velocity_find_us_p50",
        quantile(&times, 0.5),
        "us",
        times.len(),
    );
    print(
        "velocity_find_us_p99",
        quantile(&times, 0.99),
        "us",
        times.len(),
    );
}

fn payment(random: &mut Random, customers: u64, at_s: u32) -> Counted {
    // Of weights 1/sqrt(r) the share below r is sqrt(r/n).
    let share = random.next() >> 40;
    let customer = share * share / ((1 << 24) * (1 << 24) / customers);
    let merchant = customer % 100;
    let card = customer * 4 + (random.next() % 5).saturating_sub(2);
    let key = |number: u64| [merchant.to_be_bytes(), number.to_be_bytes()].concat();
    Counted {
        keys: Keys::default()
            .with(Kind::Bin, &key(card % 2_000))
            .with(Kind::BinRun, &key(card))
            .with(Kind::Card, &key(card))
            .with(Kind::Customer, &key(customer))
            .with(Kind::Device, &key(customer))
            .with(Kind::Email, &key(customer))
            .with(
                Kind::Ip,
                &key(if customer.is_multiple_of(3) {
                    customer
                } else {
                    customer / 9
                }),
            )
            .with(Kind::Merchant, &key(0)),
        at_s,
        usd_micros: Some(i64::try_from(random.next() % 100_000_000).expect("small")),
        is_rejected: random.next().is_multiple_of(50),
    }
}

/// `SplitMix64`: the same figures every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = text
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("pages");
    pages * 4096
}
