//! Keys that are used longer than they should be.

use super::{expiry::days_left, raise_end, reached};
use crate::{
    app::App,
    clock::Timestamp,
    keys::{Policy, Purpose},
    store::{StoreError, Subject, SubjectKind, key_state::KeyState, keys},
};

/// Days that a key which replaces itself may be late before somebody has to look.
const LATE_DAYS: i64 = 1;

/// Counts the days that each active key has been used and has left, as a metric; raises an alert for each that has
/// 30, 14 or 3 left, or that should have been replaced by itself and was not.
///
/// # Errors
/// When the generator or the store fails.
pub async fn look_at_keys(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let rows = app.store.read(keys::list).await?;
    let rules = app.watch.rules();
    for key in rows.iter().filter(|key| key.state == KeyState::Active) {
        let Some(purpose) = Purpose::parse(&key.purpose) else {
            continue;
        };
        let since = key.activated_at.unwrap_or(key.created_at);
        let labels = [("purpose", purpose.as_str()), ("mode", key.mode.as_str())];
        gauge("waxseal_key_age_days", labels, days_left(now, since));
        let Some(end) = end(purpose, since, app.key_policy, rules.key_days) else {
            continue;
        };
        let left = days_left(end, now);
        gauge("waxseal_key_days_left", labels, left);
        let step = match is_automatic(purpose) {
            true => (left < -LATE_DAYS).then_some(0),
            false => reached(left, &rules.days_left),
        };
        if let Some(step) = step {
            let subject = Subject::new(SubjectKind::Key, key.id.as_str());
            raise_end(app, "key_ends", subject, (left, step), now).await?;
        }
    }
    Ok(())
}

fn gauge(name: &'static str, labels: [(&'static str, &'static str); 2], days: i64) {
    #[allow(clippy::cast_precision_loss, reason = "days, far below 2^52")]
    metrics::gauge!(name, &labels).set(days as f64);
}

/// Those that follow each other by themselves.
const fn is_automatic(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::AccessToken | Purpose::Sealing)
}

/// When a key should be used no longer. The one of FF1 and the one of pseudonyms stay for ever.
fn end(purpose: Purpose, since: Timestamp, policy: Policy, key_days: u32) -> Option<Timestamp> {
    match purpose {
        Purpose::Ff1 | Purpose::Model | Purpose::Pseudonym | Purpose::VaultImport => None,
        _ if is_automatic(purpose) => Some(since.plus_seconds(policy.lifetime_s.into())),
        _ => (key_days > 0).then(|| since.plus_seconds(i64::from(key_days) * 86_400)),
    }
}
