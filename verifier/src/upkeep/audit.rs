//! Signed roots at an interval, the file that has them too, and pruning.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::told;
use crate::{
    app::App,
    audit::{Exporter, RootFile, make_root, post_roots, prune},
    store::{StoreError, leases},
};

/// How often entries are passed on,
const EXPORT_EVERY: Duration = Duration::from_secs(1);
/// and after failures, at most.
const EXPORT_WAIT: Duration = Duration::from_mins(1);

/// Tells `rooted` each time that there may be a new root.
pub(super) async fn keep(app: &Arc<App>, rooted: &Notify) {
    let every = Duration::from_secs(app.audit.root_every_s.into());
    loop {
        told("audit_not_kept", &keep_audit(app).await);
        rooted.notify_one();
        tokio::time::sleep(every).await;
    }
}

/// Has the file of signed roots follow. Signing and pruning do not wait for it.
pub(super) async fn keep_root_file(app: &Arc<App>, rooted: &Notify) {
    let Some(path) = &app.audit.roots_file else {
        return;
    };
    let mut file = RootFile::new(path);
    loop {
        rooted.notified().await;
        told("audit_root_not_in_file", &file.follow(&app.store).await);
    }
}

/// Passes entries on for as long as there is a place for them; what is slow or dead there waits here alone.
pub(super) async fn keep_exporting(app: &Arc<App>) {
    let export = app.audit.export.as_ref();
    let exporter = export.map(|config| Exporter::new(config, app.instance));
    let Some(Ok(mut exporter)) = exporter else {
        return;
    };
    let mut wait = EXPORT_EVERY;
    loop {
        let passed = exporter.pass_on(&app.store, &*app.clock).await;
        wait = match told("audit_not_exported", &passed) {
            true => EXPORT_EVERY,
            false => (wait * 2).min(EXPORT_WAIT),
        };
        tokio::time::sleep(wait).await;
    }
}

/// Posts signed roots for as long as there is an address for them.
pub(super) async fn keep_posting(app: &Arc<App>) {
    let Some(url) = &app.audit.roots_url else {
        return;
    };
    let mut wait = EXPORT_EVERY;
    loop {
        let (instance, clock) = (app.instance, &*app.clock);
        let posted = post_roots(&app.store, &app.outbound, url, instance, clock).await;
        wait = match told("audit_root_not_posted", &posted) {
            true => EXPORT_EVERY,
            false => (wait * 2).min(EXPORT_WAIT),
        };
        tokio::time::sleep(wait).await;
    }
}

/// Gives back what this process does for all, so that another takes over at once.
///
/// # Errors
/// When the store fails; another takes over half a minute later then.
pub async fn release_leases(app: &App) -> Result<(), StoreError> {
    if app.audit.export.is_none() && app.audit.roots_url.is_none() {
        return Ok(());
    }
    let holder = app.instance;
    let released = app
        .store
        .write("release_leases", move |tx| leases::release(tx, &holder));
    released.await
}

/// Signs a root, and prunes what is past its retention.
///
/// # Errors
/// When the store fails; what is behind is made up for the next time.
pub async fn keep_audit(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    make_root(&app.store, &app.keyring(), now).await?;
    let before = now.plus_seconds(-i64::from(app.retention.audit_s));
    prune(&app.store, before, now).await.map(drop)
}
