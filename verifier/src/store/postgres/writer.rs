//! Jobs in PostgreSQL: in groups where they say what they touch, else alone.

use std::collections::{HashSet, VecDeque};

use super::{
    super::{
        Connection, StoreError,
        job::{Job, Ran},
        writer::Engine,
    },
    group::{Change, by_statement},
    session::Session,
    url::PostgresUrl,
};

/// Times that a group's jobs may ask for more rows: each goes through what it reads in as many steps.
const ROUNDS: usize = 32;

/// Taken by every group; waits for a job that runs alone, in whichever verifier.
const SHARED_LOCK: &str =
    "BEGIN; SELECT pg_advisory_xact_lock_shared(hashtext(current_schema() || '.waxseal'))";
/// Taken by a job that runs alone: no other job runs, in whichever verifier.
const LONE_LOCK: &str =
    "BEGIN; SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.waxseal'))";

pub(in crate::store) struct PostgresWriter {
    url: PostgresUrl,
    /// Absent after it was lost.
    connection: Option<Connection>,
    group: usize,
}

impl PostgresWriter {
    pub(in crate::store) fn new(url: PostgresUrl, session: Session) -> Self {
        Self {
            group: url.writing().group.into(),
            url,
            connection: Some(session.into()),
        }
    }

    fn connected(&mut self) -> Result<&Connection, StoreError> {
        let session = self.connection.as_ref().and_then(Connection::postgres);
        if session.is_none_or(Session::is_closed) {
            self.connection = None;
            self.connection = Some(Session::connect(&self.url)?.into());
            tracing::info!(event = "database_connected");
        }
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    /// A connection in a new transaction. One that turns out to be lost is made anew.
    fn begun(&mut self, lock: &str) -> Result<&Connection, StoreError> {
        let mut begun = self
            .connected()
            .and_then(|connection| begin(connection, lock));
        if matches!(begun, Err(StoreError::Unreachable)) {
            self.connection = None;
            begun = self
                .connected()
                .and_then(|connection| begin(connection, lock));
        }
        begun?;
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    fn run_group(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        let result = self
            .begun(SHARED_LOCK)
            .and_then(|connection| in_group(connection, &mut jobs));
        match result {
            Ok(()) => answer_all(jobs, &Ok(())),
            Err(StoreError::CommitFailed) => answer_all(jobs, &Err(StoreError::CommitFailed)),
            Err(error) if self.is_gone(&error) => {
                tracing::error!(event = "database_lost", jobs = jobs.len(), %error);
                answer_all(jobs, &Err(StoreError::Unreachable));
            }
            Err(error) => {
                if jobs.len() > 1 || !matches!(error, StoreError::Conflict) {
                    tracing::info!(event = "group_undone", jobs = jobs.len(), %error);
                }
                metrics::counter!("waxseal_store_groups_undone_total").increment(1);
                for job in jobs {
                    self.run_alone(job);
                }
            }
        }
    }

    fn run_alone(&mut self, mut job: Box<dyn Job>) {
        let result = self
            .begun(LONE_LOCK)
            .and_then(|connection| alone(connection, &mut *job));
        let result = match result {
            Err(error) if self.is_gone(&error) => {
                tracing::error!(event = "database_lost", jobs = 1, %error);
                Err(StoreError::Unreachable)
            }
            Err(error) => {
                tracing::error!(event = "commit_failed", jobs = 1, %error);
                Err(StoreError::CommitFailed)
            }
            Ok(()) => Ok(()),
        };
        job.answer(result);
    }

    /// Whether an error means that the connection is of no use any more.
    fn is_gone(&mut self, error: &StoreError) -> bool {
        let session = self.connection.as_ref().and_then(Connection::postgres);
        let is_gone = matches!(error, StoreError::Unreachable | StoreError::Database(..))
            || session.is_none_or(Session::is_closed);
        if is_gone {
            self.connection = None;
        }
        is_gone
    }
}

impl Engine for PostgresWriter {
    fn run(&mut self, first: Box<dyn Job>, more: &mut dyn FnMut() -> Option<Box<dyn Job>>) {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            if job.touches().is_none() {
                self.run_group(std::mem::take(&mut jobs));
                self.run_alone(job);
                return;
            }
            jobs.push(job);
            next = if jobs.len() < self.group {
                more()
            } else {
                None
            };
        }
        self.run_group(jobs);
    }

    fn close(&mut self) {
        self.connection = None;
    }
}

fn answer_all(jobs: Vec<Box<dyn Job>>, committed: &Result<(), StoreError>) {
    for job in jobs {
        job.answer(match committed {
            Ok(()) => Ok(()),
            Err(StoreError::CommitFailed) => Err(StoreError::CommitFailed),
            Err(_) => Err(StoreError::Unreachable),
        });
    }
}

/// Runs jobs in one transaction and commits it. Whatever fails, nothing is stored.
fn in_group(connection: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let session = connection.postgres().ok_or(StoreError::Closed)?;
    session.open_group();
    let ran = run_waves(connection, session, jobs);
    session.close_group();
    finish(session, ran)
}

/// Runs one job in a transaction of its own, its statements one by one.
fn alone(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    let session = connection.postgres().ok_or(StoreError::Closed)?;
    match job.run(connection) {
        Ran::Well => finish(session, Ok(())),
        // What went wrong is with the job.
        Ran::Failed | Ran::Unread => session.run("ROLLBACK"),
    }
}

fn begin(connection: &Connection, lock: &str) -> Result<(), StoreError> {
    let session = connection.postgres().ok_or(StoreError::Closed)?;
    session
        .run(lock)
        .or_else(|error| finish(session, Err(error)))
}

fn finish(session: &Session, ran: Result<(), StoreError>) -> Result<(), StoreError> {
    match ran {
        // Whether it was committed is not known when no answer comes.
        Ok(()) => session.run("COMMIT").map_err(|error| {
            tracing::error!(event = "commit_failed", %error);
            StoreError::CommitFailed
        }),
        Err(error) => {
            session.run("ROLLBACK")?;
            Err(error)
        }
    }
}

/// Runs jobs that touch nothing in common side by side, and behind them those that wait for one of them.
fn run_waves(
    connection: &Connection,
    session: &Session,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    let mut waiting: VecDeque<usize> = (0..jobs.len()).collect();
    while !waiting.is_empty() {
        let (wave, later) = next_wave(jobs, &waiting);
        run_wave(connection, session, jobs, &wave)?;
        waiting = later;
    }
    Ok(())
}

/// Jobs that may run now, and those that come behind, both in the order in which they came.
fn next_wave(jobs: &[Box<dyn Job>], waiting: &VecDeque<usize>) -> (Vec<usize>, VecDeque<usize>) {
    let mut taken: HashSet<u64> = HashSet::new();
    let (mut wave, mut later) = (Vec::new(), VecDeque::new());
    for &at in waiting {
        let touches = jobs[at]
            .touches()
            .map_or(&[][..], |touches| touches.hashes());
        let is_free = touches.iter().all(|hash| !taken.contains(hash));
        // What waits keeps its place before later jobs that touch the same.
        taken.extend(touches);
        if is_free {
            wave.push(at);
        } else {
            later.push_back(at);
        }
    }
    (wave, later)
}

fn run_wave(
    connection: &Connection,
    session: &Session,
    jobs: &mut [Box<dyn Job>],
    wave: &[usize],
) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let mut changes = Vec::new();
        for &at in wave {
            let ran = jobs[at].run(connection);
            let made: Vec<Change> = session.take_changes();
            if ran == Ran::Well {
                changes.extend(made);
            }
        }
        if !session.read_wanted()? {
            return session.write_all(&by_statement(changes));
        }
    }
    Err(StoreError::Conflict)
}
