//! `verifier operators` as whoever runs the verifier meets it.

use serde_json::Value;

use crate::scene::{Scene, text};

const ADD: [&str; 6] = ["operators", "add", "--name", "Ann", "--scope", "keys:read"];

fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = text(bytes);
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn an_operator_is_added_listed_and_revoked_and_its_secret_is_shown_once() {
    let scene = Scene::new();
    let added = scene.run(
        &[&ADD[..], &["--scope", "cards:reveal", "--json"]].concat(),
        &[],
    );
    let [added] = lines(&added.stdout).try_into().unwrap();
    let id = added["operator_id"].as_str().unwrap();
    let secret = added["operator_secret"].as_str().unwrap();
    assert!(id.starts_with("opr_") && secret.starts_with("wxs_"));

    let list = || scene.run(&["operators", "list", "--json"], &[]).stdout;
    let [listed] = lines(&list()).try_into().unwrap();
    assert_eq!(
        (&listed["id"], &listed["name"]),
        (&id.into(), &"Ann".into())
    );
    assert_eq!(
        listed["scopes"],
        serde_json::json!(["cards:reveal", "keys:read"])
    );
    assert!(listed["revoked_at"].is_null() && !text(&list()).contains(secret));

    assert!(
        scene
            .run(&["operators", "revoke", id], &[])
            .status
            .success()
    );
    assert!(lines(&list())[0]["revoked_at"].is_string());
    let again = scene.run(&["operators", "revoke", id], &[]);
    assert!(!again.status.success());
    assert!(text(&again.stderr).contains("operators list"));
    assert_eq!(text(&again.stderr).lines().count(), 1);
}

#[test]
fn an_operator_gets_no_merchants_scope_and_some_scope() {
    let scene = Scene::new();
    for wrong in ["cards:read", "sessions:write", "everything", ""] {
        let mut args = ADD;
        args[5] = wrong;
        let refused = scene.run(&args, &[]);
        assert!(!refused.status.success(), "{wrong}");
        assert!(text(&refused.stderr).contains("cards:reveal"), "{wrong}");
    }
    assert!(!scene.run(&ADD[..4], &[]).status.success());
    let mut args = ADD;
    args[3] = " ";
    assert!(text(&scene.run(&args, &[]).stderr).contains("--name"));
    assert!(scene.run(&["operators", "list"], &[]).stdout.is_empty());
}
