//! Certificates: files that change, and days that are left.

use std::{sync::Arc, time::Duration};

use super::told;
use crate::{
    alerts::{self, look_at_keys},
    app::App,
    clock::Timestamp,
    store::{
        StoreError, Subject, SubjectKind,
        audit::{self, AuditEntry},
    },
    tls::{Dated, ListenerTls},
};

/// How often a running verifier looks whether a file has changed.
const EVERY: Duration = Duration::from_secs(5);
/// How often it counts the days that are left though none has: every hour.
const ROUNDS_PER_COUNT: u32 = 720;

pub(super) async fn keep(app: &Arc<App>) {
    let mut round = 0_u32;
    loop {
        let has_changed = round > 0 && reload_certificates(app).await;
        if has_changed || round.is_multiple_of(ROUNDS_PER_COUNT) {
            told(
                "certificates_not_looked_at",
                &look_at_certificates(app).await,
            );
            told("keys_not_looked_at", &look_at_keys(app).await);
        }
        round = round.wrapping_add(1);
        tokio::time::sleep(EVERY).await;
    }
}

/// Reads every listener's files again; gives whether any of them is used anew. Connections stay as they
/// are. What cannot be used is logged, and what was used before stays in use.
pub async fn reload_certificates(app: &Arc<App>) -> bool {
    let looking = Arc::clone(app);
    // Disks may be slow.
    let reloaded = tokio::task::spawn_blocking(move || {
        let listeners = looking.tls.iter().filter(|tls| reload(tls));
        listeners.map(|tls| tls.name()).collect::<Vec<_>>()
    });
    let reloaded = reloaded.await.unwrap_or_default();
    if reloaded.is_empty() {
        return false;
    }
    told(
        "certificates_not_logged",
        &log_reloaded(app, &reloaded).await,
    );
    true
}

/// Whom a listener trusts is part of the configuration.
async fn log_reloaded(app: &App, listeners: &[&str]) -> Result<(), StoreError> {
    let names = listeners.iter().map(|name| format!("tls_{name}.files"));
    let (now, entry) = (
        app.clock.now(),
        AuditEntry {
            action: "configuration.changed",
            stated: Some(names.collect::<Vec<_>>().join(" ")),
            ..AuditEntry::default()
        },
    );
    let logged = app
        .store
        .write("log_reloaded", move |tx| audit::append(tx, &entry, now));
    logged.await
}

fn reload(tls: &ListenerTls) -> bool {
    let listener = tls.name();
    let outcome = match tls.reload() {
        Ok(false) => return false,
        Ok(true) => {
            tracing::info!(event = "certificates_reloaded", listener);
            "ok"
        }
        Err(error) => {
            tracing::error!(event = "certificates_not_reloaded", listener, %error);
            "failed"
        }
    };
    let labels = [("listener", listener), ("outcome", outcome)];
    metrics::counter!("waxseal_certificate_reloads_total", &labels).increment(1);
    outcome == "ok"
}

/// Counts the days that are left of each certificate and revocation list, as a metric; raises an alert
/// for each that has 30, 14 or 3 left, once each, however many verifiers share the database.
///
/// # Errors
/// When the generator or the store fails.
pub async fn look_at_certificates(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    for tls in app.tls.iter() {
        let dated = tls.dated();
        for option in ["cert", "client_ca", "crl"] {
            let of_option = dated.iter().filter(|dated| dated.option == option);
            let Some(first) = of_option.min_by_key(|dated| dated.not_after) else {
                continue;
            };
            #[allow(clippy::cast_precision_loss, reason = "days, far below 2^52")]
            let days_left = first.days_left(now) as f64;
            let labels = [("listener", tls.name()), ("option", option)];
            metrics::gauge!("waxseal_certificate_days_left", &labels).set(days_left);
        }
        for dated in &dated {
            tell_of_end(app, tls.name(), dated, now).await?;
        }
    }
    Ok(())
}

async fn tell_of_end(
    app: &App,
    listener: &'static str,
    dated: &Dated,
    now: Timestamp,
) -> Result<(), StoreError> {
    let days_left = dated.days_left(now);
    let Some(step) = alerts::reached(days_left, &app.watch.rules().days_left) else {
        return Ok(());
    };
    let digest = dated.sha256.iter().map(|byte| format!("{byte:02x}"));
    let subject = Subject::new(SubjectKind::Certificate, digest.collect::<String>());
    let end = (days_left, step);
    if !alerts::raise_end(app, "certificate_ends", subject, end, now).await? {
        return Ok(());
    }
    let (option, not_after) = (dated.option, dated.not_after.rfc3339());
    tracing::warn!(
        event = "certificate_ends",
        listener,
        option,
        days_left,
        not_after
    );
    Ok(())
}
