//! Backups: how old the newest is, who may read it, and whether it lies where the database does.

use std::{fs::Metadata, io, os::unix::fs::MetadataExt, path::Path};

use super::{
    check::Check,
    report::{Report, Verdict},
};
use crate::{clock::Timestamp, config::Config};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// Hours within which a backup is made, if it is made every day.
const DAILY_H: i64 = 26;
/// Hours after which it is none any more.
const WEEKLY_H: i64 = 7 * 24;

pub(super) fn look(report: &mut Report, config: &Config, folder: Option<&Path>, now: Timestamp) {
    let Some(folder) = folder else {
        report.warn(
            Check::Backups,
            "not looked at: name their folder with --backups",
        );
        return;
    };
    let newest = match newest(folder) {
        Ok(Some(newest)) => newest,
        Ok(None) => {
            report.fail(Check::Backups, format!("{} holds none", folder.display()));
            return;
        }
        Err(error) => {
            report.fail(Check::Backups, format!("{}: {error}", folder.display()));
            return;
        }
    };
    let hours = (now.millis() - newest.mtime().saturating_mul(1000)) / HOUR_MS;
    let line = format!("the newest is {hours} hours old");
    let verdict = match hours {
        _ if hours <= DAILY_H => Verdict::Pass,
        _ if hours <= WEEKLY_H => Verdict::Warn,
        _ => Verdict::Fail,
    };
    report.line(verdict, Check::Backups, line);
    if newest.mode() & 0o077 != 0 {
        report.warn(
            Check::Backups,
            "the newest is readable by others than its owner: chmod 600 it",
        );
    }
    let database = config.store.file().map(std::fs::metadata);
    if database.is_some_and(|found| found.is_ok_and(|found| found.dev() == newest.dev())) {
        report.warn(
            Check::Backups,
            "on the disk that the database is on: keep a copy elsewhere",
        );
    }
}

/// The file that was changed last.
fn newest(folder: &Path) -> io::Result<Option<Metadata>> {
    let mut newest: Option<Metadata> = None;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let is_partial = entry.path().extension().is_some_and(|end| end == "partial");
        let is_newer = newest
            .as_ref()
            .is_none_or(|other| other.mtime() < metadata.mtime());
        if metadata.is_file() && !is_partial && is_newer {
            newest = Some(metadata);
        }
    }
    Ok(newest)
}
