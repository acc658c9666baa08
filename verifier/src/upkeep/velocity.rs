//! Counts that follow what is decided, here and by other verifiers.

use std::time::Duration;

use super::told;
use crate::app::App;

/// How often it looks what others have decided.
const EVERY: Duration = Duration::from_secs(1);
/// What is decided within this time is counted together.
const TOGETHER: Duration = Duration::from_millis(20);

/// Follows until the task is dropped.
pub(super) async fn keep(app: &App) {
    loop {
        told(
            "velocity_not_counted",
            &app.velocity.follow(&app.store).await,
        );
        app.velocity.sweep(app.clock.now());
        tokio::select! {
            () = app.velocity.woken() => tokio::time::sleep(TOGETHER).await,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
