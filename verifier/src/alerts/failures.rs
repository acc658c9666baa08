//! Failed authentications: added to the store, where all verifiers' are counted together.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    failed_authentications::{Rule, too_many},
    raise,
};
use crate::{
    app::App,
    clock::Timestamp,
    store::{
        Connection, StoreError, Subject, SubjectKind, Touches,
        alerts::{self, Detail, Sign},
        clients,
        failed_authentications::{self, Failures},
        operators, users,
    },
};

const KIND: &str = "auth_failures";
/// Subjects that are written at once: fewer than the store takes into one group.
const AT_ONCE: usize = 16;
/// Alerts of addresses that nobody has closed, beyond which those of further ones are one, about all: whoever has
/// thousands of addresses shall not bury what else there is to see.
const ADDRESSES: u32 = 100;
/// Rows of one subject that are read: a row has a verifier's failures of one millisecond.
const ROWS: u32 = 2000;

pub(super) async fn look(
    app: &App,
    failures: BTreeMap<Subject, Vec<Failures>>,
) -> Result<(), StoreError> {
    if failures.is_empty() {
        return Ok(());
    }
    let known = app.store.read(move |connection| {
        let mut known = Vec::with_capacity(failures.len());
        for (subject, failures) in failures {
            if is_known(connection, &subject)? {
                known.push((subject, failures));
            }
        }
        Ok(known)
    });
    let each = stream::iter(known.await?).map(|(subject, new)| look_at(app, subject, new));
    each.buffer_unordered(AT_ONCE).try_collect().await
}

async fn look_at(app: &App, subject: Subject, new: Vec<Failures>) -> Result<(), StoreError> {
    let Some(new_from) = new.first().map(|first| first.at) else {
        return Ok(());
    };
    let more = new
        .iter()
        .fold(0_u32, |all, one| all.saturating_add(one.count));
    let part = app.rng.array()?;
    let touches = Touches::default().and("failures", &subject);
    let written = app.store.write_grouped("count_failures", touches, {
        let subject = subject.clone();
        move |tx| {
            let mut each = new.iter();
            each.try_for_each(|one| failed_authentications::insert(tx, &subject, *one, part))
        }
    });
    written.await?;
    let rules = app.watch.rules();
    let rule = Rule {
        failures: rules.failed_authentications,
        window_s: rules.failed_authentications_s,
    };
    let (all, closed_at) = with_others(app, subject.clone(), new_from, rule).await?;
    let Some(found) = too_many(&all, new_from, closed_at, rule) else {
        return Ok(());
    };
    let sign = Sign {
        kind: KIND,
        subject: told_about(app, subject).await?,
        aspect: String::new(),
        detail: Detail::default(),
        count: found.count,
        more,
        at: found.at,
    };
    raise(app, sign).await.map(drop)
}

/// The subject itself, or all if it is an address and there are alerts of too many others. Verifiers that look at the
/// same time may raise a few more.
async fn told_about(app: &App, subject: Subject) -> Result<Subject, StoreError> {
    if subject.kind != SubjectKind::Address {
        return Ok(subject);
    }
    let read = app.store.read(move |connection| {
        let kind = SubjectKind::Address;
        let is_told = alerts::is_not_closed(connection, KIND, &subject)?
            || alerts::not_closed(connection, KIND, kind, ADDRESSES)? < ADDRESSES;
        Ok(match is_told {
            true => subject,
            false => Subject::new(SubjectKind::All, ""),
        })
    });
    read.await
}

/// With the failures that other verifiers counted, once this one's are committed: of two that count at the same
/// time, the later one sees both.
async fn with_others(
    app: &App,
    subject: Subject,
    new_from: Timestamp,
    rule: Rule,
) -> Result<(Vec<Failures>, Option<Timestamp>), StoreError> {
    let since = new_from.plus_seconds(-i64::from(rule.window_s));
    let read = app.store.read(move |connection| {
        let all = failed_authentications::since(connection, &subject, since, ROWS)?;
        let closed_at = alerts::last_closed_at(connection, KIND, &subject, "")?;
        Ok((all, closed_at))
    });
    read.await
}

/// Whoever asks may name anybody: only whom there is is counted.
fn is_known(connection: &Connection, subject: &Subject) -> Result<bool, StoreError> {
    let id = subject.id.as_str();
    Ok(match subject.kind {
        SubjectKind::Client => clients::find(connection, id)?.is_some(),
        SubjectKind::Operator => operators::find(connection, id)?.is_some(),
        SubjectKind::User => users::find(connection, id)?.is_some(),
        _ => true,
    })
}
