//! `verifier doctor`

use std::{os::unix::fs::MetadataExt, path::Path, sync::Arc};

use super::{
    CliError, core_dumps, say,
    start::{cvc_holder, ip_countries, open_store, shared_counts},
};
use crate::{
    assets::Assets,
    clock::{Clock, SystemClock, Timestamp},
    config::Config,
    keys::Keyring,
    mode::Mode,
    store::{Schema, Store, merchants},
    tls::{ListenerTls, ListenersTls},
    vault,
};

/// Checks everything that `serve` would open, and what it cannot know to be wrong.
pub(super) async fn doctor(path: &Path, data: bool) -> Result<(), CliError> {
    let mut report = Report { failed: 0 };
    let config = Config::load(path)?;
    report.pass("configuration", &path.display().to_string());
    match open_store(&config, Schema::Expect).await {
        Err(error) => report.fail("store and keys", &error.to_string()),
        Ok((store, keys)) => {
            let keyring = keys.current();
            report.pass("store and keys", "every key unwraps");
            for mode in Mode::ALL {
                match keyring.of(mode).active_sealing() {
                    Some(key) => {
                        report.pass("sealing key", &format!("{} {}", mode.as_str(), key.kid()));
                    }
                    None => report.fail("sealing key", &format!("{} mode has none", mode.as_str())),
                }
            }
            if data {
                inspect_data(&mut report, &store, Arc::clone(&keyring)).await?;
            }
            match store.read(merchants::list).await?.len() {
                0 => report.warn("merchants", "none yet: `verifier merchants add`"),
                count => report.pass("merchants", &count.to_string()),
            }
        }
    }
    match cvc_holder(&config).await {
        Ok(holder) => report.pass("CVC holder", &holder.place()),
        Err(error) => report.fail("CVC holder", &error.to_string()),
    }
    match shared_counts(&config)
        .await
        .map(|counts| counts.map(|counts| (counts.address().to_owned(), counts.problem())))
    {
        Ok(None) => report.pass("limits", "counted in this process's memory"),
        Ok(Some((address, None))) => {
            report.pass("limits", &format!("counted in Valkey at {address}"));
        }
        Ok(Some((_, Some(problem)))) => report.fail("limits", &problem.to_string()),
        Err(error) => report.fail("limits", &error.to_string()),
    }
    match Assets::load(&config.assets.dir) {
        Ok(_) => report.pass("assets", &config.assets.dir.display().to_string()),
        Err(error) => report.fail("assets", &error),
    }
    match (&config.geo.ip_country_db, ip_countries(&config)) {
        (_, Err(error)) => report.fail("IP countries", &error.to_string()),
        (None, Ok(_)) => report.warn("IP countries", "geo.ip_country_db is not set: all unknown"),
        (Some(path), Ok(_)) => report.pass("IP countries", &path.display().to_string()),
    }
    let key_folder = config.keys.file.as_ref().map(|file| file.parent());
    if let (Some(folder), Some(database)) = (key_folder, config.store.file())
        && folder == database.parent()
    {
        report.warn(
            "key file",
            "lies beside the database: keep it elsewhere in production",
        );
    }
    if core_dumps::are_forbidden() {
        report.pass("core dumps", "forbidden");
    } else {
        report.fail("core dumps", "allowed: a crash would write keys to disk");
    }
    if let Some(database) = config.store.file() {
        check_database_mode(&mut report, database);
    }
    check_listeners(&mut report, &config);
    match report.failed {
        0 => Ok(()),
        count => Err(format!("{count} checks failed").into()),
    }
}

async fn inspect_data(
    report: &mut Report,
    store: &Store,
    keyring: Arc<Keyring>,
) -> Result<(), CliError> {
    let found = store
        .read(move |connection| vault::inspect(connection, &keyring))
        .await?;
    let whole = format!(
        "{} cards, {} submissions, {} customers",
        found.cards, found.submissions, found.customers
    );
    match found.first_damaged {
        None => report.pass("data", &format!("{whole}, all whole")),
        Some(id) => report.fail(
            "data",
            &format!(
                "{} rows are damaged, {id} first; {whole} are whole",
                found.damaged
            ),
        ),
    }
    Ok(())
}

fn check_listeners(report: &mut Report, config: &Config) {
    let listen = &config.listen;
    let plain = [
        ("public", config.tls_public.is_none()),
        (
            "console",
            config.tls_console.is_none() && listen.console.is_some(),
        ),
        ("private", config.tls_private.is_none()),
    ];
    for (name, _) in plain.into_iter().filter(|(_, is_plain)| *is_plain) {
        let from = match name == "public" && listen.plain_http_from_proxies {
            true => "from trusted proxies",
            false => "on loopback: for development only",
        };
        report.warn("listener", &format!("{name}: plain HTTP {from}"));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    match ListenersTls::open(config, &clock) {
        Err(error) => report.fail("certificates", &error.to_string()),
        Ok(all) => all
            .iter()
            .for_each(|tls| check_certificates(report, tls, clock.now())),
    }
}

fn check_certificates(report: &mut Report, tls: &ListenerTls, now: Timestamp) {
    for dated in tls.dated() {
        let (days_left, until) = (dated.days_left(now), dated.not_after.rfc3339());
        let line = format!(
            "{} {}: {days_left} days are left, until {until}",
            tls.name(),
            dated.option
        );
        match days_left {
            ..0 => report.fail("certificate", &format!("{line}: renew it")),
            0..=30 => report.warn("certificate", &format!("{line}: renew it")),
            _ => report.pass("certificate", &line),
        }
    }
    if tls.name() == "private" && !tls.requires_client_certificates() {
        match tls.takes_client_certificates() {
            true => report.pass(
                "listener",
                "private: callers may come without a certificate: client_certificates = \"optional\"",
            ),
            false => report.warn(
                "listener",
                "private: callers have no certificate: give tls_private.client_ca, with \
                 client_certificates = \"optional\" for those who have none",
            ),
        }
    }
}

fn check_database_mode(report: &mut Report, path: &Path) {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.mode() & 0o077 == 0 => {
            report.pass("database file", "for its owner only");
        }
        Ok(_) => report.warn(
            "database file",
            "readable by others than its owner: chmod 600 it",
        ),
        Err(error) => report.fail("database file", &error.to_string()),
    }
}

struct Report {
    failed: u32,
}

impl Report {
    fn pass(&mut self, check: &str, detail: &str) {
        self.line("pass", check, detail);
    }

    fn warn(&mut self, check: &str, detail: &str) {
        self.line("warn", check, detail);
    }

    fn fail(&mut self, check: &str, detail: &str) {
        self.line("fail", check, detail);
    }

    fn line(&mut self, verdict: &str, check: &str, detail: &str) {
        self.failed += u32::from(verdict == "fail");
        say(&format!("{verdict}  {check}: {detail}"));
    }
}
