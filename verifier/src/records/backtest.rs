//! What rules would have decided on stored decisions, and what became of these.
//!
//! Reads alone: pages of rows by the store's readers, everything else on threads for work that blocks. The writer has
//! nothing to do with it.

use std::{collections::BTreeSet, sync::Arc};

use serde::Serialize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use utoipa::ToSchema;
use waxseal_engine::{
    attribute::{Attribute, Value},
    rules::{Found, Lists, RecordedLists, RuleSet, Scalar},
};
use waxseal_protocol::ErrorCode;

use super::{
    BacktestRequest, Range,
    labels::Labels,
    tally::{Change, RuleTally, Side, Tally},
};
use crate::{
    app::App,
    checkout,
    clock::{Clock, Timestamp},
    http::{Misfit, MisfitReason, Problem},
    keys::{ModeKeys, Occasion},
    lists::HeldLists,
    mode::Mode,
    rules::{HeldRules, RuleSetError, hexadecimal},
    store::{
        Store, StoreError,
        audit::{self, AuditEntry},
        may_be_id, rule_sets,
        submissions::{self, Decided},
    },
};

/// Rows that are read, and looked at, at once.
const PAGE: u32 = 1000;

/// What a backtest may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Decisions that are looked at, and outcomes that are read.
    pub rows: u64,
    /// Seconds after which no further page is read.
    pub seconds: i64,
    /// Threads.
    pub threads: usize,
}

impl Bounds {
    /// In a verifier that has requests to answer.
    pub const SERVING: Self = Self {
        rows: 200_000,
        seconds: 20,
        threads: 1,
    };
    /// At the command line.
    pub const ALONE: Self = Self {
        rows: 5_000_000,
        seconds: 600,
        threads: 2,
    };
}

/// How many run at once in one verifier: one.
pub struct Backtests(Arc<Semaphore>);

impl Default for Backtests {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Backtests {
    /// A place, until it is dropped; none while another backtest runs.
    pub fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }
}

/// What rules would have decided, and what today's do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Backtest {
    /// SHA-256 of the rules' canonical text, hexadecimal.
    pub digest: String,
    /// From when on decisions were looked at, RFC 3339.
    #[schema(format = DateTime)]
    pub since: String,
    /// Up to when, RFC 3339.
    #[schema(format = DateTime)]
    pub until: String,
    /// Whether all of these were: neither their number nor the time was too much.
    pub complete: bool,
    /// How many were looked at.
    pub decisions: u64,
    /// How many more were made by releases that kept nothing to ask rules with.
    pub without_snapshot: u64,
    /// How many rows could not be read.
    pub damaged: u64,
    /// In how many a rule could not be asked.
    pub failed: u64,
    /// What these rules would have done.
    pub candidate: Side,
    /// What the rules do that are active today.
    pub today: Side,
    /// Decisions that would be others.
    pub changes: Vec<Change>,
    /// What each rule asks for, in the set's order.
    pub rules: Vec<RuleTally>,
}

/// What is tried, and beside what.
pub struct Candidate {
    /// The rules.
    pub set: RuleSet,
    /// Those that are active.
    pub today: Arc<HeldRules>,
    /// Lists as they are now, for look-ups that no decision made.
    pub lists: Arc<HeldLists>,
    /// The mode's keys.
    pub keys: Arc<ModeKeys>,
}

/// Tries rules on stored decisions, one backtest at a time.
///
/// # Errors
/// `request_invalid`, `not_found`, `rules_invalid`, `unavailable`.
pub async fn backtest(
    app: &App,
    request: BacktestRequest,
    occasion: Occasion,
) -> Result<Backtest, Problem> {
    let BacktestRequest {
        text,
        rule_set,
        merchant,
        mode,
        since,
        until,
    } = request;
    let range = (since.as_deref(), until.as_deref());
    let range = Range::of(merchant, mode, range, app.clock.now())?;
    let text = match (text, rule_set) {
        (Some(text), None) => text,
        (None, Some(id)) if !may_be_id(&id) => return Err(ErrorCode::NotFound.into()),
        (None, Some(id)) => {
            let found = app
                .store
                .read(move |connection| rule_sets::find(connection, &id));
            found.await?.ok_or(ErrorCode::NotFound)?.text
        }
        (None, None) => return Err(Misfit::of("text", MisfitReason::Missing).into()),
        (Some(_), Some(_)) => return Err(Misfit::of("rule_set", MisfitReason::Format).into()),
    };
    let set = RuleSet::parse(&text).map_err(RuleSetError::Invalid)?;
    let candidate = Candidate {
        set,
        today: app.rules.current(),
        lists: app.lists.current(),
        keys: app.keys_of(range.mode),
    };
    let _place = app.backtests.take().ok_or(ErrorCode::Unavailable)?;
    let entry = AuditEntry {
        action: "rules.backtested",
        stated: Some(hexadecimal(&candidate.set.digest())),
        merchant_id: range.merchant_id.clone(),
        operator_id: occasion.operator_id,
        request_id: occasion.request_id,
        ..AuditEntry::default()
    };
    let logged = app.store.write("log_backtest", move |tx| {
        audit::append(tx, &entry, occasion.at)
    });
    logged.await?;
    let (clock, bounds) = (&*app.clock, Bounds::SERVING);
    Ok(run_backtest(&app.store, clock, candidate, range, bounds).await?)
}

/// Tries rules on stored decisions.
///
/// # Errors
/// When the store fails.
pub async fn run_backtest(
    store: &Store,
    clock: &dyn Clock,
    candidate: Candidate,
    range: Range,
    bounds: Bounds,
) -> Result<Backtest, StoreError> {
    let ends_at = clock.now().plus_seconds(bounds.seconds);
    let (labels, mut complete) = Labels::read(store, &range, bounds.rows).await?;
    let work = Arc::new(Work {
        candidate,
        labels,
        now: range.until,
    });
    let mut tally = Tally::default();
    let mut tasks = JoinSet::new();
    let mut after = submissions::before(range.mode, range.since);
    let mut looked_at = 0_u64;
    loop {
        if looked_at >= bounds.rows || clock.now() >= ends_at {
            complete = false;
            break;
        }
        let (behind, merchant_id) = (after.clone(), range.merchant_id.clone());
        let page = store.read(move |connection| {
            submissions::decided_after(connection, merchant_id.as_deref(), &behind, PAGE)
        });
        let mut page = page.await?;
        let Some(last) = page.last() else {
            break;
        };
        after.clone_from(&last.id);
        let is_in =
            |row: &Decided| Mode::of_id(&row.id) == range.mode && row.created_at <= range.until;
        let is_last = page.len() < PAGE as usize || !is_in(last);
        page.retain(|row| is_in(row) && row.created_at >= range.since);
        looked_at += page.len() as u64;
        if tasks.len() >= bounds.threads.max(1) {
            join(&mut tasks, &mut tally).await?;
        }
        let work = Arc::clone(&work);
        tasks.spawn_blocking(move || work.look_at(&page));
        if is_last {
            break;
        }
    }
    while !tasks.is_empty() {
        join(&mut tasks, &mut tally).await?;
    }
    let set = &work.candidate.set;
    Ok(Backtest {
        digest: hexadecimal(&set.digest()),
        since: range.since.rfc3339(),
        until: range.until.rfc3339(),
        complete,
        decisions: tally.decisions,
        without_snapshot: tally.without_snapshot,
        damaged: tally.damaged,
        failed: tally.failed,
        changes: tally.changes(),
        rules: tally.rules(set.names()),
        candidate: tally.candidate,
        today: tally.today,
    })
}

async fn join(tasks: &mut JoinSet<Tally>, tally: &mut Tally) -> Result<(), StoreError> {
    match tasks.join_next().await {
        Some(Ok(part)) => tally.merge(part),
        // It panicked: a bug, which must not look like a short answer.
        Some(Err(_)) => return Err(StoreError::Damaged(submissions::TABLE)),
        None => {}
    }
    Ok(())
}

struct Work {
    candidate: Candidate,
    labels: Labels,
    now: Timestamp,
}

impl Work {
    fn look_at(&self, rows: &[Decided]) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            self.look_at_one(row, &mut tally);
        }
        tally
    }

    fn look_at_one(&self, row: &Decided, tally: &mut Tally) {
        let Candidate {
            set,
            today,
            lists,
            keys,
        } = &self.candidate;
        let Ok(record) = checkout::record_of(keys, row) else {
            tally.damaged += 1;
            return;
        };
        let Some(snapshot) = record.snapshot else {
            tally.without_snapshot += 1;
            return;
        };
        let asked: BTreeSet<&str> = snapshot
            .list_hits
            .iter()
            .map(|hit| hit.list.as_str())
            .collect();
        let lists = ThenOrNow {
            recorded: RecordedLists(&snapshot.list_hits),
            asked,
            now: lists.of(&row.merchant_id, self.now),
        };
        let found = set.evaluate(&snapshot.attributes, &lists);
        tally.failed += u64::from(found.failed_rules > 0);
        let active = today.active(&row.merchant_id).set();
        // Nothing else can come of it.
        let today = match active.digest() == snapshot.rules_digest {
            true => record.decision.outcome,
            false => {
                active
                    .evaluate(&snapshot.attributes, &lists)
                    .decision
                    .outcome
            }
        };
        let usd_micros = match snapshot.attributes.get(Attribute::SessionAmountUsdMicros) {
            Value::Integer(micros) => *micros,
            _ => 0,
        };
        let label = self.labels.of(&row.session_id, &row.card_id);
        tally.add((&found.decision, today), label, usd_micros);
    }
}

/// What a list said at the time, where the decision says so; what it says now, where nothing was found or nobody asked.
struct ThenOrNow<'a> {
    recorded: RecordedLists<'a>,
    asked: BTreeSet<&'a str>,
    now: crate::lists::ListsOf<'a>,
}

impl Lists for ThenOrNow<'_> {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        match self.asked.contains(list) {
            true => match self.recorded.find(list, value) {
                Found::Entry(entry) => Found::Entry(entry),
                Found::Absent | Found::NoList => self.now.find(list, value),
            },
            false => self.now.find(list, value),
        }
    }
}
