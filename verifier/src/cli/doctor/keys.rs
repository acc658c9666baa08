//! Keys: whether each mode can open envelopes, and how long keys are used.

use super::{check::Check, report::Report};
use crate::{
    clock::Timestamp,
    config::Config,
    keys::{Purpose, SharedKeyring},
    mode::Mode,
    store::{
        Store, StoreError,
        key_state::KeyState,
        keys::{self, KeyRow},
    },
};

const DAY_S: i64 = 24 * 60 * 60;
/// The longest that a key which does not follow a schedule should be in use.
const YEAR_DAYS: i64 = 365;
/// The longest lifetime of a sealing key that passes.
const QUARTER_S: u32 = 92 * 24 * 60 * 60;
/// What a running verifier may be late by.
const LATE_S: i64 = DAY_S;

pub(super) async fn look(
    report: &mut Report,
    config: &Config,
    store: &Store,
    keyring: &SharedKeyring,
    now: Timestamp,
) -> Result<(), StoreError> {
    let current = keyring.current();
    for mode in Mode::ALL {
        match current.of(mode).active_sealing() {
            Some(key) => report.pass(
                Check::SealingKey,
                format!("{} {}", mode.as_str(), key.kid()),
            ),
            None => report.fail(
                Check::SealingKey,
                format!("{} mode has none", mode.as_str()),
            ),
        }
    }
    let all = store.read(keys::list).await?;
    ages(report, config, &all, now);
    schedule(report, config);
    let newest = all.iter().map(|key| key.created_at).max();
    match newest.filter(|newest| *newest > now.plus_seconds(60)) {
        Some(newest) => report.fail(
            Check::Clock,
            format!("behind: a key was made at {}", newest.rfc3339()),
        ),
        None => synchronised(report),
    }
    Ok(())
}

fn ages(report: &mut Report, config: &Config, all: &[KeyRow], now: Timestamp) {
    let mut is_well = true;
    let active = all.iter().filter(|key| key.state == KeyState::Active);
    for key in active {
        let Some(since) = key.activated_at else {
            continue;
        };
        let age_s = (now.millis() - since.millis()) / 1000;
        let named = format!(
            "{} {} {}, in use for {} days",
            key.id,
            key.mode.as_str(),
            key.purpose,
            age_s / DAY_S
        );
        let on_schedule = [Purpose::Sealing, Purpose::AccessToken]
            .iter()
            .any(|purpose| purpose.as_str() == key.purpose);
        if on_schedule && age_s > i64::from(config.keys.sealing_lifetime_s) + LATE_S {
            is_well = false;
            report.fail(
                Check::KeyAge,
                format!("{named}: past its time; a running verifier would have made the next"),
            );
        } else if !on_schedule && age_s > YEAR_DAYS * DAY_S {
            is_well = false;
            report.warn(
                Check::KeyAge,
                format!(
                    "{named}: replace it with `verifier keys rotate` where its purpose has one"
                ),
            );
        }
    }
    if is_well {
        report.pass(Check::KeyAge, "no key is in use past its time");
    }
}

fn schedule(report: &mut Report, config: &Config) {
    let days = config.keys.sealing_lifetime_s / (24 * 60 * 60);
    if config.keys.sealing_lifetime_s > QUARTER_S {
        report.warn(
            Check::KeySchedule,
            format!("sealing keys live {days} days: a quarter at most is better"),
        );
    } else {
        report.pass(Check::KeySchedule, format!("sealing keys live {days} days"));
    }
}

/// What time services leave behind when they have set the clock.
fn synchronised(report: &mut Report) {
    let signs = [
        "/run/systemd/timesync/synchronized",
        "/run/chrony/chronyd.pid",
        "/run/ntpd.pid",
    ];
    match signs.iter().find(|sign| std::path::Path::new(sign).exists()) {
        Some(sign) => report.pass(Check::Clock, format!("kept by a time service: {sign}")),
        None => report.warn(
            Check::Clock,
            "no sign of systemd-timesyncd, chrony or ntpd: have the clock kept, tokens and audit need it",
        ),
    }
}
