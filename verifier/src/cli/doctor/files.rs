//! Files, who may read them, and what lies beside what.

use std::{os::unix::fs::MetadataExt, path::Path};

use super::{check::Check, report::Report};
use crate::config::Config;

pub(super) fn look(report: &mut Report, path: &Path, config: &Config) {
    configuration(report, path);
    key_file(report, config);
    if let Some(database) = config.store.file() {
        database_files(report, database);
    }
    erase_ledger(report, config);
}

/// A password may stand in it, in an address.
fn configuration(report: &mut Report, path: &Path) {
    let mode = std::fs::metadata(path).map(|metadata| metadata.mode());
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let has_password = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .any(holds_a_password);
    match mode {
        Err(error) => report.fail(Check::ConfigurationFile, error.to_string()),
        Ok(mode) if mode & 0o022 != 0 => report.fail(
            Check::ConfigurationFile,
            "others than its owner may change it: chmod go-w",
        ),
        Ok(mode) if has_password && mode & 0o077 != 0 => report.fail(
            Check::ConfigurationFile,
            "holds a password and others may read it: chmod 600, or give the address in the environment",
        ),
        Ok(_) if has_password => report.warn(
            Check::ConfigurationFile,
            "holds a password: better given in the environment",
        ),
        Ok(_) => report.pass(
            Check::ConfigurationFile,
            "its owner alone may change it, and it holds no password",
        ),
    }
}

/// `url = "scheme://user:password@host"`
fn holds_a_password(line: &str) -> bool {
    let Some((_, after)) = line.split_once("://") else {
        return false;
    };
    let authority = after.split(['/', '"', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':')) || after.contains("password=")
}

fn key_file(report: &mut Report, config: &Config) {
    let keys = &config.keys;
    if keys.pkcs11.is_some() {
        report.pass(
            Check::KeyFile,
            "none: the key lies in a hardware security module",
        );
        return;
    }
    let Some(file) = &keys.file else {
        report.pass(Check::KeyFile, "none: the key comes from the environment");
        return;
    };
    match config.store.file() {
        Some(database) if database.parent() == file.parent() => report.warn(
            Check::KeyFile,
            "lies beside the database: keep it elsewhere in production",
        ),
        // Whether others may read it is asked when it is opened.
        _ => report.pass(Check::KeyFile, "lies apart from the database"),
    }
}

fn database_files(report: &mut Report, database: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = database.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::metadata(&file) {
            Ok(metadata) if metadata.mode() & 0o077 == 0 => {}
            Ok(_) => {
                let file = Path::new(&file).display();
                report.warn(
                    Check::DatabaseFile,
                    format!("{file} is readable by others than its owner: chmod 600 it"),
                );
                return;
            }
            Err(_) if !suffix.is_empty() => {}
            Err(error) => {
                report.fail(Check::DatabaseFile, error.to_string());
                return;
            }
        }
    }
    report.pass(Check::DatabaseFile, "for its owner only");
}

fn erase_ledger(report: &mut Report, config: &Config) {
    let Ok(ledger) = config.erase_ledger() else {
        return;
    };
    match std::fs::metadata(ledger) {
        Ok(metadata) if metadata.mode() & 0o077 != 0 => report.warn(
            Check::EraseLedger,
            "readable by others than its owner: chmod 600 it",
        ),
        Ok(_) => report.pass(Check::EraseLedger, ledger.display().to_string()),
        // The verifier makes it when it starts; where it is gone, a backup brings back what was erased.
        Err(_) => report.warn(
            Check::EraseLedger,
            format!(
                "{} is not there: right before the first start, else bring it back",
                ledger.display()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::holds_a_password;

    #[test]
    fn a_password_in_an_address_is_seen() {
        for (line, wanted) in [
            ("url = \"rediss://:s3cret@valkey.example:6379\"", true),
            (
                "url = \"postgres://u:p@db.example/w?sslmode=require\"",
                true,
            ),
            ("url = \"postgres://u@db.example/w?password=p\"", true),
            ("url = \"postgres://u@db.example/w?sslmode=require\"", false),
            ("public_origin = \"http://localhost:8787\"", false),
            ("cert = \"public.crt\"", false),
        ] {
            assert_eq!(holds_a_password(line), wanted, "{line}");
        }
    }
}
