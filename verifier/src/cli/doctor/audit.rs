//! The audit: whether its newest root is signed by a key that there is, and kept apart from the database.

use std::path::Path;

use super::{check::Check, report::Report};
use crate::{
    audit::{RootFile, RootKeys},
    clock::Timestamp,
    config::Config,
    keys::SharedKeyring,
    store::{Store, StoreError, audit::roots},
};

const HOUR_MS: i64 = 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;
/// Intervals after which a root that should be there is missed.
const LATE: i64 = 3;

pub(super) async fn look(
    report: &mut Report,
    config: &Config,
    store: &Store,
    keyring: &SharedKeyring,
    now: Timestamp,
) -> Result<(), StoreError> {
    let audit = &config.audit;
    if audit.roots_file.is_none() && audit.roots_url.is_none() {
        report.warn(
            Check::Audit,
            "signed roots are in the database alone: give audit.roots_file or audit.roots_url",
        );
    }
    let Some((number, signed)) = store.read(roots::last).await? else {
        report.warn(Check::Audit, "no root is signed yet: `verifier audit root`");
        return Ok(());
    };
    let keys = RootKeys::of(&keyring.current());
    match keys.signed_at(&signed) {
        None => report.fail(
            Check::Audit,
            format!("root {number} was not signed by any of the keys: `verifier audit verify`"),
        ),
        Some(at) => {
            let hours = (now.millis() - at.millis()) / HOUR_MS;
            let unsigned_since = store.read(roots::unsigned_since).await?;
            let late_ms = LATE * i64::from(audit.root_every_s) * 1000;
            let waits_ms = unsigned_since.map_or(0, |since| now.millis() - since.millis());
            match waits_ms > late_ms {
                false => {
                    report.pass(Check::Audit, format!("root {number} is {hours} hours old"));
                }
                true => report.warn(
                    Check::Audit,
                    format!(
                        "root {number} is {hours} hours old, and what was logged since waits for one for {} minutes: \
                         is a verifier running?",
                        waits_ms / MINUTE_MS
                    ),
                ),
            }
        }
    }
    if let Some(path) = &audit.roots_file {
        compare(report, path, number, &signed);
    }
    Ok(())
}

/// The file has what the database has.
fn compare(report: &mut Report, path: &Path, number: u64, signed: &str) {
    let text = std::fs::read_to_string(path);
    let last = match text.as_deref().map(RootFile::parse) {
        Err(error) => {
            report.fail(Check::Audit, format!("{}: {error}", path.display()));
            return;
        }
        Ok(Err(line)) => {
            let detail = format!("{}: line {line} is no root", path.display());
            report.fail(Check::Audit, detail);
            return;
        }
        Ok(Ok(roots)) => roots.into_iter().next_back(),
    };
    match last {
        Some(last) if last.number == number && last.signed == signed => {}
        Some(last) if last.number < number => report.warn(
            Check::Audit,
            format!(
                "{} ends with root {} of {number}",
                path.display(),
                last.number
            ),
        ),
        None => report.warn(Check::Audit, format!("{} has no root", path.display())),
        Some(_) => report.fail(
            Check::Audit,
            format!(
                "{} has another root {number}: `verifier audit verify --roots`",
                path.display()
            ),
        ),
    }
}
