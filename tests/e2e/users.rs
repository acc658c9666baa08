//! `verifier users`, `programs` and `client-auth` as whoever runs the verifier meets them.

use std::process::Output;

use serde_json::{Value, json};

use crate::scene::{ADD_SHOP, Scene, run_with_input, text};

const PASSWORD: &str = "correct horse battery staple";
const ADD: [&str; 7] = [
    "users",
    "add",
    "--name",
    "ann",
    "--scope",
    "keys:read",
    "--json",
];

/// Runs a command that reads a password.
fn run_with(scene: &Scene, args: &[&str], password: &str) -> Output {
    run_with_input(scene, args, &format!("{password}\n"))
}

fn json_lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn somebody_is_added_locked_out_and_let_in_and_nothing_secret_is_shown_twice() {
    let scene = Scene::new();
    let added = run_with(&scene, &ADD, PASSWORD);
    let [added] = json_lines(&added).try_into().unwrap();
    let factor = added["second_factor"].as_str().unwrap();
    assert!(
        factor.starts_with("otpauth://totp/Waxseal:ann?secret="),
        "{factor}"
    );
    let (_, seed) = factor.split_once("secret=").unwrap();
    let seed = seed.split('&').next().unwrap();
    let list = || scene.run(&["users", "list", "--json"], &[]);
    let [listed] = json_lines(&list()).try_into().unwrap();
    assert_eq!(listed["id"], added["user_id"]);
    assert_eq!(
        (&listed["name"], &listed["scopes"]),
        (&json!("ann"), &json!(["keys:read"]))
    );
    for secret in [seed, PASSWORD] {
        assert!(!text(&list().stdout).contains(secret));
    }
    for (command, is_locked) in [("lock", true), ("unlock", false)] {
        assert!(scene.run(&["users", command, "ann"], &[]).status.success());
        assert_eq!(json_lines(&list())[0]["locked_at"].is_string(), is_locked);
    }
    assert!(
        run_with(
            &scene,
            &["users", "password", "ann"],
            "another horse battery"
        )
        .status
        .success()
    );
    let renewed = scene.run(&["users", "second-factor", "ann"], &[]);
    assert!(text(&renewed.stdout).contains("otpauth://") && !text(&renewed.stdout).contains(seed));
}

#[test]
fn what_is_unfit_is_refused_in_one_line() {
    let scene = Scene::new();
    let with = |at: usize, value: &'static str| {
        let mut args = ADD;
        args[at] = value;
        args
    };
    for (args, password, wanted) in [
        (ADD, "eleven char", "12 characters"),
        (ADD, "", "12 characters"),
        (
            with(3, "annabel"),
            "I am Annabel and so on",
            "the person's name",
        ),
        (with(3, " "), PASSWORD, "--name"),
        (with(5, "cards:read"), PASSWORD, "--scope"),
        (with(5, "everything"), PASSWORD, "--scope"),
    ] {
        let refused = run_with(&scene, &args, password);
        let stderr = text(&refused.stderr);
        assert!(
            !refused.status.success() && stderr.contains(wanted),
            "{stderr}"
        );
        assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    }
    let unknown = [&with(5, "cards:read")[..6], &["--merchant", "mch_test_1"]].concat();
    assert!(text(&run_with(&scene, &unknown, PASSWORD).stderr).contains("merchants list"));
    assert!(scene.run(&["users", "list"], &[]).stdout.is_empty());
    assert!(run_with(&scene, &ADD, PASSWORD).status.success());
    assert!(text(&run_with(&scene, &ADD, PASSWORD).stderr).contains("already"));
    assert!(!scene.run(&["users", "lock", "bob"], &[]).status.success());
}

#[test]
fn programs_are_added_for_uris_of_their_own_and_revoked() {
    let scene = Scene::new();
    let add = |uri: &str, scope: &str| {
        let args = [
            "programs",
            "add",
            "--name",
            "P",
            "--redirect-uri",
            uri,
            "--scope",
            scope,
            "--json",
        ];
        scene.run(&args, &[])
    };
    for (uri, scope, wanted) in [
        ("http://app.example/callback", "keys:read", "--redirect-uri"),
        (
            "https://app.example/callback#x",
            "keys:read",
            "--redirect-uri",
        ),
        ("https://app.example/callback", "everything", "--scope"),
    ] {
        let refused = add(uri, scope);
        assert!(!refused.status.success() && text(&refused.stderr).contains(wanted));
    }
    let [added] = json_lines(&add("https://app.example/callback", "keys:read"))
        .try_into()
        .unwrap();
    let id = added["client_id"].as_str().unwrap();
    let list = || json_lines(&scene.run(&["programs", "list", "--json"], &[]));
    assert_eq!(
        list()[0]["redirect_uris"],
        json!(["https://app.example/callback"])
    );
    assert!(scene.run(&["programs", "revoke", id], &[]).status.success());
    assert!(list()[0]["revoked_at"].is_string());
    assert!(!scene.run(&["programs", "revoke", id], &[]).status.success());
}

#[test]
fn a_server_is_registered_with_public_keys_or_certificates_alone() {
    let scene = Scene::new();
    let [shop] = json_lines(&scene.run(&ADD_SHOP, &[])).try_into().unwrap();
    let id = shop["client_id"].as_str().unwrap();
    let jwks = scene.path("jwks.json");
    let path = jwks.to_str().unwrap();
    std::fs::write(&jwks, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#).unwrap();
    let digest = "A".repeat(43);
    for (args, is_taken) in [
        (vec!["--jwks", path], false),
        (vec!["--certificate-digest", "A"], false),
        (
            vec!["--certificate-digest", digest.as_str(), "--secret"],
            false,
        ),
        (vec![], false),
        (vec!["--certificate-digest", digest.as_str()], true),
        (vec!["--secret"], true),
    ] {
        let changed = scene.run(&[&["client-auth", id], &args[..]].concat(), &[]);
        assert_eq!(
            changed.status.success(),
            is_taken,
            "{args:?}: {}",
            text(&changed.stderr)
        );
        if is_taken {
            let list = scene.run(&["clients", "list", "--json"], &[]);
            let [listed] = json_lines(&list).try_into().unwrap();
            let wanted = match args.contains(&"--secret") {
                true => Value::Null,
                false => "self_signed_tls_client_auth".into(),
            };
            assert_eq!(listed["token_auth"], wanted);
        }
    }
    assert!(
        !scene
            .run(&["client-auth", "cli_test_1", "--secret"], &[])
            .status
            .success()
    );
}
