//! Jobs in PostgreSQL: in groups where they say what they touch, else alone.

use std::collections::HashSet;

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

/// Waves of one group: what touches the same as many others waits for the next, so that nobody else has to wait
/// for it.
const WAVES: usize = 8;
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
    /// Jobs that wait for one of the last group that touches the same.
    later: Vec<Box<dyn Job>>,
}

impl PostgresWriter {
    /// # Errors
    /// When the server does not answer.
    pub(in crate::store) fn new(
        url: PostgresUrl,
        connection: Connection,
    ) -> Result<Self, StoreError> {
        if let Some(session) = connection.postgres() {
            session.take_chain()?;
        }
        Ok(Self {
            group: url.writing().group.into(),
            url,
            connection: Some(connection),
            later: Vec::new(),
        })
    }

    fn connected(&mut self) -> Result<&Connection, StoreError> {
        let session = self.connection.as_ref().and_then(Connection::postgres);
        if session.is_none_or(Session::is_closed) {
            self.connection = None;
            let session = Session::connect(&self.url)?;
            session.take_chain()?;
            self.connection = Some(session.into());
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

    /// Runs the jobs that fit into one transaction; those that would have to wait in it for too many others
    /// are run later.
    fn run_group(&mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        let (mut waves, later) = waves(jobs);
        self.later = later;
        let mut result = self.try_group(&mut waves);
        if matches!(result, Err(StoreError::Conflict | StoreError::Postgres(_))) {
            metrics::counter!("waxseal_store_groups_undone_total").increment(1);
            // Another verifier came first: what it has written is read now.
            result = self.try_group(&mut waves);
        }
        let jobs = waves.into_iter().flatten();
        match result {
            Ok(()) => answer_all(jobs, || Ok(())),
            Err(StoreError::CommitFailed) => answer_all(jobs, || Err(StoreError::CommitFailed)),
            Err(error) if error.may_pass() || self.is_gone(&error) => {
                tracing::error!(event = "group_failed", %error);
                answer_all(jobs, || Err(StoreError::Unreachable));
            }
            Err(error) => {
                tracing::info!(event = "group_undone", %error);
                for job in jobs {
                    self.run_alone(job);
                }
            }
        }
    }

    fn try_group(&mut self, waves: &mut [Vec<Box<dyn Job>>]) -> Result<(), StoreError> {
        let connection = self.begun(SHARED_LOCK)?;
        in_group(connection, waves)
    }

    /// Adds jobs that wait, until the group is full or a job has to run alone, which is given.
    fn gather(
        &self,
        jobs: &mut Vec<Box<dyn Job>>,
        more: &mut dyn FnMut() -> Option<Box<dyn Job>>,
    ) -> Option<Box<dyn Job>> {
        while jobs.len() < self.group {
            let job = more()?;
            if job.touches().is_none() {
                return Some(job);
            }
            jobs.push(job);
        }
        None
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
        let mut first = Some(first);
        let mut take = || first.take().or_else(&mut *more);
        loop {
            let mut jobs = std::mem::take(&mut self.later);
            let alone = self.gather(&mut jobs, &mut take);
            self.run_group(jobs);
            if let Some(job) = alone {
                self.run_alone(job);
            }
            if self.later.is_empty() {
                return;
            }
        }
    }

    fn close(&mut self) {
        self.connection = None;
    }
}

fn answer_all(
    jobs: impl Iterator<Item = Box<dyn Job>>,
    committed: impl Fn() -> Result<(), StoreError>,
) {
    for job in jobs {
        job.answer(committed());
    }
}

/// Runs jobs in the transaction that was begun, and commits it. Whatever fails, nothing is stored.
fn in_group(connection: &Connection, waves: &mut [Vec<Box<dyn Job>>]) -> Result<(), StoreError> {
    let session = connection.postgres().ok_or(StoreError::Closed)?;
    session.open_group();
    let ran = waves
        .iter_mut()
        .try_for_each(|wave| run_wave(connection, session, wave));
    session.close_group();
    finish(session, ran)
}

/// Runs one job in a transaction of its own, its statements one by one.
fn alone(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    let session = connection.postgres().ok_or(StoreError::Closed)?;
    // It is not tried again when another has written to the same chain.
    session.forget_heads();
    match job.run(connection) {
        Ran::Well => finish(session, Ok(())),
        // What went wrong is with the job.
        Ran::Failed | Ran::Unread => {
            session.forget_heads();
            session.run("ROLLBACK")
        }
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
            session.forget_heads();
            tracing::error!(event = "commit_failed", %error);
            StoreError::CommitFailed
        }),
        Err(error) => {
            session.forget_heads();
            session.run("ROLLBACK")?;
            Err(error)
        }
    }
}

type Jobs = Vec<Box<dyn Job>>;

/// Jobs that touch nothing in common, wave behind wave, and those for which there are no more waves; all in
/// the order in which they came.
fn waves(jobs: Jobs) -> (Vec<Jobs>, Jobs) {
    let (mut waves, mut waiting) = (Vec::new(), jobs);
    while !waiting.is_empty() && waves.len() < WAVES {
        let mut taken: HashSet<u64> = HashSet::new();
        let (mut wave, mut later) = (Vec::new(), Vec::new());
        for job in waiting {
            let touches = job.touches().map_or(&[][..], |touches| touches.hashes());
            let is_free = touches.iter().all(|hash| !taken.contains(hash));
            // What waits keeps its place before later jobs that touch the same.
            taken.extend(touches);
            if is_free {
                wave.push(job);
            } else {
                later.push(job);
            }
        }
        waves.push(wave);
        waiting = later;
    }
    (waves, waiting)
}

fn run_wave(
    connection: &Connection,
    session: &Session,
    wave: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let mut changes = Vec::new();
        let mut entries = Vec::new();
        for job in &mut *wave {
            let ran = job.run(connection);
            let made: Vec<Change> = session.take_changes();
            let logged = session.take_entries();
            if ran == Ran::Well {
                changes.extend(made);
                entries.extend(logged);
            }
        }
        if !session.read_wanted()? {
            changes.extend(session.chain_entries(connection, &entries)?);
            return session.write_all(&by_statement(changes));
        }
    }
    Err(StoreError::Conflict)
}
