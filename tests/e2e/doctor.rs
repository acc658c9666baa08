//! `verifier doctor` against installations that are not as they should be.

use std::{os::unix::fs::PermissionsExt, path::Path};

use serde_json::Value;
use waxseal_tests::write_assets;

use crate::scene::{ADD_SHOP, Scene, text};

/// Exit code and report.
fn doctor(scene: &Scene, more: &[&str], environment: &[(&str, &str)]) -> (i32, Value) {
    let args = [&["doctor", "--json"], more].concat();
    let output = scene.run(&args, environment);
    let report = serde_json::from_slice(&output.stdout);
    let code = output.status.code().unwrap();
    (
        code,
        report.unwrap_or_else(|_| panic!("{}", text(&output.stderr))),
    )
}

/// Whether the report has a line of that check with that verdict, whose detail has `wanted`.
#[track_caller]
fn assert_says(report: &Value, verdict: &str, check: &str, wanted: &str) {
    let checks = report["checks"].as_array().unwrap();
    let is_it = |line: &Value| {
        line["verdict"] == verdict
            && line["check"] == check
            && line["detail"].as_str().unwrap().contains(wanted)
    };
    assert!(checks.iter().any(is_it), "{verdict} {check}: {report:#}");
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_exit_code_says_whether_something_is_to_be_looked_at_or_has_failed() {
    let scene = Scene::new();
    let (code, report) = doctor(&scene, &[], &[]);
    assert_eq!((code, &report["verdict"]), (2, &"fail".into()));
    let dist = scene.path("dist");
    write_assets(&dist);
    let with_assets = [("WAXSEAL_VERIFIER__ASSETS__DIR", dist.to_str().unwrap())];
    let (code, report) = doctor(&scene, &[], &with_assets);
    assert_eq!(
        (code, &report["verdict"]),
        (1, &"warn".into()),
        "{report:#}"
    );
    assert_eq!(report["fail"], 0);
    let whole = report["checks"].as_array().unwrap();
    let count = |verdict: &str| {
        whole
            .iter()
            .filter(|line| line["verdict"] == verdict)
            .count()
    };
    for verdict in ["pass", "warn", "fail"] {
        assert_eq!(report[verdict], count(verdict));
    }
    std::fs::write(scene.path("waxseal.toml"), "[colour]\n").unwrap();
    let (code, report) = doctor(&scene, &[], &[]);
    assert_eq!(code, 2);
    assert_says(&report, "fail", "configuration", "colour");
}

#[test]
fn every_line_names_a_control() {
    let scene = Scene::new();
    let (_, report) = doctor(&scene, &[], &[]);
    for line in report["checks"].as_array().unwrap() {
        let controls = line["controls"].as_array().unwrap();
        assert!(!controls.is_empty(), "{line}");
    }
    let lines = text(&scene.run(&["doctor"], &[]).stdout);
    assert!(
        lines.contains("warn  retention: kept without end: give retention.submission_details_s, sessions_s, alerts_s [PCI DSS 3.2.1, "),
        "{lines}"
    );
}

#[test]
fn generous_options_are_named() {
    let scene = Scene::new();
    for (option, value, verdict, check) in [
        (
            "KEYS__SEALING_LIFETIME_S",
            "15552000",
            "warn",
            "key schedule",
        ),
        ("LIMITS__CLIENT_TOKEN_TTL_S", "1800", "warn", "token life"),
        (
            "LIMITS__REVEALS_PER_OPERATOR_HOUR",
            "5000",
            "warn",
            "limits",
        ),
        ("LIMITS__SIGN_IN_PER_S", "1000", "warn", "limits"),
        (
            "LISTEN__TRUSTED_PROXIES",
            "[\"0.0.0.0/0\"]",
            "fail",
            "proxies",
        ),
        (
            "LISTEN__TRUSTED_PROXIES",
            "[\"fd00::/8\"]",
            "warn",
            "proxies",
        ),
        ("RETENTION__ALERTS_S", "86400", "warn", "retention"),
    ] {
        let name = format!("WAXSEAL_VERIFIER__{option}");
        let line = |environment: &[(&str, &str)]| {
            let (_, report) = doctor(&scene, &[], environment);
            let checks = report["checks"].as_array().unwrap().clone();
            let is_it = |line: &&Value| line["check"] == check && line["verdict"] == verdict;
            checks.iter().filter(is_it).count()
        };
        let with = line(&[(name.as_str(), value)]);
        assert!(with > line(&[]), "{option}");
    }
}

#[test]
fn files_that_others_may_read_or_write_are_named() {
    let scene = Scene::new();
    let config = scene.path("waxseal.toml");
    chmod(&config, 0o666);
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "fail", "configuration file", "chmod go-w");
    let whole = std::fs::read_to_string(&config).unwrap();
    let with_password = whole.replace(
        "[cvc]",
        "[cvc]\nurl = \"rediss://:s3cret@valkey.invalid:6379\"",
    );
    std::fs::write(&config, with_password).unwrap();
    chmod(&config, 0o644);
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "fail", "configuration file", "holds a password");
    chmod(&config, 0o600);
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "warn", "configuration file", "holds a password");
    assert!(!report.to_string().contains("s3cret"));
    std::fs::write(&config, whole).unwrap();
    chmod(&scene.path("waxseal.sqlite"), 0o644);
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "warn", "database file", "chmod 600");
}

#[test]
fn keys_operators_and_secrets_that_are_too_old_or_too_weak_are_named() {
    let scene = Scene::new();
    assert!(scene.run(&ADD_SHOP, &[]).status.success());
    let hire = ["operators", "add", "--name", "Ann", "--role", "card_viewer"];
    assert!(scene.run(&hire, &[]).status.success());
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "pass", "key age", "");
    assert_says(&report, "pass", "clients", "1 in use, 1 of them");
    assert_says(&report, "warn", "operators", "by a secret alone");
    let database = rusqlite::Connection::open(scene.path("waxseal.sqlite")).unwrap();
    database
        .execute_batch(
            "UPDATE key SET activated_at = activated_at - 86400000 * 400;
             UPDATE client SET created_at = created_at - 86400000 * 400;
             UPDATE operator SET created_at = created_at - 86400000 * 400;
             INSERT INTO user_account (id, name, scopes, password_hash, failures, created_at)
                 VALUES ('usr_x', 'bob', 'keys:read', 'x', 0, 1);",
        )
        .unwrap();
    let (code, report) = doctor(&scene, &[], &[]);
    assert_eq!(code, 2);
    assert_says(&report, "fail", "key age", "sealing, in use for 400 days");
    assert_says(&report, "warn", "key age", "dek, in use for 400 days");
    assert_says(&report, "warn", "clients", "1 have had their secret");
    assert_says(&report, "warn", "operators", "1 have had their secret");
    assert_says(&report, "fail", "people", "1 operators sign in without");
    database
        .execute("UPDATE key SET created_at = created_at + 86400000", [])
        .unwrap();
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "fail", "clock", "behind");
}

#[test]
fn what_has_waited_too_long_for_a_signed_root_is_named() {
    let scene = Scene::new();
    assert!(scene.run(&["audit", "root"], &[]).status.code().is_some());
    assert!(scene.run(&ADD_SHOP, &[]).status.success());
    assert!(scene.run(&["audit", "root"], &[]).status.success());
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "pass", "audit", "0 hours old");
    let hire = ["operators", "add", "--name", "Ann", "--role", "card_viewer"];
    assert!(scene.run(&hire, &[]).status.success());
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "pass", "audit", "0 hours old");
    let database = rusqlite::Connection::open(scene.path("waxseal.sqlite")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER audit_never_changes;
             UPDATE audit SET at = at - 3 * 3600000 WHERE action = 'operator.added'",
        )
        .unwrap();
    let (code, report) = doctor(&scene, &[], &[]);
    assert_ne!(code, 0);
    assert_says(&report, "warn", "audit", "waits for one for 180 minutes");
}

#[test]
fn the_newest_backup_is_looked_at() {
    let scene = Scene::new();
    let folder = scene.path("backups");
    let named = ["--backups", folder.to_str().unwrap()];
    let (_, report) = doctor(&scene, &named, &[]);
    assert_says(&report, "fail", "backups", "No such file");
    std::fs::create_dir(&folder).unwrap();
    let (_, report) = doctor(&scene, &named, &[]);
    assert_says(&report, "fail", "backups", "holds none");
    let backup = folder.join("today.sqlite");
    let made = scene.run(&["backup", backup.to_str().unwrap()], &[]);
    assert!(made.status.success());
    let (_, report) = doctor(&scene, &named, &[]);
    assert_says(&report, "pass", "backups", "0 hours old");
    assert_says(&report, "warn", "backups", "keep a copy elsewhere");
    for (hours, verdict) in [(30, "warn"), (200, "fail")] {
        let then = std::fs::metadata(&backup).unwrap().modified().unwrap();
        let then = then - std::time::Duration::from_secs(hours * 3600);
        let file = std::fs::File::options().write(true).open(&backup).unwrap();
        file.set_modified(then).unwrap();
        let (_, report) = doctor(&scene, &named, &[]);
        assert_says(&report, verdict, "backups", "hours old");
    }
    let (_, report) = doctor(&scene, &[], &[]);
    assert_says(&report, "warn", "backups", "not looked at");
}
