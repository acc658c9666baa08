//! Submissions a second on PostgreSQL in groups, with a transaction of its own for each, and what pgbench
//! reaches with two inserts a transaction, on the same server in the same run.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use waxseal_tests::Engine;

use crate::{
    figure::{print, quantile},
    load::{Run, send_all},
    server::{Server, Stopped},
    workload::prepare,
};

const CONNECTIONS: usize = 64;
const SUBMISSIONS: usize = 20_000;
/// Parts of the load that go to the one and to the other in turns.
const TURNS: usize = 10;
/// Connections that write where each submission is a transaction of its own.
const SINGLE_WRITERS: &str = "16";
const PGBENCH_S: &str = "10";
/// What a card's row holds, and a submission's.
const CARD_BYTES: u32 = 180;
const SUBMISSION_BYTES: u32 = 700;

/// Needs a server in `WAXSEAL_TEST_POSTGRES`: `tests/postgres/run`.
pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let count = if quick { SUBMISSIONS / 10 } else { SUBMISSIONS };
    runtime.block_on(run(binary, assets, count));
    pgbench();
}

async fn run(binary: &Path, assets: &Path, count: usize) {
    let grouped = Stopped::new(binary, assets, Engine::Postgres).start();
    let mut single = Stopped::new(binary, assets, Engine::Postgres);
    single.installation.set("STORE__GROUP", "1");
    single.installation.set("STORE__WRITERS", SINGLE_WRITERS);
    let single = single.start();
    let (grouped, single) = in_turns(&grouped, &single, count).await;
    print("submit_per_s_postgres", grouped.per_second(), "1/s", count);
    for (name, share) in [
        ("submit_p50_ms_postgres", 0.5),
        ("submit_p99_ms_postgres", 0.99),
    ] {
        print(name, quantile(&grouped.latencies, share), "ms", count);
    }
    print(
        "submit_per_s_postgres_single",
        single.per_second(),
        "1/s",
        count,
    );
    let ratio = grouped.per_second() / single.per_second();
    print("postgres_grouped_over_single_ratio", ratio, "ratio", count);
}

async fn in_turns(grouped: &Server, single: &Server, count: usize) -> (Run, Run) {
    let of_grouped = prepare(grouped, count, 0).await;
    let of_single = prepare(single, count, 0).await;
    let (mut grouped_run, mut single_run) = (Run::default(), Run::default());
    for at in 0..TURNS {
        let range = at * count / TURNS..(at + 1) * count / TURNS;
        for (server, prepared, run) in [
            (grouped, &of_grouped, &mut grouped_run),
            (single, &of_single, &mut single_run),
        ] {
            let public = server.running.public;
            run.add(send_all(public, prepared, range.clone(), CONNECTIONS, false).await);
        }
    }
    let failed = grouped_run.failed + single_run.failed;
    assert_eq!(failed, 0, "submissions failed");
    (grouped_run, single_run)
}

/// Two rows a transaction, as wide as a card's and a submission's, each with a primary key: by pgbench's own protocol,
/// which has the server read the text each time, and by prepared statements.
fn pgbench() {
    let url = std::env::var("WAXSEAL_TEST_POSTGRES").expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("two-inserts.sql");
    let insert = |bytes| format!("INSERT INTO pgbench_two (a) VALUES (repeat('a', {bytes}));");
    let text = format!(
        "BEGIN;\n{}\n{}\nCOMMIT;\n",
        insert(CARD_BYTES),
        insert(SUBMISSION_BYTES)
    );
    std::fs::write(&script, text).expect("a file");
    let table = "CREATE TABLE IF NOT EXISTS pgbench_two (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a TEXT)";
    succeed(Command::new("psql").args([&url, "-qc", table]));
    let script = script.to_str().expect("UTF-8");
    for (protocol, name) in [
        ("simple", "pgbench_two_inserts_per_s"),
        ("prepared", "pgbench_two_inserts_prepared_per_s"),
    ] {
        let clients = [
            "-n", "-M", protocol, "-c", "16", "-j", "2", "-T", PGBENCH_S, "-f", script,
        ];
        let said = succeed(Command::new(program()).args(clients).arg(&url));
        let per_second = said
            .lines()
            .find_map(|line| line.strip_prefix("tps = "))
            .and_then(|rest| rest.split(' ').next())
            .expect("a rate");
        print(name, per_second.parse().expect("a number"), "1/s", 1);
    }
}

/// Debian keeps it off the path.
fn program() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let found = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin/pgbench")))
        .filter(|path| path.exists())
        .max();
    found.unwrap_or_else(|| "pgbench".into())
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
