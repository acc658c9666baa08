//! Options that are allowed and yet may be too generous.

use super::{check::Check, report::Report};
use crate::{config::Config, limits::Limit};

/// Tries to sign in that one address may make in a second: PCI DSS 8.3.4 counts ten in all for one account,
/// which the account itself counts; this bounds who tries many accounts.
const MOST_SIGN_INS_PER_S: u32 = 10;
/// Cards that one address may submit in a second, beyond which it tests stolen ones.
const MOST_CARDS_PER_S: u32 = 100;
/// Card numbers that one operator may see within an hour.
const MOST_REVEALS_PER_HOUR: u32 = 100;
/// PCI DSS 10.5.1.
const YEAR_S: u32 = 365 * 24 * 60 * 60;

pub(super) fn look(report: &mut Report, config: &Config) {
    limits(report, config);
    let minutes = config.limits.client_token_ttl_s / 60;
    if minutes > 15 {
        report.warn(
            Check::TokenLife,
            format!("client tokens live {minutes} minutes: 15 will do, they can be renewed"),
        );
    } else {
        report.pass(
            Check::TokenLife,
            format!("client tokens live {minutes} minutes"),
        );
    }
    retention(report, config);
}

fn limits(report: &mut Report, config: &Config) {
    let limits = &config.limits;
    let per_second = |limit| {
        let period_us = limits.rates.of(limit).period_us().max(1);
        u32::try_from(1_000_000 / period_us).unwrap_or(u32::MAX)
    };
    for (option, value, most) in [
        (
            "limits.sign_in_per_s",
            per_second(Limit::SignIn),
            MOST_SIGN_INS_PER_S,
        ),
        (
            "limits.card_per_s",
            per_second(Limit::Card),
            MOST_CARDS_PER_S,
        ),
        (
            "limits.reveals_per_operator_hour",
            limits.reveals_per_operator_hour,
            MOST_REVEALS_PER_HOUR,
        ),
    ] {
        if value > most {
            report.warn(
                Check::Limits,
                format!("{option} = {value}: more than {most} keeps nobody from trying"),
            );
        }
    }
}

fn retention(report: &mut Report, config: &Config) {
    let retention = &config.retention;
    let endless: Vec<_> = [
        ("submission_details_s", retention.submission_details_s),
        ("sessions_s", retention.sessions_s),
        ("alerts_s", retention.alerts_s),
    ]
    .into_iter()
    .filter(|(_, value)| value.is_none())
    .map(|(option, _)| option)
    .collect();
    if !endless.is_empty() {
        report.warn(
            Check::Retention,
            format!("kept without end: give retention.{}", endless.join(", ")),
        );
    }
    let alerts_s = retention.alerts_s.unwrap_or(u32::MAX);
    if alerts_s < YEAR_S {
        report.warn(
            Check::Retention,
            "retention.alerts_s: what was alerted is kept for less than a year",
        );
    }
    if endless.is_empty() && alerts_s >= YEAR_S {
        report.pass(Check::Retention, "everything but cards ends by itself");
    }
}
