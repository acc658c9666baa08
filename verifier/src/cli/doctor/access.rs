//! Who may call: operators, people who sign in, merchants' servers.

use super::{check::Check, report::Report};
use crate::{
    clock::Timestamp,
    config::Config,
    identity::{OperatorScope, Permission},
    store::{Store, StoreError, clients, operators, users},
};

const YEAR_S: i64 = 365 * 24 * 60 * 60;

pub(super) async fn look(
    report: &mut Report,
    config: &Config,
    store: &Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    operators_of(report, config, store, now).await?;
    people(report, store).await?;
    servers(report, store, now).await
}

/// An operator has a secret alone; what makes it two factors is a certificate that the console asks for.
async fn operators_of(
    report: &mut Report,
    config: &Config,
    store: &Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    let all = store.read(operators::list).await?;
    let in_use: Vec<_> = all.iter().filter(|one| one.revoked_at.is_none()).collect();
    let asks = config.tls_console.as_ref();
    let has_second = asks.is_some_and(|tls| tls.client_ca.is_some());
    let may_change = |scopes: &str| {
        scopes
            .split(' ')
            .any(|scope| scope.ends_with(":write") || scope == OperatorScope::CardsReveal.name())
    };
    let powerful = in_use.iter().filter(|one| may_change(&one.scopes)).count();
    if powerful > 0 && !has_second {
        report.warn(
            Check::Operators,
            format!(
                "{powerful} may change something or see card numbers by a secret alone: give tls_console.client_ca, \
                 or use `verifier users`, who have a second factor"
            ),
        );
    }
    let is_old = |at: Timestamp| at.plus_seconds(YEAR_S) < now;
    let old = in_use.iter().filter(|one| is_old(one.created_at)).count();
    if old > 0 {
        report.warn(
            Check::Operators,
            format!("{old} have had their secret for more than a year: add others, revoke these"),
        );
    }
    if old == 0 && (powerful == 0 || has_second) {
        report.pass(Check::Operators, format!("{} in use", in_use.len()));
    }
    Ok(())
}

async fn people(report: &mut Report, store: &Store) -> Result<(), StoreError> {
    let without = store.read(|connection| {
        let all = users::list(connection)?.into_iter();
        let in_use = all.filter(|user| user.disabled_at.is_none());
        in_use
            .map(|user| {
                let factor = users::second_factor(connection, &user.id)?;
                Ok((user, factor.is_some()))
            })
            .collect::<Result<Vec<_>, StoreError>>()
    });
    let found = without.await?;
    let lacking =
        |(user, has_factor): &&(users::User, bool)| !has_factor && user.merchant_id.is_none();
    let operators = found.iter().filter(lacking).count();
    let others = found.iter().filter(|(_, has_factor)| !has_factor).count() - operators;
    if operators > 0 {
        report.fail(
            Check::People,
            format!("{operators} operators sign in without a second factor: `verifier users second-factor`"),
        );
    } else if others > 0 {
        report.warn(
            Check::People,
            format!("{others} of merchants' people sign in without a second factor"),
        );
    } else {
        report.pass(
            Check::People,
            format!("{} sign in, all with a second factor", found.len()),
        );
    }
    Ok(())
}

async fn servers(report: &mut Report, store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let all = store.read(|connection| clients::page(connection, None, "", u32::MAX));
    let all = all.await?;
    let in_use: Vec<_> = all.iter().filter(|one| one.revoked_at.is_none()).collect();
    let is_old = |client: &&&clients::Client| {
        let since = client.secret_changed_at.unwrap_or(client.created_at);
        !client.has_certificates && since.plus_seconds(YEAR_S) < now
    };
    let old = in_use.iter().filter(is_old).count();
    if old > 0 {
        report.warn(
            Check::Clients,
            format!("{old} have had their secret for more than a year: rotate it"),
        );
    } else {
        let by_secret = in_use.iter().filter(|one| !one.has_certificates).count();
        report.pass(
            Check::Clients,
            format!(
                "{} in use, {by_secret} of them known by a secret",
                in_use.len()
            ),
        );
    }
    Ok(())
}
