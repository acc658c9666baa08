//! Deletes what nothing asks for any more, in batches. Ids are ordered by time, so that each batch lies at the
//! beginning of its table and no index has to be kept for it.

use super::{
    RowId, StoreError, Tx, alert_deliveries, device_visits, failed_authentications, lists,
    operator_requests, pending_logins, sign_in_failures, submissions, traffic, velocity,
    velocity_records,
};
use crate::{clock::Timestamp, mode::Mode, rng::Rng, values};

/// Rows that one batch deletes of each table: few enough that submissions hardly wait for it.
pub const BATCH: u32 = 500;

/// Seconds for which failed authentications are kept to be counted: longer than any window.
const FAILURES_S: i64 = 2 * 60 * 60;
/// Seconds for which requests a minute are kept: longer than any baseline.
const OBSERVED_S: i64 = 26 * 60 * 60;
/// Seconds after which an alert is no news any more, where nobody is told of any.
const UNTOLD_S: i64 = 24 * 60 * 60;
/// Seconds for which entries of lists are shown that say nothing any more.
const EXPIRED_S: i64 = 7 * 24 * 60 * 60;

/// Before which instants what is deleted was made; nothing where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Cutoffs {
    /// What belongs to a session's checkout alone: seen envelopes, velocity events.
    pub session_traces: Timestamp,
    /// Idempotency keys.
    pub idempotency: Timestamp,
    /// What devices told.
    pub devices: Timestamp,
    /// What was submitted but for its decision's outcome.
    pub submission_details: Option<Timestamp>,
    /// Sessions with all that was submitted in them.
    pub sessions: Option<Timestamp>,
    /// Alerts.
    pub alerts: Option<Timestamp>,
    /// What signing in leaves behind: sessions of browsers, grants and their tokens.
    pub sign_ins: Timestamp,
}

/// Seconds after its session began for which a decision is counted: 30 days, and as long as a session may live.
const COUNTED_S: i64 = 32 * 24 * 60 * 60;

/// What a batch did.
#[derive(Debug, Default)]
pub struct Swept {
    /// Rows that were deleted or erased.
    pub rows: u64,
    /// Tables that they lay in.
    pub tables: Vec<&'static str>,
}

/// Deletes a batch of each table.
///
/// # Errors
/// When the store fails.
pub fn sweep(tx: &Tx<'_>, cutoffs: &Cutoffs, now: Timestamp) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    for mode in Mode::ALL {
        let sessions = Range::of(mode, cutoffs.session_traces);
        swept.add("session_jti", delete_jtis(tx, sessions)?);
        swept.add("velocity_event", delete_velocity_events(tx, sessions)?);
        let devices = Range::of(mode, cutoffs.devices);
        swept.add("device_visit", delete_device_visits(tx, devices)?);
        let counted = Range::of(mode, now.plus_seconds(-COUNTED_S));
        swept.add("velocity_record", delete_velocity_records(tx, counted)?);
        if let Some(before) = cutoffs.sessions {
            let devices = delete_device_visits(tx, Range::of(mode, before))?;
            swept.add("device_visit", devices);
            let sessions = delete_by_id(tx, "session", Range::of(mode, before))?;
            swept.add("session", sessions);
            // A session that is there has its submission.
            if sessions < u64::from(BATCH) {
                let range = Range::of(mode, before);
                swept.add("submission", delete_by_id(tx, "submission", range)?);
                swept.add("risk_review", delete_reviews(tx, range)?);
                let prefix = mode.id_prefix("out");
                swept.add(
                    "risk_outcome",
                    delete_older(tx, "risk_outcome", &prefix, before)?,
                );
            }
        }
        // They have no session to go with.
        if let Some(before) = cutoffs.submission_details.or(cutoffs.sessions) {
            let prefix = mode.id_prefix("asm");
            let assessments = delete_older(tx, "risk_assessment", &prefix, before)?;
            swept.add("risk_assessment", assessments);
        }
        if let Some(before) = cutoffs.submission_details {
            let range = Range::of(mode, before);
            swept.add("submission", erase_submissions(tx, mode, range, now)?);
        }
    }
    if let Some(before) = cutoffs.alerts {
        swept.add("alert", delete_older(tx, "alert", "alr_", before)?);
    }
    for (table, prefix) in [
        ("login_session", "lgn_"),
        ("oauth_code", "cod_"),
        ("oauth_grant", "grt_"),
        ("refresh_token", "rft_"),
        ("revoked_token", "tok_"),
    ] {
        swept.add(table, delete_older(tx, table, prefix, cutoffs.sign_ins)?);
    }
    let pending = now.plus_seconds(-pending_logins::LIFETIME_S);
    let pending = delete_older(tx, "pending_login", "pnd_", pending)?;
    swept.add("pending_login", pending);
    let failures = sign_in_failures::delete(tx, cutoffs.sign_ins, BATCH)?;
    swept.add("sign_in_failure", failures);
    swept.add("used_proof", delete_proofs(tx, now)?);
    swept.add("idempotency", delete_keys(tx, cutoffs.idempotency)?);
    let requests = operator_requests::delete(tx, cutoffs.idempotency, BATCH)?;
    swept.add("operator_request", requests);
    let expired = lists::delete_expired(tx, now.plus_seconds(-EXPIRED_S), BATCH)?;
    swept.add("risk_list_entry", expired);
    sweep_observations(tx, now, &mut swept)?;
    Ok(swept)
}

/// What alerts are raised by. Windows are minutes, and the longest baseline is a day.
fn sweep_observations(tx: &Tx<'_>, now: Timestamp, swept: &mut Swept) -> Result<(), StoreError> {
    let failures = now.plus_seconds(-FAILURES_S);
    let failures = failed_authentications::delete(tx, failures, BATCH)?;
    swept.add("failed_authentication", failures);
    let minute = now.plus_seconds(-OBSERVED_S).millis() / 60_000;
    swept.add("traffic", traffic::delete(tx, minute, BATCH)?);
    let told = alert_deliveries::delete_due_before(tx, now.plus_seconds(-UNTOLD_S), BATCH)?;
    swept.add("alert_delivery", told);
    Ok(())
}

impl Swept {
    fn add(&mut self, table: &'static str, rows: u64) {
        if rows > 0 {
            self.rows += rows;
            self.tables.push(table);
        }
    }
}

/// Ids that were made before an instant.
#[derive(Clone, Copy)]
struct Range {
    first: RowId,
    beyond: RowId,
}

impl Range {
    fn of(mode: Mode, before: Timestamp) -> Self {
        Self {
            first: RowId::all(mode).0,
            beyond: RowId::first(mode, before),
        }
    }
}

fn delete_jtis(tx: &Tx<'_>, sessions: Range) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM session_jti WHERE (session_id, jti) IN (
             SELECT session_id, jti FROM session_jti
             WHERE session_id >= ?1 AND session_id < ?2 LIMIT ?3)",
        values![sessions.first, sessions.beyond, BATCH],
    )
}

fn delete_velocity_events(tx: &Tx<'_>, sessions: Range) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM velocity_event WHERE session_id IN (
             SELECT session_id FROM velocity_event
             WHERE session_id >= ?1 AND session_id < ?2 LIMIT ?3)",
        values![sessions.first, sessions.beyond, BATCH],
    )
}

fn delete_device_visits(tx: &Tx<'_>, sessions: Range) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM device_visit WHERE session_id IN (
             SELECT session_id FROM device_visit
             WHERE session_id >= ?1 AND session_id < ?2 LIMIT ?3)",
        values![sessions.first, sessions.beyond, BATCH],
    )
}

fn delete_velocity_records(tx: &Tx<'_>, sessions: Range) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM velocity_record WHERE (lane, seq) IN (
             SELECT lane, seq FROM velocity_record
             WHERE session_id >= ?1 AND session_id < ?2 LIMIT ?3)",
        values![sessions.first, sessions.beyond, BATCH],
    )
}

fn delete_by_id(tx: &Tx<'_>, table: &'static str, range: Range) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM {table} WHERE id IN (
             SELECT id FROM {table} WHERE id >= ?1 AND id < ?2 LIMIT ?3)"
    );
    tx.execute(&sql, values![range.first, range.beyond, BATCH])
}

fn delete_reviews(tx: &Tx<'_>, submissions: Range) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM risk_review WHERE submission_id IN (
             SELECT submission_id FROM risk_review WHERE submission_id >= ?1 AND submission_id < ?2 LIMIT ?3)",
        values![submissions.first, submissions.beyond, BATCH],
    )
}

fn delete_proofs(tx: &Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM used_proof WHERE (until_s, digest) IN (
             SELECT until_s, digest FROM used_proof WHERE until_s < ?1 LIMIT ?2)",
        values![now.seconds(), BATCH],
    )
}

/// Of a table whose ids are texts that begin with `prefix`.
fn delete_older(
    tx: &Tx<'_>,
    table: &'static str,
    prefix: &str,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let beyond = <dyn Rng>::first_id(prefix, before);
    let sql = format!(
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id >= ?3 AND id < ?1 LIMIT ?2)"
    );
    tx.execute(&sql, values![beyond, BATCH, prefix])
}

fn delete_keys(tx: &Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM idempotency WHERE (merchant_id, key_digest) IN (
             SELECT merchant_id, key_digest FROM idempotency WHERE created_at < ?1 LIMIT ?2)",
        values![before, BATCH],
    )
}

/// Erased submissions stay: where the last batch ended is noted, not to go through them again each time.
fn erase_submissions(
    tx: &Tx<'_>,
    mode: Mode,
    range: Range,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let name = format!("submission_details_{}", mode.as_str());
    let noted: Option<String> = tx.row(
        "SELECT before FROM swept WHERE name = ?1",
        values![name],
        |row| row.get(0),
    )?;
    let first = noted.map_or(range.first, |id| RowId::sought("sub", &id));
    if first >= range.beyond {
        return Ok(0);
    }
    let ids: Vec<(RowId, RowId)> = tx.rows(
        "SELECT id, session_id FROM submission WHERE id >= ?1 AND id < ?2 AND erased_at IS NULL
         ORDER BY id LIMIT ?3",
        values![first, range.beyond, BATCH],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (id, session_id) in &ids {
        submissions::erase(tx, &id.text("sub"), now)?;
        velocity::delete(tx, &session_id.text("cs"))?;
        device_visits::delete(tx, &session_id.text("cs"))?;
        velocity_records::delete_of_session(tx, &session_id.text("cs"))?;
    }
    let is_whole = ids.len() < BATCH as usize;
    let before = match ids.last() {
        Some((last, _)) if !is_whole => last,
        _ => &range.beyond,
    };
    tx.execute(
        "INSERT INTO swept (name, before) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET before = excluded.before",
        values![name, before.text("sub")],
    )?;
    Ok(ids.len() as u64)
}
