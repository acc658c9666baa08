//! With 100,000 and 1,000,000 cards present: submissions a second, reads a second, resident memory,
//! bytes on disk, and rows that move to a new key a second.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};

use hyper::body::Bytes;
use waxseal_tests::{Engine, Installation};
use waxseal_verifier::{rng::SystemRng, vault};

use crate::{
    figure::{print, quantile},
    load::{Prepared, Run, send_all},
    population::{add_cards, open},
    server::{Server, Stopped},
    workload::prepare,
};

const CONNECTIONS: usize = 64;
const SUBMISSIONS: usize = 20_000;
const READS: usize = 60_000;
const TURNS: usize = 10;

pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let share = if quick { 10 } else { 1 };
    runtime.block_on(run(binary, assets, Engine::under_test(), share));
}

async fn run(binary: &Path, assets: &Path, engine: Engine, share: usize) {
    let (few, many) = (100_000 / share, 1_000_000 / share);
    let mut servers = Vec::new();
    for cards in [few, many] {
        let stopped = Stopped::new(binary, assets, engine);
        let empty = Sizes::of(&stopped.installation);
        add_cards(&stopped.installation, cards).await;
        let sizes = Sizes::of(&stopped.installation);
        if cards == many {
            let each = sizes.growth_since(&empty, |_| true) / as_f64(cards);
            print("disk_bytes_per_new_card", each, "bytes", cards);
        }
        servers.push(stopped.start());
    }
    let [few_server, many_server] = servers.try_into().ok().expect("two");

    read_cards(&few_server, engine, READS / share).await;
    let before = submit(&few_server, &many_server, engine, SUBMISSIONS / share, many).await;
    // After whole pages of cards were read too, which every reader keeps a few of.
    read_all(&many_server, READS / share).await;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let resident = many_server.resident_bytes() as f64 / 1e6;
    print("rss_mb_1m_cards", resident, "MB", 1);
    drop(many_server);

    let few_server = few_server.stop();
    disk_of_submissions(&few_server.installation, &before, SUBMISSIONS / share).await;
    rotate(&few_server.installation).await;
}

/// In turns, so that what slows the machine down for a while slows both. Gives the sizes of the smaller
/// store when its sessions were there and no submission yet.
async fn submit(
    few: &Server,
    many: &Server,
    engine: Engine,
    count: usize,
    first_pan: usize,
) -> Sizes {
    let few_prepared = prepare(few, count, first_pan).await;
    let many_prepared = prepare(many, count, first_pan).await;
    let before = Sizes::of(&few.installation);
    let (mut few_run, mut many_run) = (Run::default(), Run::default());
    for at in 0..TURNS {
        let range = at * count / TURNS..(at + 1) * count / TURNS;
        for (server, prepared, run) in [
            (few, &few_prepared, &mut few_run),
            (many, &many_prepared, &mut many_run),
        ] {
            let public = server.running.public;
            run.add(send_all(public, prepared, range.clone(), CONNECTIONS, false).await);
        }
    }
    assert_eq!(few_run.failed + many_run.failed, 0, "submissions failed");
    let name = engine.as_str();
    for (run, cards) in [(&few_run, "100k"), (&many_run, "1m")] {
        print(
            &format!("submit_per_s_{name}_{cards}"),
            run.per_second(),
            "1/s",
            count,
        );
        let p99 = quantile(&run.latencies, 0.99);
        print(&format!("submit_p99_ms_{name}_{cards}"), p99, "ms", count);
    }
    let ratio = many_run.per_second() / few_run.per_second();
    print("submit_1m_over_100k_ratio", ratio, "ratio", count);
    before
}

async fn read_cards(server: &Server, engine: Engine, count: usize) {
    let run = read_all(server, count).await;
    let name = format!("card_read_per_s_{}", engine.as_str());
    print(&name, run.per_second(), "1/s", count);
    let p99 = quantile(&run.latencies, 0.99);
    print(
        &format!("card_read_p99_ms_{}", engine.as_str()),
        p99,
        "ms",
        count,
    );
}

/// Reads cards, each of those that there are as often as another, over the private listener.
async fn read_all(server: &Server, count: usize) -> Run {
    let ids = card_ids(&server.installation, count);
    let requests = (0..count).map(|at| Prepared {
        path: format!("/v1/cards/{}", ids[at % ids.len()]),
        authorization: server.installation.authorization.clone(),
        body: Bytes::new(),
    });
    let requests = Arc::new(requests.collect::<Vec<_>>());
    let private = server.running.private;
    let run = send_all(private, &requests, 0..count, CONNECTIONS, false).await;
    assert_eq!(run.failed, 0, "reads failed");
    run
}

/// Ids from all over the table: the fingerprint's order is random.
fn card_ids(installation: &Installation, count: usize) -> Vec<String> {
    let sql = format!(
        "SELECT id_text('card', card_id) FROM card_fingerprint ORDER BY value LIMIT {count}"
    );
    installation.database().texts(&sql)
}

/// What a submission adds: its row with the assessment, its velocity event, its jti and its audit entry,
/// each with its indexes; the snapshot that the decision was made from is in its row. Apart from that: the card, counted by
/// itself; the session, which the shop's server created.
async fn disk_of_submissions(installation: &Installation, before: &Sizes, count: usize) {
    let (store, _) = open(installation).await;
    store.close().await;
    let after = Sizes::of(installation);
    let apart = ["card", "session", "idempotency"];
    let is_of_submission = |name: &str| {
        let table = name.strip_prefix("sqlite_autoindex_").unwrap_or(name);
        let table = table.trim_end_matches(|c: char| c == '_' || c.is_ascii_digit());
        !apart.contains(&table) && table != "card_fingerprint"
    };
    for (name, size) in &after.0 {
        let grown = size.saturating_sub(before.0.get(name).copied().unwrap_or(0));
        if grown > 0 {
            eprintln!(
                "{name}: {:.0} bytes a submission",
                as_f64(grown) / as_f64(count)
            );
        }
    }
    for (column, bytes) in column_bytes(installation) {
        eprintln!("{column}: {bytes:.0} bytes each");
    }
    let each = after.growth_since(before, is_of_submission) / as_f64(count);
    print("disk_bytes_per_submission", each, "bytes", count);
}

/// Every row under a key that has just been followed by another, without the pauses that a running
/// verifier makes for its submissions.
async fn rotate(installation: &Installation) {
    let rotate = ["keys", "rotate", "--purpose", "dek", "--mode", "test"];
    assert!(installation.run(&rotate).status.success());
    let (store, keyring) = open(installation).await;
    let keyring = Arc::new(keyring);
    let started = Instant::now();
    let mut pass = vault::Pass::default();
    while !pass.is_done {
        let rng = Arc::new(SystemRng::default());
        let step = vault::step(&store, Arc::clone(&keyring), rng, pass).await;
        pass = step.expect("a step");
    }
    let moved = usize::try_from(pass.moved).expect("a count");
    assert!(moved > 0 && pass.damaged == 0);
    let per_second = as_f64(moved) / started.elapsed().as_secs_f64();
    print("rotate_rows_per_s", per_second, "1/s", moved);
    store.close().await;
}

/// Bytes of each table and index.
struct Sizes(BTreeMap<String, usize>);

impl Sizes {
    fn of(installation: &Installation) -> Self {
        let sql = match installation.engine {
            Engine::Postgres => {
                "SELECT relname || ' ' || pg_relation_size(oid) FROM pg_class
                 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('i', 'r')"
            }
            Engine::Sqlite => "SELECT name || ' ' || sum(pgsize) FROM dbstat GROUP BY name",
        };
        let sizes = installation.database().texts(sql);
        let sizes = sizes.iter().map(|line| {
            let (name, size) = line.rsplit_once(' ').expect("a size");
            (name.to_owned(), size.parse().expect("a number"))
        });
        Self(sizes.collect())
    }

    fn growth_since(&self, before: &Self, counts: impl Fn(&str) -> bool) -> f64 {
        let sum = |sizes: &Self| {
            let counted = sizes.0.iter().filter(|(name, _)| counts(name));
            counted.map(|(_, size)| *size).sum::<usize>()
        };
        as_f64(sum(self) - sum(before))
    }
}

/// Average bytes of each encrypted column of a submission.
fn column_bytes(installation: &Installation) -> [(&'static str, f64); 4] {
    ["signals_enc", "details_enc", "ip_enc", "facts_enc"].map(|column| {
        let sql = format!("SELECT sum(length({column})) / count(*) FROM submission");
        let average = usize::try_from(installation.database().number(&sql));
        (column, as_f64(average.expect("a size")))
    })
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
