//! The models that score, as the store has them now, and whether they still fit.

use super::{EVERY, told};
use crate::{app::App, scoring::look_at_drift};

/// An hour's rounds.
const ROUNDS_PER_LOOK: u32 = 720;

/// Follows the store until the task is dropped.
pub(super) async fn keep(app: &App) {
    let mut round = 0_u32;
    loop {
        let read = app.models.refresh(&app.store, &app.keyring()).await;
        told("models_not_read", &read);
        round = round.wrapping_add(1);
        if round.is_multiple_of(ROUNDS_PER_LOOK) {
            told("drift_not_told", &look_at_drift(app).await);
        }
        tokio::time::sleep(EVERY).await;
    }
}
