//! Operators' lists of networks and issuers, read again when they have changed.

use std::{sync::Arc, time::Duration};

use super::told;
use crate::app::App;

const EVERY: Duration = Duration::from_secs(5);

/// Follows them until the task is dropped.
pub(super) async fn keep(app: &Arc<App>) {
    loop {
        follow_files(app).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// Reads what has changed. What cannot be read is logged, and what it said before stays in use.
pub async fn follow_files(app: &Arc<App>) {
    let app = Arc::clone(app);
    // Disks may be slow.
    let followed = tokio::task::spawn_blocking(move || {
        for refreshed in [
            app.anonymizers.refresh(),
            app.bin_table.refresh(),
            app.hosting.refresh(),
        ] {
            if let Ok(true) = refreshed {
                tracing::info!(event = "risk_file_read");
            }
            told("risk_file_not_read", &refreshed);
        }
    });
    drop(followed.await);
}
