//! Requests a minute: added to the store, and each minute compared with the ones before it.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    baseline::{Baseline, sum},
    error_share, raise,
    tally::MINUTE_MS,
    traffic_rate,
};
use crate::{
    app::App,
    clock::Timestamp,
    config,
    store::{
        StoreError, Subject, Touches,
        alerts::{self, Detail, Sign},
        traffic::{self, Minute},
    },
};

/// Milliseconds after a minute in which other verifiers add what they have counted in it.
const SETTLED_MS: i64 = 3000;
/// Subjects that are written at once.
const AT_ONCE: usize = 16;

pub(super) async fn add(
    app: &App,
    counted: BTreeMap<(Subject, i64), Minute>,
) -> Result<(), StoreError> {
    let each = stream::iter(counted).map(|((subject, minute), counted)| {
        let touches = Touches::default().and("traffic", &(&subject, minute));
        app.store
            .write_grouped("count_traffic", touches, move |tx| {
                traffic::add(tx, &subject, counted)
            })
    });
    each.buffer_unordered(AT_ONCE).try_collect().await
}

/// Looks at the last whole minute, once.
pub(super) async fn compare(app: &App, done: &mut i64, now: Timestamp) -> Result<(), StoreError> {
    let minute = (now.millis() - SETTLED_MS).div_euclid(MINUTE_MS) - 1;
    if minute <= *done {
        return Ok(());
    }
    *done = minute;
    let rules = app.watch.rules();
    // Twice the baseline: one that nothing was before is no baseline.
    let first = minute - 2 * i64::from(rules.baseline_min) - i64::from(rules.error_min);
    let read = app
        .store
        .read(move |connection| traffic::between(connection, first, minute));
    let mut by_subject: BTreeMap<Subject, Vec<Minute>> = BTreeMap::new();
    for (subject, counted) in read.await? {
        by_subject.entry(subject).or_default().push(counted);
    }
    for (subject, counted) in by_subject {
        let signs = [
            rate_sign(rules, &subject, minute, &counted),
            share_sign(rules, &subject, minute, &counted),
        ];
        for sign in signs.into_iter().flatten() {
            raise_unless_closed(app, sign).await?;
        }
    }
    Ok(())
}

/// What was before the last alert was closed is dealt with.
async fn raise_unless_closed(app: &App, sign: Sign) -> Result<(), StoreError> {
    let closed_at = app.store.read({
        let (kind, subject, aspect) = (sign.kind, sign.subject.clone(), sign.aspect.clone());
        move |connection| alerts::last_closed_at(connection, kind, &subject, &aspect)
    });
    match closed_at.await? {
        Some(closed_at) if closed_at >= sign.at => Ok(()),
        _ => raise(app, sign).await.map(drop),
    }
}

fn rate_sign(
    rules: &config::Alerts,
    subject: &Subject,
    minute: i64,
    counted: &[Minute],
) -> Option<Sign> {
    let baseline = Baseline::before(minute, rules.baseline_min, counted)?;
    let (requests, _) = sum(minute, minute, counted);
    let rule = traffic_rate::Rule {
        factor: rules.rate_factor,
        requests: rules.rate_requests,
    };
    let change = traffic_rate::change(requests, &baseline, rule)?;
    let detail = Detail {
        requests: Some(requests),
        usual_requests: Some(baseline.per_minute()),
        ..Detail::default()
    };
    Some(sign(
        "traffic_rate",
        subject,
        change.as_str(),
        detail,
        minute,
    ))
}

fn share_sign(
    rules: &config::Alerts,
    subject: &Subject,
    minute: i64,
    counted: &[Minute],
) -> Option<Sign> {
    let first = minute - i64::from(rules.error_min) + 1;
    let baseline = Baseline::before(first, rules.baseline_min, counted)?;
    let (requests, errors) = sum(first, minute, counted);
    let rule = error_share::Rule {
        percent: rules.error_percent,
        factor: rules.error_factor,
        requests: rules.error_requests,
    };
    let share = error_share::too_large(requests, errors, &baseline, rule)?;
    let detail = Detail {
        errors_permille: Some(share.permille),
        usual_errors_permille: Some(share.usual_permille),
        requests: Some(requests),
        ..Detail::default()
    };
    Some(sign("error_share", subject, "", detail, minute))
}

/// At the minute's end. Each verifier looks at each minute: what is there already counts on by nothing.
fn sign(kind: &'static str, subject: &Subject, aspect: &str, detail: Detail, minute: i64) -> Sign {
    Sign {
        kind,
        subject: subject.clone(),
        aspect: aspect.to_owned(),
        detail,
        count: 1,
        more: 0,
        at: Timestamp::from_millis((minute + 1) * MINUTE_MS),
    }
}
