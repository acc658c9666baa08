//! Submissions a second at 1, 16 and 64 connections, and over the same pipeline with a store that keeps
//! nothing: everything on, commits durable, the load generator on the same machine.

use std::{path::Path, sync::Arc, time::Duration};

use waxseal_tests::Engine;

use crate::{
    figure::{print, quantile},
    load::{Prepared, Run, send_all},
    no_store::NoStore,
    server::{Server, Stopped, process_time},
    workload::prepare,
};

const SUBMISSIONS: usize = 30_000;
const CONNECTIONS: usize = 64;
/// With fewer connections a rate comes slower: (connections, submissions).
const FEWER: [(usize, usize); 2] = [(1, 2_000), (16, 10_000)];
/// Parts of the load that go to the one and to the other in turns: what slows the machine down for a
/// while slows both.
const TURNS: usize = 10;

pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let share = if quick { 10 } else { 1 };
    runtime.block_on(run(binary, assets, Engine::under_test(), share));
}

async fn run(binary: &Path, assets: &Path, engine: Engine, share: usize) {
    let server = Stopped::new(binary, assets, engine).start();
    let name = engine.as_str();
    let mut first_pan = 0;
    for (connections, count) in FEWER.map(|(connections, count)| (connections, count / share)) {
        let prepared = prepare(&server, count, first_pan).await;
        first_pan += count;
        let run = send_all(
            server.running.public,
            &prepared,
            0..count,
            connections,
            false,
        )
        .await;
        assert_eq!(run.failed, 0, "submissions failed");
        report(&run, &format!("_{name}_at_{connections}"));
    }

    let count = SUBMISSIONS / share;
    let prepared = prepare(&server, count, first_pan).await;
    let nothing = NoStore::start(&server.installation);
    let before = server.resident_bytes();
    let (kept, dropped, server_time, own_time) = in_turns(&server, &nothing, &prepared).await;
    report(&kept, &format!("_{name}"));
    // What the rate is made of, and what another process on the machine does not change.
    for (name, time) in [
        ("submit_server_cpu_us", server_time),
        ("submit_client_cpu_us", own_time),
    ] {
        print(name, micros_each(time, count), "us", count);
    }
    print("no_store_per_s", dropped.per_second(), "1/s", count);
    let ratio = kept.per_second() / dropped.per_second();
    print("submit_over_no_store_ratio", ratio, "ratio", count);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let resident = before.max(server.resident_bytes()) as f64;
    print("rss_mb", resident / 1e6, "MB", 1);
}

/// The same submissions to both; gives both runs, and the processor time that the first took of the
/// server and of this process.
async fn in_turns(
    server: &Server,
    nothing: &NoStore,
    prepared: &Arc<Vec<Prepared>>,
) -> (Run, Run, Duration, Duration) {
    let (mut kept, mut dropped) = (Run::default(), Run::default());
    let (mut server_time, mut own_time) = (Duration::ZERO, Duration::ZERO);
    let turn = prepared.len() / TURNS;
    eprintln!("submitting over {CONNECTIONS} connections");
    for at in 0..TURNS {
        let range = at * turn..(at + 1) * turn;
        let (server_before, own_before) = (server.processor_time(), process_time("self"));
        kept.add(
            send_all(
                server.running.public,
                prepared,
                range.clone(),
                CONNECTIONS,
                false,
            )
            .await,
        );
        server_time += server.processor_time().saturating_sub(server_before);
        own_time += process_time("self").saturating_sub(own_before);
        dropped.add(send_all(nothing.address, prepared, range, CONNECTIONS, false).await);
    }
    assert_eq!(kept.failed + dropped.failed, 0, "submissions failed");
    (kept, dropped, server_time, own_time)
}

/// `suffix` follows the name and its unit.
fn report(run: &Run, suffix: &str) {
    let n = run.latencies.len();
    print(&format!("submit_per_s{suffix}"), run.per_second(), "1/s", n);
    for (name, share) in [("submit_p50_ms", 0.5), ("submit_p99_ms", 0.99)] {
        let value = quantile(&run.latencies, share);
        print(&format!("{name}{suffix}"), value, "ms", n);
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn micros_each(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}
