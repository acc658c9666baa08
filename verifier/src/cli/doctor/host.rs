//! The machine: whether memory may get to a disk, room on the disks, and the way to the database.

use std::path::Path;

use super::{super::core_dumps, check::Check, report::Report};
use crate::{config::Config, store::Location};

const MIB: u64 = 1024 * 1024;
/// With less the store may stop at any time.
const LEAST: u64 = 256 * MIB;
/// With less somebody should make room.
const ENOUGH: u64 = 2 * 1024 * MIB;

pub(super) fn look(report: &mut Report, config: &Config) {
    if core_dumps::are_forbidden() {
        report.pass(Check::CoreDumps, "forbidden");
    } else {
        report.fail(
            Check::CoreDumps,
            "allowed: a crash would write keys to disk",
        );
    }
    swap(
        report,
        &std::fs::read_to_string("/proc/swaps").unwrap_or_default(),
    );
    let ledger = config.erase_ledger().ok();
    let places = [("database", config.store.file()), ("erase ledger", ledger)];
    for (name, path) in places {
        if let Some(folder) = path.and_then(Path::parent) {
            let is_here = folder.as_os_str().is_empty();
            disk_space(report, name, if is_here { Path::new(".") } else { folder });
        }
    }
    database(report, config);
}

/// `/proc/swaps`: a headline, then a line for each device or file.
fn swap(report: &mut Report, table: &str) {
    let devices: Vec<_> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    // What is compressed in memory goes to no disk.
    let on_disk: Vec<_> = devices
        .into_iter()
        .filter(|device| !device.starts_with("/dev/zram"))
        .collect();
    if on_disk.is_empty() {
        report.pass(Check::Swap, "memory goes to no disk");
    } else {
        report.warn(
            Check::Swap,
            format!(
                "memory may go to {}: encrypt it, or give the unit MemorySwapMax=0",
                on_disk.join(", ")
            ),
        );
    }
}

fn disk_space(report: &mut Report, name: &str, folder: &Path) {
    let free = match rustix::fs::statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            report.fail(
                Check::DiskSpace,
                format!("{name}: {}: {error}", folder.display()),
            );
            return;
        }
    };
    let line = format!("{name}: {} MiB are free", free / MIB);
    match free {
        ..LEAST => report.fail(Check::DiskSpace, line),
        LEAST..ENOUGH => report.warn(Check::DiskSpace, line),
        _ => report.pass(Check::DiskSpace, line),
    }
}

/// An address without TLS to another machine is no configuration.
fn database(report: &mut Report, config: &Config) {
    match config.store.location() {
        Ok(Location::Sqlite(_)) => report.pass(Check::Database, "a file: no way to protect"),
        Ok(Location::Postgres(url)) => {
            let how = if url.is_encrypted() {
                "over TLS 1.3, its certificate checked"
            } else {
                "on this machine, without TLS"
            };
            report.pass(Check::Database, format!("{url} {how}"));
        }
        Err(error) => report.fail(Check::Database, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::report::Verdict, *};

    #[test]
    fn swap_on_a_disk_is_told_from_swap_in_memory() {
        for (rows, wanted) in [
            ("", Verdict::Pass),
            ("/dev/zram0 partition 100 0 100\n", Verdict::Pass),
            ("/swapfile file 100 0 -2\n", Verdict::Warn),
        ] {
            let mut report = Report::default();
            swap(
                &mut report,
                &format!("Filename Type Size Used Priority\n{rows}"),
            );
            assert_eq!(report.verdicts(), [wanted], "{rows}");
        }
    }
}
