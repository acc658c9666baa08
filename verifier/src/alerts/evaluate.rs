//! Looks at what was observed, each second.

use std::{sync::Arc, time::Duration};

use super::{KINDS, failures, sightings, traffic};
use crate::{
    app::App,
    clock::Timestamp,
    store::{
        StoreError, Subject,
        alerts::{self, Alert, AlertState, Detail, Sign},
    },
};

/// How often a running verifier looks.
const EVERY: Duration = Duration::from_secs(1);
/// Milliseconds after which open alerts are counted again, though nothing was raised here.
const COUNTED_EVERY_MS: i64 = 10_000;

/// Looks until the task is dropped. What fails is logged; what was observed by then is lost.
pub async fn keep(app: &Arc<App>) {
    loop {
        if let Err(error) = evaluate(app).await {
            tracing::error!(event = "observations_lost", %error);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Adds to the store what was observed since the last time, and raises what alerts there are.
///
/// # Errors
/// When the generator or the store fails.
pub async fn evaluate(app: &App) -> Result<(), StoreError> {
    let mut seen = app.watch.seen.lock().await;
    let tally = seen.take();
    let counted = traffic::add(app, tally.traffic).await;
    let failed = failures::look(app, tally.failures).await;
    let called = sightings::look(app, &mut seen.known, tally.callers).await;
    let now = app.clock.now();
    let compared = traffic::compare(app, &mut seen.minute, now).await;
    let is_due = seen
        .gauges_at
        .is_none_or(|at| (now.millis() - at.millis()).abs() >= COUNTED_EVERY_MS);
    // Once for all of them: counting them for each would make many of many.
    if app.watch.take_raised() || is_due {
        seen.gauges_at = Some(now);
        refresh_gauges(app).await?;
    }
    counted.and(failed).and(called).and(compared)
}

/// Raises an alert, or counts on the one that there is, and tells of it if it is new.
///
/// # Errors
/// When the generator or the store fails.
pub async fn raise(app: &App, sign: Sign) -> Result<Option<Alert>, StoreError> {
    let id = app.rng.id("alr_", sign.at)?;
    let raised = app
        .store
        .write("raise_alert", move |tx| alerts::raise(tx, &id, &sign));
    let raised = raised.await?;
    if let Some(alert) = &raised {
        alert.announce();
        app.watch.raised();
    }
    Ok(raised)
}

/// Raises that something ends in so many days, once for each step on the way; gives whether it did now.
///
/// # Errors
/// When the generator or the store fails.
pub async fn raise_end(
    app: &App,
    kind: &'static str,
    subject: Subject,
    (days_left, step): (i64, u32),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sign = Sign {
        kind,
        subject,
        aspect: step.to_string(),
        detail: Detail {
            days_left: Some(days_left),
            ..Detail::default()
        },
        count: 1,
        more: 0,
        at: now,
    };
    let asked = sign.clone();
    let known = app
        .store
        .read(move |connection| alerts::was_raised(connection, &asked));
    Ok(!known.await? && raise(app, sign).await?.is_some())
}

/// Counts the alerts that are not closed, for the metrics.
///
/// # Errors
/// When the store fails.
pub async fn refresh_gauges(app: &App) -> Result<(), StoreError> {
    let counts = app.store.read(alerts::count).await?;
    for kind in KINDS {
        for state in [AlertState::Open, AlertState::Acknowledged] {
            let found = counts
                .iter()
                .find(|(of_kind, in_state, _)| of_kind == kind && *in_state == state);
            #[allow(clippy::cast_precision_loss, reason = "a count, far below 2^52")]
            let count = found.map_or(0.0, |(_, _, count)| *count as f64);
            let labels = [("kind", kind), ("state", state.as_str())];
            metrics::gauge!("waxseal_alerts_open", &labels).set(count);
        }
    }
    Ok(())
}
