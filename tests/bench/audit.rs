//! What an audit entry costs a submission, on SQLite. The same statements as a submission's are written in groups of
//! those that wait, with the entry and without, in turns: the difference of the processor time is the entry's.
//! `audit_append_overhead_ratio`: a whole submission's processor time in the verifier, over HTTP, over the same less
//! its entry's. `audit_append_bare_ratio`: of opening the envelope and those statements alone, without the HTTP, the
//! proof of who calls, the rules and the score. `audit_append_writer_ratio`: of the time that the writer takes, which
//! opens nothing. `audit_verify_rows_per_s`: entries that a verification reads and hashes in one thread.

use std::{path::Path, sync::Arc, time::Instant};

use futures_util::{StreamExt, stream};
use waxseal_protocol::card::Pan;
use waxseal_tests::{Engine, TestVerifier, visa};
use waxseal_verifier::{
    audit::{RootKeys, Witnesses, make_root, verify},
    clock::{Clock, SystemClock},
    mode::Mode,
    rng::{Rng, SystemRng},
    store::{
        Touches,
        audit::{self, AuditEntry},
        sessions,
        submissions::{self, Submission},
        velocity::{self, VelocityEvent},
    },
    vault::{Candidate, find_or_create},
};

use crate::{
    figure::print,
    load::send_all,
    open::{envelopes, open},
    server::{Stopped, process_time},
    workload::prepare,
};

/// Jobs that wait for the writer at once.
const AT_ONCE: usize = 64;
const JOBS_A_TURN: usize = 2_000;
const TURNS: usize = 20;
const ENTRIES_A_JOB: usize = 5_000;
/// Submissions over HTTP.
const WHOLE: usize = 20_000;

pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (turns, entries, submissions) = if quick {
        (4, 100_000, WHOLE / 10)
    } else {
        (TURNS, 1_000_000, WHOLE)
    };
    runtime.block_on(async {
        let whole_s = whole(binary, assets, submissions).await;
        run(turns, entries, whole_s).await;
    });
}

/// Processor seconds that the verifier takes for a submission over HTTP.
async fn whole(binary: &Path, assets: &Path, count: usize) -> f64 {
    let server = Stopped::new(binary, assets, Engine::Sqlite).start();
    let prepared = prepare(&server, count, 0).await;
    let before = server.processor_time();
    let run = send_all(server.running.public, &prepared, 0..count, AT_ONCE, false).await;
    assert_eq!(run.failed, 0, "submissions failed");
    let spent = server.processor_time().saturating_sub(before);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = spent.as_secs_f64() / count as f64;
    each
}

/// `whole_s`: processor seconds of a whole submission.
async fn run(turns: usize, entries: usize, whole_s: f64) {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let merchant = shop.merchant_id.clone();
    let sealed = envelopes(
        verifier
            .app
            .keys_of(Mode::Test)
            .active_sealing()
            .expect("a key")
            .jwk(),
    );
    let sealed: Arc<[String]> = sealed.into();
    let (mut with, mut without) = (Spent::default(), Spent::default());
    for turn in 0..=turns {
        for is_logged in [turn % 2 == 0, turn % 2 != 0] {
            let first = (turn * 2 + usize::from(is_logged)) * JOBS_A_TURN;
            let spent = submit(&verifier, (&merchant, &sealed), first, is_logged).await;
            // The first turn warms up.
            match (turn, is_logged) {
                (0, _) => {}
                (_, true) => with.add(&spent),
                (_, false) => without.add(&spent),
            }
        }
    }
    let jobs = turns * JOBS_A_TURN;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let entry_s = (with.processor_s - without.processor_s) / jobs as f64;
    for (name, ratio) in [
        ("audit_append_overhead_ratio", whole_s / (whole_s - entry_s)),
        (
            "audit_append_bare_ratio",
            with.processor_s / without.processor_s,
        ),
        (
            "audit_append_writer_ratio",
            with.writer_s / without.writer_s,
        ),
    ] {
        print(name, ratio, "ratio", jobs);
    }
    print("audit_append_us", entry_s * 1e6, "us", jobs);

    log(&verifier, &merchant, entries).await;
    let app = &verifier.app;
    let made = make_root(&app.store, &app.keyring(), app.clock.now()).await;
    made.expect("a root").expect("a root");
    let keys = RootKeys::of(&app.keyring());
    let reported = app.store.read(move |connection| {
        let started = Instant::now();
        let report = verify(connection, &keys, &Witnesses::default())?;
        Ok((report, started.elapsed().as_secs_f64()))
    });
    let (report, seconds) = reported.await.expect("a report");
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = report.entries as f64 / seconds;
    let n = usize::try_from(report.entries).expect("a count");
    print("audit_verify_rows_per_s", rate, "1/s", n);
}

/// Seconds that jobs took.
#[derive(Default)]
struct Spent {
    processor_s: f64,
    writer_s: f64,
}

impl Spent {
    fn add(&mut self, other: &Self) {
        self.processor_s += other.processor_s;
        self.writer_s += other.writer_s;
    }
}

async fn submit(
    verifier: &TestVerifier,
    (merchant, sealed): (&str, &Arc<[String]>),
    first: usize,
    is_logged: bool,
) -> Spent {
    let jobs: Vec<Job> = (first..first + JOBS_A_TURN)
        .map(|number| Job::make(verifier, merchant, number))
        .collect();
    let before = process_time("self");
    let keys = verifier.app.keys_of(Mode::Test);
    let pair = keys.active_sealing().expect("a key");
    for at in 0..jobs.len() {
        open(pair, &sealed[at % sealed.len()]);
    }
    let started = Instant::now();
    let mut written = stream::iter(jobs)
        .map(|job| job.write(verifier, is_logged))
        .buffer_unordered(AT_ONCE);
    while written.next().await.is_some() {}
    Spent {
        writer_s: started.elapsed().as_secs_f64(),
        processor_s: process_time("self").saturating_sub(before).as_secs_f64(),
    }
}

struct Job {
    candidate: Candidate,
    pan: Pan,
    submission: Submission,
    event: VelocityEvent,
    entry: AuditEntry,
    jti: [u8; 16],
}

impl Job {
    fn make(verifier: &TestVerifier, merchant: &str, number: usize) -> Self {
        let (rng, now): (&dyn Rng, _) = (&SystemRng::default(), SystemClock.now());
        let keys = verifier.app.keys_of(Mode::Test);
        let pan = Pan::parse(&visa(number)).expect("a PAN");
        let owner = (Mode::Test, merchant);
        let candidate = Candidate::new(&keys, owner, &pan, now, rng).expect("a candidate");
        let session_id = rng.id("cs_test_", now).expect("an id");
        let card_id = rng.id("card_test_", now).expect("an id");
        Self {
            candidate,
            pan,
            submission: Submission {
                id: rng.id("sub_test_", now).expect("an id"),
                session_id: session_id.clone(),
                merchant_id: merchant.to_owned(),
                card_id: card_id.clone(),
                customer_id: None,
                network: None,
                // As long as a submission's are.
                details_enc: vec![1; 80],
                signals_enc: vec![2; 900],
                ip_enc: vec![3; 50],
                outcome: "allow".to_owned(),
                facts_enc: vec![4; 150],
                rule_set: "1".to_owned(),
                created_at: now,
                erased_at: None,
            },
            event: VelocityEvent {
                session_id: session_id.clone(),
                card_id,
                address: rng.array().expect("bytes"),
                usd_micros: Some(1_000_000),
                at: now,
            },
            entry: AuditEntry {
                action: "card.stored",
                reason: Some("allow"),
                merchant_id: Some(merchant.to_owned()),
                session_id: Some(session_id),
                ip_digest: Some(rng.array().expect("bytes")),
                request_id: Some(rng.id("req_", now).expect("an id")),
                ..AuditEntry::default()
            },
            jti: rng.array().expect("bytes"),
        }
    }

    async fn write(self, verifier: &TestVerifier, is_logged: bool) {
        let keys = Arc::clone(&verifier.app.keys_of(Mode::Test));
        let touches = Touches::default().and("session", &self.submission.session_id);
        let written = verifier
            .app
            .store
            .write_grouped("bench", touches, move |tx| {
                sessions::consume_jti(tx, &self.submission.session_id, &self.jti)?;
                let rng: &dyn Rng = &SystemRng::default();
                find_or_create(tx, &keys, &self.candidate, &self.pan, rng)?;
                let since = self.event.at.plus_seconds(-3600);
                velocity::sum_usd_micros(tx, &self.event, since, 100)?;
                submissions::insert(tx, &self.submission)?;
                velocity::put(tx, &self.event)?;
                if is_logged {
                    audit::append(tx, &self.entry, self.submission.created_at)?;
                }
                Ok(())
            });
        written.await.expect("stored");
    }
}

/// Adds entries as they are logged, in large transactions.
async fn log(verifier: &TestVerifier, merchant: &str, entries: usize) {
    for _ in (0..entries).step_by(ENTRIES_A_JOB) {
        let job = Job::make(verifier, merchant, 0);
        let logged = verifier.app.store.write("log", move |tx| {
            for _ in 0..ENTRIES_A_JOB {
                audit::append(tx, &job.entry, job.submission.created_at)?;
            }
            Ok(())
        });
        logged.await.expect("stored");
    }
}
