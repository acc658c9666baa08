//! `ratelimit_us`: what a request pays for being counted in process, of 10,000 addresses in turns on two
//! threads, most of them admitted.

use std::{hint::black_box, net::Ipv4Addr, sync::Arc, thread, time::Instant};

use waxseal_verifier::{
    clock::{Clock, SystemClock},
    limits::{CallerKey, Limit, Limiter, Rates},
};

use crate::figure::{print, quantile};

const ADDRESSES: u32 = 10_000;
const THREADS: u32 = 2;
const ROUNDS: usize = 50;
const PER_ROUND: u32 = 20_000;

pub(crate) fn measure(quick: bool) {
    let rounds = if quick { 10 } else { ROUNDS };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limiter = Limiter::in_process(Rates::default(), &clock);
    let each = thread::scope(|scope| {
        let threads = [0, 1].map(|thread| {
            let (limiter, clock) = (&limiter, &*clock);
            scope.spawn(move || run(limiter, clock, thread, rounds))
        });
        threads.map(|thread| thread.join().expect("a thread"))
    });
    let mut each = each.concat();
    each.sort_by(f64::total_cmp);
    let n = each.len() * PER_ROUND as usize;
    print("ratelimit_us", quantile(&each, 0.5), "us", n);
}

/// Microseconds a request, of each round but the first, which warms up.
fn run(limiter: &Limiter, clock: &dyn Clock, thread: u32, rounds: usize) -> Vec<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let round = |number: usize| {
        let started = Instant::now();
        runtime.block_on(async {
            for at in 0..PER_ROUND {
                let address =
                    Ipv4Addr::from_bits(0x6440_0000 + (at * THREADS + thread) % ADDRESSES);
                let caller = CallerKey::of_address(address.into());
                let standing = limiter.admit(Limit::Card, caller, clock.now(), || [0; 16]);
                black_box(standing.await);
            }
        });
        (number > 0).then(|| started.elapsed().as_secs_f64() * 1e6 / f64::from(PER_ROUND))
    };
    (0..=rounds).filter_map(round).collect()
}
