//! Client certificates that handshakes have refused, into the audit.

use std::{sync::Arc, time::Duration};

use waxseal_protocol::ErrorCode;

use super::told;
use crate::{
    app::App,
    clock::Timestamp,
    mode::Mode,
    store::{
        StoreError, Touches,
        audit::{self, AuditEntry},
    },
    tls::{ListenerTls, Refused},
};

const EVERY: Duration = Duration::from_secs(1);
/// Failures of one address that are observed at once: more of them tell nothing more.
const OBSERVED: u64 = 64;

pub(super) async fn keep(app: &Arc<App>) {
    loop {
        told("handshakes_not_logged", &log_refused_handshakes(app).await);
        tokio::time::sleep(EVERY).await;
    }
}

/// Logs what the listeners have refused since the last time: an entry for each address and reason, and one for those
/// that there was no room for.
///
/// # Errors
/// When the store fails; what was not logged is kept for the next time.
pub async fn log_refused_handshakes(app: &App) -> Result<(), StoreError> {
    for tls in app.tls.iter() {
        let refused = tls.refusals().take();
        if refused.is_empty() {
            continue;
        }
        let entries = Arc::new(entries(app, tls, &refused));
        let touches = Touches::default().and("handshakes", tls.name());
        let told = Arc::clone(&entries);
        let logged = app
            .store
            .write_grouped("log_handshakes", touches, move |tx| {
                told.iter()
                    .try_for_each(|(entry, at)| audit::append(tx, entry, *at))
            });
        if let Err(error) = logged.await {
            tls.refusals().put_back(refused);
            return Err(error);
        }
        for (entry, at) in entries.iter() {
            let (Some(digest), Some(count)) = (&entry.ip_digest, entry.count) else {
                continue;
            };
            for _ in 0..count.min(OBSERVED) {
                app.watch.authentication_failed(entry, digest, *at);
            }
        }
    }
    Ok(())
}

fn entries(app: &App, tls: &ListenerTls, refused: &Refused) -> Vec<(AuditEntry, Timestamp)> {
    let listener = tls.name();
    let code = Some(ErrorCode::Unauthenticated.as_str());
    let handshakes = refused.handshakes.iter();
    let mut entries: Vec<_> = handshakes
        .map(|((ip, reason), (count, at))| {
            let entry = AuditEntry {
                action: "handshake.refused",
                code,
                stated: Some(format!("{listener} {reason}")),
                ip_digest: Some(app.ip_digest(Mode::Live, *ip)),
                count: Some(*count),
                ..AuditEntry::default()
            };
            (entry, *at)
        })
        .collect();
    if refused.dropped > 0 {
        let entry = AuditEntry {
            action: "handshakes.dropped",
            stated: Some(listener.to_owned()),
            count: Some(refused.dropped),
            ..AuditEntry::default()
        };
        entries.push((entry, app.clock.now()));
    }
    entries
}
