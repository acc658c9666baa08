//! What a running verifier does by itself: keys that are due, and rows under keys that have gone.

use std::{sync::Arc, time::Duration};

use crate::{
    app::App,
    keys,
    mode::Mode,
    rng::Rng,
    store::{StoreError, retention},
    vault,
};

/// How often a running verifier looks whether a key has changed, by its own hand or another process's.
const EVERY: Duration = Duration::from_secs(5);
/// How often it looks at what is due.
const ROUNDS_PER_LOOK: u32 = 12;
/// Between two steps of moving rows, so that submissions have the writer most of the time.
const BETWEEN_STEPS: Duration = Duration::from_millis(20);

/// Works until the task is dropped. What fails is logged and tried again in the next round.
pub async fn run(app: Arc<App>) {
    let mut round = 0;
    loop {
        if round % ROUNDS_PER_LOOK == 0
            && let Err(error) = keys_due(&app).await
        {
            tracing::error!(event = "keys_not_kept_up", %error);
        }
        if round % ROUNDS_PER_LOOK == 0
            && let Err(error) = sweep(&app, BETWEEN_STEPS).await
        {
            tracing::error!(event = "not_swept", %error);
        }
        if let Err(error) = count_encryptions(&app).await {
            tracing::error!(event = "encryptions_not_counted", %error);
        }
        match app.keys.refresh(&app.store).await {
            // The first round ends what a former process began.
            Ok(changed) if changed || round == 0 => {
                tracing::info!(event = "keys_read");
                if let Err(error) = follow_keys(&app, BETWEEN_STEPS).await {
                    tracing::error!(event = "rows_not_moved", %error);
                }
            }
            Ok(_) => {}
            Err(error) => tracing::error!(event = "keys_not_read", %error),
        }
        round += 1;
        tokio::time::sleep(EVERY).await;
    }
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
pub async fn sweep(app: &App, pause: Duration) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let sessions_before = now.plus_seconds(-i64::from(app.retention.session_traces_s));
    let keys_before = now.plus_seconds(-i64::from(app.retention.idempotency_s));
    let mut all = 0;
    loop {
        let deleted = app.store.write("sweep", move |tx| {
            let prefixes = Mode::ALL.map(|mode| mode.id_prefix("cs"));
            let first_id = |prefix: &str| <dyn Rng>::first_id(prefix, sessions_before);
            retention::sweep(tx, &prefixes, first_id, keys_before)
        });
        let deleted = deleted.await?;
        all += deleted;
        if deleted == 0 {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    metrics::counter!("waxseal_rows_swept_total").increment(all as u64);
    Ok(all)
}

/// Adds to the store how often each data encryption key was used, and replaces one that was used often
/// enough.
///
/// # Errors
/// When the generator or the store fails; the count is then kept for the next time.
pub async fn count_encryptions(app: &App) -> Result<(), keys::RotationError> {
    let now = app.clock.now();
    for (key, more) in app.keys.encryptions().take() {
        let id = format!("{:016x}", u64::from_be_bytes(key));
        let counted = app.store.write("count_encryptions", move |tx| {
            crate::store::keys::add_encryptions(tx, &id, more)
        });
        let total = match counted.await {
            Ok(total) => total,
            Err(error) => {
                app.keys.encryptions().put_back(key, more);
                return Err(error.into());
            }
        };
        let is_active = |mode: &Mode| *app.keys_of(*mode).deks.active() == key;
        let mode = Mode::ALL.into_iter().find(is_active);
        if let Some(mode) = mode.filter(|_| total >= app.key_policy.encryptions) {
            let kind = (keys::Purpose::Dek, mode);
            keys::rotate(&app.store, app.keys.kek(), kind, true, &*app.rng, now).await?;
        }
    }
    Ok(())
}

/// Brings the rows in line with the keys.
///
/// # Errors
/// When the generator or the store fails; what was done by then stays so, and is gone on with after the
/// next change of a key or the next start.
pub async fn follow_keys(app: &App, pause: Duration) -> Result<(), keys::RotationError> {
    move_rows(app, pause).await?;
    let keyring = app.keyring();
    if keyring.has_pending_fingerprint_root() {
        let mut position = Some(vault::Position::default());
        while let Some(after) = position {
            position = vault::fingerprint_next(&app.store, Arc::clone(&keyring), after).await?;
            tokio::time::sleep(pause).await;
        }
        vault::change_over(&app.store, app.clock.now()).await?;
        app.keys.refresh(&app.store).await?;
    }
    while vault::delete_former(&app.store, &app.keyring()).await? > 0 {
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
