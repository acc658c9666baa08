//! `verifier audit` as whoever runs the verifier meets it.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use waxseal_tests::Database;

use crate::{
    scene::{ADD_SHOP, Scene, text},
    server::Server,
};

/// Exit code and standard output.
fn audit(scene: &Scene, args: &[&str]) -> (i32, String) {
    let output = scene.run(&[&["audit"], args].concat(), &[]);
    (output.status.code().unwrap(), text(&output.stdout))
}

#[test]
fn entries_are_printed_as_json_or_cef_from_a_time_on() {
    let scene = Scene::new();
    assert!(scene.run(&ADD_SHOP, &[]).status.success());
    let (code, printed) = audit(&scene, &["export", "--format", "jsonl"]);
    let entries: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let has = |action: &str| entries.iter().any(|entry| entry["action"] == action);
    assert!(
        code == 0 && has("merchant.created") && has("client.created"),
        "{printed}"
    );
    let (code, cef) = audit(&scene, &["export", "--format", "cef"]);
    assert_eq!((code, cef.lines().count()), (0, entries.len()));
    assert!(
        cef.lines()
            .all(|line| line.starts_with("CEF:0|Waxseal|verifier|"))
    );
    let since = |time: &str| audit(&scene, &["export", "--format", "jsonl", "--since", time]);
    assert_eq!(since("2999-01-01T00:00:00Z"), (0, String::new()));
    assert_eq!(since("2000-01-01T00:00:00Z"), (0, printed));
    assert_ne!(since("yesterday").0, 0);
}

#[test]
fn roots_are_signed_and_what_was_changed_is_named() {
    let scene = Scene::new();
    // Of the keys that came with it.
    let (code, first) = audit(&scene, &["root"]);
    assert_eq!((code, first.lines().count()), (0, 1), "{first}");
    let nothing_since = audit(&scene, &["root"]);
    assert_eq!(nothing_since, (1, String::new()));
    for name in ["Ann", "Bob"] {
        let add = ["operators", "add", "--name", name, "--scope", "keys:read"];
        assert!(scene.run(&add, &[]).status.success());
    }
    let (code, root) = audit(&scene, &["root"]);
    assert_eq!((code, root.lines().count()), (0, 1), "{root}");
    let (code, keys) = audit(&scene, &["keys"]);
    assert_eq!(code, 0);
    let (roots, jwks) = (scene.path("roots"), scene.path("keys.json"));
    std::fs::write(&roots, first + &root).unwrap();
    std::fs::write(&jwks, &keys).unwrap();
    let (roots, jwks) = (roots.to_str().unwrap(), jwks.to_str().unwrap());
    let (code, said) = audit(&scene, &["verify", "--roots", roots]);
    assert!(code == 0 && said.contains("2 roots"), "{said}");
    // Nothing is past its retention.
    assert_eq!(
        audit(&scene, &["prune"]),
        (0, "removed 0 entries\n".to_owned())
    );
    let file = scene.path("waxseal.sqlite");
    Database::Sqlite(file.clone()).run(&[
        "DROP TRIGGER audit_never_changes",
        "UPDATE audit SET action = 'operator.revoked' WHERE chain = 0 AND seq = 2",
    ]);
    let offline = [
        "verify",
        "--database",
        file.to_str().unwrap(),
        "--keys",
        jwks,
    ];
    for args in [&["verify"][..], &offline] {
        let (code, said) = audit(&scene, args);
        let named = "installation chain 0 entry 2: was changed or put there";
        assert!(code == 1 && said.starts_with(named), "{code} {said}");
    }
}

#[test]
fn an_answer_that_nobody_wants_or_that_cannot_be_written_ends_the_command() {
    let scene = Scene::new();
    assert!(scene.run(&ADD_SHOP, &[]).status.success());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let (end, pipe) = std::io::pipe().unwrap();
    drop(end);
    let export = ["audit", "export", "--format", "jsonl"];
    for (to, code, says) in [
        (std::process::Stdio::from(pipe), 141, ""),
        (full.unwrap().into(), 1, "the answer cannot be written"),
    ] {
        let output = scene.command(&export, &[]).stdout(to).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(says) && !said.contains("panicked"), "{said}");
        assert_eq!(said.is_empty(), says.is_empty(), "{said}");
    }
}

#[test]
fn a_running_verifier_passes_on_by_which_configuration_it_was_started() {
    let scene = Scene::new();
    let path = scene.path("audit.jsonl");
    let export = format!("{{ file = '{}' }}", path.display());
    let option = ("WAXSEAL_VERIFIER__AUDIT__EXPORT", export.as_str());
    let _server = Server::start_in(scene, &ADD_SHOP, &[option]);
    let until = Instant::now() + Duration::from_secs(20);
    let line = loop {
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let mut lines = written.lines();
        if let Some(line) = lines.find(|line| line.contains("configuration.started")) {
            break line.to_owned();
        }
        assert!(Instant::now() < until, "{written}");
        sleep(Duration::from_millis(50));
    };
    let entry: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(entry["subject"].as_str().unwrap().len(), 43);
}

#[test]
fn a_start_by_another_configuration_names_the_sections_and_no_value() {
    let mut scene = Scene::new();
    let changed = |scene: &Scene| {
        let (code, printed) = audit(scene, &["export", "--format", "jsonl"]);
        assert_eq!(code, 0);
        let entries = printed
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let changed = entries.filter(|entry: &Value| entry["action"] == "configuration.changed");
        changed
            .map(|entry| entry["reason"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let rule = ("WAXSEAL_VERIFIER__ALERTS__TRAVEL_KM", "501");
    let held = ("WAXSEAL_VERIFIER__CVC__HOLD_S", "899");
    for (options, wanted) in [
        (&[][..], &[][..]),
        (&[], &[]),
        (&[rule], &["alerts"]),
        (&[rule], &["alerts"]),
        (&[held], &["alerts", "alerts cvc"]),
    ] {
        let mut server = Server::start_in(scene, &ADD_SHOP, options);
        server.stop();
        scene = std::mem::replace(&mut server.scene, Scene::new());
        assert_eq!(changed(&scene), wanted, "{options:?}");
    }
    // A copy of the database is a privileged operation.
    let copy = scene.path("copy");
    let output = scene.run(&["backup", copy.to_str().unwrap()], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let (_, printed) = audit(&scene, &["export", "--format", "jsonl"]);
    assert!(printed.contains("\"database.copied\""), "{printed}");
}
