//! Signed roots at an interval, the file that has them too, and pruning.

use std::{sync::Arc, time::Duration};

use super::told;
use crate::{
    app::App,
    audit::{RootFile, make_root, prune},
    store::StoreError,
};

pub(super) async fn keep(app: &Arc<App>) {
    let every = Duration::from_secs(app.audit.root_every_s.into());
    loop {
        told("audit_not_kept", &keep_audit(app).await);
        tokio::time::sleep(every).await;
    }
}

/// Signs a root, has the file follow, and prunes what is past its retention.
///
/// # Errors
/// When the store fails, or the file cannot be written; what is behind is made up for the next time.
pub async fn keep_audit(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    make_root(&app.store, &app.keyring(), now).await?;
    if let Some(path) = &app.audit.roots_file {
        RootFile::follow(path, &app.store).await?;
    }
    let before = now.plus_seconds(-i64::from(app.retention.audit_s));
    prune(&app.store, before, now).await.map(drop)
}
