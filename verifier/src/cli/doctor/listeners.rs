//! Listeners: what they speak, to whom, and how long their certificates last.

use std::sync::Arc;

use super::{check::Check, report::Report};
use crate::{
    clock::{Clock, SystemClock, Timestamp},
    config::Config,
    tls::{ListenerTls, ListenersTls},
};

pub(super) fn look(report: &mut Report, config: &Config) {
    plain_or_encrypted(report, config);
    console(report, config);
    proxies(report, config);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    match ListenersTls::open(config, &clock) {
        Err(error) => report.fail(Check::Certificate, error.to_string()),
        Ok(all) => all
            .iter()
            .for_each(|tls| certificates(report, tls, clock.now())),
    }
}

fn plain_or_encrypted(report: &mut Report, config: &Config) {
    let listen = &config.listen;
    let all = [
        ("public", true, config.tls_public.is_some()),
        (
            "console",
            listen.console.is_some(),
            config.tls_console.is_some(),
        ),
        ("private", true, config.tls_private.is_some()),
    ];
    for (name, _, is_encrypted) in all.into_iter().filter(|(_, listens, _)| *listens) {
        if is_encrypted {
            report.pass(Check::Listener, format!("{name}: TLS 1.3 only"));
            continue;
        }
        let from = match name == "public" && listen.plain_http_from_proxies {
            true => "from trusted proxies",
            false => "on loopback: for development only",
        };
        report.warn(Check::Listener, format!("{name}: plain HTTP {from}"));
    }
}

fn console(report: &mut Report, config: &Config) {
    let listen = &config.listen;
    match listen.console {
        None => report.pass(Check::Console, "none listens"),
        Some(address) if address.ip().is_loopback() => {
            report.pass(Check::Console, "reached from this machine alone");
        }
        Some(_) if listen.console_networks.is_empty() => report.warn(
            Check::Console,
            "reached from everywhere: give listen.console_networks",
        ),
        Some(_) => report.pass(
            Check::Console,
            format!("reached from {} networks", listen.console_networks.len()),
        ),
    }
}

/// From a trusted proxy the customer's address is believed: whoever is in such a network states any.
fn proxies(report: &mut Report, config: &Config) {
    let trusted = &config.listen.trusted_proxies;
    let wide = trusted.iter().find(|network| {
        let least = if network.addr().is_ipv4() { 8 } else { 16 };
        network.prefix_len() < least
    });
    match wide {
        Some(network) if network.prefix_len() == 0 => report.fail(
            Check::Proxies,
            format!("{network} trusts every address to name another"),
        ),
        Some(network) => report.warn(
            Check::Proxies,
            format!("{network} is wide: name the proxies alone"),
        ),
        None => report.pass(
            Check::Proxies,
            format!("{} networks trusted", trusted.len()),
        ),
    }
}

fn certificates(report: &mut Report, tls: &ListenerTls, now: Timestamp) {
    for dated in tls.dated() {
        let (days_left, until) = (dated.days_left(now), dated.not_after.rfc3339());
        let line = format!(
            "{} {}: {days_left} days are left, until {until}",
            tls.name(),
            dated.option
        );
        match days_left {
            ..0 => report.fail(Check::Certificate, format!("{line}: renew it")),
            0..=30 => report.warn(Check::Certificate, format!("{line}: renew it")),
            _ => report.pass(Check::Certificate, line),
        }
    }
    if tls.name() == "private" && !tls.requires_client_certificates() {
        match tls.takes_client_certificates() {
            true => report.pass(
                Check::Listener,
                "private: callers may come without a certificate: client_certificates = \"optional\"",
            ),
            false => report.warn(
                Check::Listener,
                "private: callers have no certificate: give tls_private.client_ca, with \
                 client_certificates = \"optional\" for those who have none",
            ),
        }
    }
}
