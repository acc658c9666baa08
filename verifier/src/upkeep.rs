//! What a running verifier does by itself: keys that are due, rows under keys that have gone, CVCs
//! whose time is over, and certificates that change or end.

mod audit;
mod certificates;
mod files;
mod handshakes;
mod models;
mod velocity;

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

pub use audit::{keep_audit, release_leases};
pub use certificates::{look_at_certificates, reload_certificates};
pub use files::follow_files;
pub use handshakes::log_refused_handshakes;

use crate::{
    alerts,
    app::App,
    keys,
    mode::Mode,
    store::{
        StoreError,
        crypter::{KeyId, key_id_text},
        key_state::KeyState,
        retention::{self, Cutoffs},
    },
    vault,
};

/// How often a running verifier looks whether a key has changed, by its own hand or another process's.
const EVERY: Duration = Duration::from_secs(5);
/// How often it looks at what is due.
const ROUNDS_PER_LOOK: u32 = 12;
/// How often it wipes CVCs that are past their deadline.
const CVC_EVERY: Duration = Duration::from_secs(1);
/// How often it looks whether lists or rules have changed.
const LISTS_EVERY: Duration = Duration::from_secs(2);
/// Between two steps of moving rows, so that submissions have the writer most of the time.
const BETWEEN_STEPS: Duration = Duration::from_millis(20);

/// Seconds for which what signing in left behind is kept: longer than any grant lives.
const SIGN_INS_S: u32 = 24 * 60 * 60;

/// Works until the task is dropped. What fails is logged and tried again in the next round.
pub async fn run(app: Arc<App>) {
    // The first round of the rows ends what a former process began.
    let changed = Notify::new();
    changed.notify_one();
    let rooted = Notify::new();
    tokio::join!(
        keep_keys(&app, &changed),
        keep_rows(&app, &changed),
        expire_cvcs(&app),
        keep_lists(&app),
        keep_rules(&app),
        certificates::keep(&app),
        files::keep(&app),
        handshakes::keep(&app),
        models::keep(&app),
        velocity::keep(&app),
        alerts::keep(&app),
        alerts::keep_delivering(&app),
        audit::keep(&app, &rooted),
        audit::keep_root_file(&app, &rooted),
        audit::keep_exporting(&app),
        audit::keep_posting(&app)
    );
}

/// Wipes CVCs at their deadline though nobody asks for them.
async fn expire_cvcs(app: &App) {
    loop {
        app.cvc.expire(app.clock.now());
        tokio::time::sleep(CVC_EVERY).await;
    }
}

/// Follows what any process changes of lists.
async fn keep_lists(app: &App) {
    loop {
        let read = app.lists.refresh(&app.store, app.keyring()).await;
        if let Ok(true) = read {
            tracing::info!(event = "lists_read");
        }
        told("lists_not_read", &read);
        tokio::time::sleep(LISTS_EVERY).await;
    }
}

/// Follows which rules any process lets decide.
async fn keep_rules(app: &App) {
    loop {
        let read = app.rules.refresh(&app.store).await;
        if let Ok(true) = read {
            tracing::info!(event = "rules_read");
        }
        told("rules_not_read", &read);
        tokio::time::sleep(LISTS_EVERY).await;
    }
}

/// Never waits for the rows, however many there are: a revoked key must be known of soon.
async fn keep_keys(app: &App, changed: &Notify) {
    let mut round = 0_u32;
    let mut known = app.keys.revision();
    loop {
        match app.keys.refresh(&app.store).await {
            Ok(_) => {
                // A request may have read them before.
                let revision = app.keys.revision();
                let is_new = std::mem::replace(&mut known, revision) != revision;
                if is_new {
                    tracing::info!(event = "keys_read");
                    changed.notify_one();
                }
                if is_new || round.is_multiple_of(ROUNDS_PER_LOOK) {
                    told("keys_not_kept_up", &keys_due(app).await);
                }
                told("encryptions_not_counted", &count_encryptions(app).await);
            }
            // Wrapped by another key: what is there goes on, and nothing new is made.
            Err(error) => tracing::error!(event = "keys_not_read", %error),
        }
        round = round.wrapping_add(1);
        tokio::time::sleep(EVERY).await;
    }
}

async fn keep_rows(app: &App, changed: &Notify) {
    loop {
        let swept = sweep(app, BETWEEN_STEPS).await;
        told("not_swept", &swept.map(drop));
        tokio::select! {
            () = changed.notified() => {
                while !told("rows_not_moved", &follow_keys(app, BETWEEN_STEPS).await) {
                    tokio::time::sleep(EVERY).await;
                }
            }
            () = tokio::time::sleep(EVERY * ROUNDS_PER_LOOK) => {}
        }
    }
}

/// Whether it went well; if not, the log says so.
fn told<T, E: std::fmt::Display>(event: &'static str, outcome: &Result<T, E>) -> bool {
    if let Err(error) = outcome {
        tracing::error!(event, %error);
    }
    outcome.is_ok()
}

/// Makes, uses and destroys the sealing keys that are due.
///
/// # Errors
/// When the generator or the store fails.
pub async fn keys_due(app: &App) -> Result<(), keys::RotationError> {
    let now = app.clock.now();
    keys::keep_up(&app.store, app.keys.kek(), app.key_policy, &*app.rng, now).await
}

/// Deletes what nothing asks for any more; gives how many rows that were.
///
/// # Errors
/// When the store fails; what was deleted by then stays so.
pub async fn sweep(app: &App, pause: Duration) -> Result<u64, StoreError> {
    let now = app.clock.now();
    let before = |seconds: u32| now.plus_seconds(-i64::from(seconds));
    let retention = &app.retention;
    let cutoffs = Cutoffs {
        session_traces: before(retention.session_traces_s),
        idempotency: before(retention.idempotency_s),
        devices: before(retention.devices_s),
        submission_details: retention.submission_details_s.map(before),
        sessions: retention.sessions_s.map(before),
        alerts: retention.alerts_s.map(before),
        sign_ins: before(SIGN_INS_S),
    };
    let mut all = 0;
    loop {
        let swept = app
            .store
            .write("sweep", move |tx| retention::sweep(tx, &cutoffs, now));
        let swept = swept.await?;
        app.store.note_deleted(&swept.tables);
        all += swept.rows;
        if swept.rows == 0 {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    metrics::counter!("waxseal_rows_swept_total").increment(all);
    // What was erased since the last round is noted too.
    app.store.clean().await?;
    Ok(all)
}

/// Adds to the store how often each data encryption key was used, and replaces one that was used often
/// enough.
///
/// # Errors
/// When the generator or the store fails; the count is then kept for the next time.
pub async fn count_encryptions(app: &App) -> Result<(), keys::RotationError> {
    let now = app.clock.now();
    let mut outcome = Ok(());
    for (key, more) in app.keys.encryptions().take() {
        let id = key_id_text(key);
        let counted = app.store.write("count_encryptions", move |tx| {
            crate::store::keys::add_encryptions(tx, &id, more)
        });
        let total = match counted.await {
            Ok(total) => total,
            Err(error) => {
                app.keys.encryptions().put_back(key, more);
                outcome = Err(error.into());
                continue;
            }
        };
        let kind = active_kind(app, key).filter(|_| total >= app.key_policy.encryptions);
        if let Some(kind) = kind {
            let rotated = keys::rotate(&app.store, app.keys.kek(), kind, true, &*app.rng, now);
            outcome = outcome.and(rotated.await.map(drop));
        }
    }
    outcome
}

/// What a key that values are encrypted under is for, while it is the active one.
fn active_kind(app: &App, key: KeyId) -> Option<(keys::Purpose, Mode)> {
    let kinds_of = |mode: Mode| {
        let keys = app.keys_of(mode);
        [
            (*keys.deks.active(), (keys::Purpose::Dek, mode)),
            (*keys.cvc.active(), (keys::Purpose::Cvc, mode)),
        ]
    };
    let mut kinds = Mode::ALL.into_iter().flat_map(kinds_of);
    kinds.find(|(id, _)| *id == key).map(|(_, kind)| kind)
}

/// Brings the rows in line with the keys.
///
/// # Errors
/// When the generator or the store fails; what was done by then stays so, and is gone on with after the
/// next change of a key or the next start.
pub async fn follow_keys(app: &App, pause: Duration) -> Result<(), keys::RotationError> {
    // What was under way while the rows were looked at may lie behind.
    while move_rows(app, pause).await? > 0 {}
    let keyring = app.keyring();
    let roots = keyring.pending_fingerprint_roots();
    if !roots.is_empty() {
        let mut position = Some(vault::Position::default());
        while let Some(after) = position {
            position = vault::fingerprint_next(&app.store, Arc::clone(&keyring), after).await?;
            tokio::time::sleep(pause).await;
        }
        vault::change_over(&app.store, roots, app.clock.now()).await?;
        app.keys.refresh(&app.store).await?;
    }
    let has_former = app
        .store
        .read(crate::store::keys::list)
        .await?
        .iter()
        .any(|key| {
            key.purpose == keys::Purpose::FingerprintRoot.as_str() && key.state == KeyState::Retired
        });
    while has_former && vault::delete_former(&app.store, &app.keyring()).await? > 0 {
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Moves every row of a retired key to the active one; gives how many were moved. Returns at once when no
/// key is retired.
///
/// # Errors
/// When the generator or the store fails; what was moved by then stays so.
pub async fn move_rows(app: &App, pause: Duration) -> Result<u64, StoreError> {
    let keyring = app.keyring();
    if !keyring.has_retired_deks() {
        return Ok(0);
    }
    let mut pass = vault::Pass::default();
    while !pass.is_done {
        let rng = Arc::clone(&app.rng);
        pass = vault::step(&app.store, Arc::clone(&keyring), rng, pass).await?;
        tokio::time::sleep(pause).await;
    }
    metrics::counter!("waxseal_rows_reencrypted_total").increment(pass.moved);
    if pass.damaged > 0 {
        tracing::error!(event = "rows_damaged", rows = pass.damaged);
    }
    if pass.moved > 0 {
        tracing::info!(event = "rows_moved", rows = pass.moved);
    }
    Ok(pass.moved)
}
