//! Whatever changes something leaves an entry: each command of the program that does is here, with how it is called.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use waxseal_tests::verifier_binary;

use crate::scene::{Scene, run_with_input, text};

/// Commands that change nothing of an installation, or files of their own only.
const WITHOUT: [&str; 34] = [
    "alerts list",
    "audit export",
    "audit keys",
    "audit root",
    "audit verify",
    "clients list",
    "config check",
    "config reference",
    "doctor",
    "keys list",
    "lists entries",
    "lists list",
    "merchants list",
    "migrate",
    "model evaluate",
    "model import",
    "model list",
    "model simulate",
    "model train",
    "openapi",
    "operators list",
    "pki init",
    "pki issue",
    "pki renew",
    "pki revoke",
    "programs list",
    "risk replay",
    "rules backtest",
    "rules check",
    "rules list",
    "rules show",
    "seal-cards",
    "users list",
    "vault-key show",
];

/// What has a test of its own that looks for the entry, and which that is.
const ELSEWHERE: [(&str, &str); 9] = [
    ("audit prune", "api audit::pruning"),
    ("erase-again", "e2e restore"),
    ("export", "e2e migration"),
    ("import", "e2e migration"),
    ("model add", "e2e model"),
    ("model challenger", "e2e model"),
    ("model use", "e2e model"),
    ("restore", "e2e restore"),
    ("serve", "e2e audit"),
];

/// A command, what follows it, the entry's action, and the name of what it printed or is listed as that later ones use:
/// `{name}` stands for that. An answer's last JSON line has it under its second name.
type Step = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const STEPS: [Step; 38] = [
    ("init", "--assets dist", "key.made", &[]),
    (
        "merchants add",
        "--name Shop --origin https://shop.example --json",
        "merchant.created",
        &[("merchant", "merchant_id"), ("client", "client_id")],
    ),
    (
        "clients add",
        "--merchant {merchant} --role support --json",
        "client.created",
        &[("second", "client_id")],
    ),
    (
        "clients allow",
        "{second} 192.0.2.0/24",
        "client.networks_changed",
        &[],
    ),
    (
        "clients bind",
        "{second} --certificate-name dns:a.example",
        "client.certificate_bound",
        &[],
    ),
    (
        "clients unbind",
        "{second} dns:a.example --allow-secret",
        "client.certificate_unbound",
        &[],
    ),
    ("clients rotate", "{second}", "client.secret_rotated", &[]),
    (
        "client-auth",
        "{client} --certificate-digest {digest}",
        "client.auth_changed",
        &[],
    ),
    ("clients revoke", "{second}", "client.revoked", &[]),
    (
        "operators add",
        "--name Ann --role card_viewer --json",
        "operator.added",
        &[("operator", "operator_id")],
    ),
    ("operators revoke", "{operator}", "operator.revoked", &[]),
    (
        "users add",
        "--name ann --scope keys:read --json",
        "user.added",
        &[],
    ),
    (
        "users bind",
        "ann --issuer https://id.example --subject 7",
        "user.bound",
        &[],
    ),
    (
        "users unbind",
        "ann --issuer https://id.example --subject 7",
        "user.unbound",
        &[],
    ),
    ("users lock", "ann", "user.locked", &[]),
    ("users unlock", "ann", "user.unlocked", &[]),
    ("users password", "ann", "user.password_changed", &[]),
    (
        "users second-factor",
        "ann",
        "user.second_factor_changed",
        &[],
    ),
    (
        "programs add",
        "--name Books --redirect-uri https://books.example/back --scope keys:read --json",
        "program.added",
        &[("program", "client_id")],
    ),
    ("programs revoke", "{program}", "program.revoked", &[]),
    ("lists create", "vip --kind text", "list.created", &[]),
    (
        "lists add",
        "vip abc --reason known --days 9",
        "list.entry_put",
        &[],
    ),
    ("lists remove", "vip {entry}", "list.entry_removed", &[]),
    ("lists delete", "vip", "list.deleted", &[]),
    (
        "rules add",
        "{rules_file} --note Tried",
        "rules.created",
        &[("rules", "id")],
    ),
    ("rules shadow", "{rules}", "rules.shadowed", &[]),
    ("rules activate", "{rules}", "rules.activated", &[]),
    ("rules rollback", "", "rules.rolled_back", &[]),
    ("alerts acknowledge", "{alert}", "alert.acknowledged", &[]),
    ("alerts close", "{alert}", "alert.closed", &[]),
    ("vault-key create", "--mode test", "key.made", &[]),
    (
        "keys rotate",
        "--purpose sealing --mode test --at-once",
        "key.activated",
        &[],
    ),
    ("keys retire", "{sealing}", "key.retired", &[]),
    (
        "keys rotate",
        "--purpose sealing --mode live --at-once",
        "key.made",
        &[],
    ),
    ("keys revoke", "{live_sealing}", "key.revoked", &[]),
    ("keys destroy", "{live_sealing}", "key.destroyed", &[]),
    ("keys rewrap", "--to {key_file}", "key.rewrapped", &[]),
    ("backup", "{backup}", "database.copied", &[]),
];

/// Where people may be bound to.
const PROVIDER: &str = r#"
[[identity_providers]]
name = "id"
issuer = "https://id.example"
client_id = "waxseal"
client_secret_file = "secret"
"#;

#[test]
fn every_command_is_here_with_its_entry_or_changes_nothing() {
    let mut commands = BTreeSet::new();
    leaves(&[], &mut commands);
    let steps = STEPS.iter().map(|step| step.0);
    let elsewhere = ELSEWHERE.iter().map(|(command, _)| *command);
    let here = WITHOUT.into_iter().chain(steps).chain(elsewhere);
    let here: BTreeSet<String> = here.map(str::to_owned).collect();
    assert_eq!(commands, here);
}

/// The commands below one, by its help.
fn leaves(command: &[&str], found: &mut BTreeSet<String>) {
    let asked = std::process::Command::new(verifier_binary())
        .args(command)
        .arg("--help")
        .output();
    let help = text(&asked.unwrap().stdout);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<_> = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    if names.is_empty() {
        found.insert(command.join(" "));
    }
    for name in names {
        leaves(&[command, &[name]].concat(), found);
    }
}

#[test]
fn every_command_that_changes_something_leaves_its_entry() {
    let scene = Scene::new();
    std::fs::write(scene.path("secret"), "secret").unwrap();
    let mut configuration = std::fs::read_to_string(scene.path("waxseal.toml")).unwrap();
    configuration.push_str(PROVIDER);
    std::fs::write(scene.path("waxseal.toml"), configuration).unwrap();
    let mut known: HashMap<String, String> = HashMap::new();
    let rules = "rule \"a\" when session.amount_minor else 0 > 5 then flag reason a";
    std::fs::write(scene.path("new.rules"), rules).unwrap();
    let files = [
        ("key_file", "other.key"),
        ("backup", "copy"),
        ("rules_file", "new.rules"),
    ];
    for (name, file) in files {
        known.insert(
            name.to_owned(),
            scene.path(file).to_str().unwrap().to_owned(),
        );
    }
    known.insert("digest".to_owned(), "ab".repeat(32));
    let mut seen: Vec<String> = Vec::new();
    for (command, rest, action, keeps) in STEPS {
        learn(&scene, command, &mut known);
        let mut line = format!("{command} {rest}");
        for (name, value) in &known {
            line = line.replace(&format!("{{{name}}}"), value);
        }
        // Scenes are initialised as they are made.
        if command != "init" {
            let args: Vec<_> = line.split_whitespace().collect();
            let output = run_with_input(&scene, &args, "correct horse battery staple\n");
            assert!(output.status.success(), "{line}: {}", text(&output.stderr));
            let answer = text(&output.stdout);
            let answer = answer.lines().last().map(serde_json::from_str::<Value>);
            for (name, printed) in keeps {
                let answer = answer.as_ref().unwrap().as_ref().unwrap();
                let value = answer[printed].as_str().unwrap().to_owned();
                known.insert((*name).to_owned(), value);
            }
        }
        if command == "keys rewrap" {
            std::fs::copy(scene.path("other.key"), scene.path("waxseal.key")).unwrap();
        }
        let entries = entries(&scene);
        let count = |of: &[String]| of.iter().filter(|it| *it == action).count();
        assert!(count(&entries) > count(&seen), "{line}: {entries:?}");
        seen = entries;
    }
}

/// Ids that no command prints where it makes what they are of.
fn learn(scene: &Scene, command: &str, known: &mut HashMap<String, String>) {
    let mut keep = |name: &str, id: String| known.insert(name.to_owned(), id);
    let database = || rusqlite::Connection::open(scene.path("waxseal.sqlite")).unwrap();
    let text_of = |sql: &str| {
        let found = database().query_row(sql, [], |row| row.get::<_, String>(0));
        found.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    match command {
        "lists remove" => {
            let listed = scene.run(&["lists", "entries", "vip"], &[]);
            let line: Value = serde_json::from_slice(&listed.stdout).unwrap();
            keep("entry", line["id"].as_str().unwrap().to_owned());
        }
        "alerts acknowledge" => {
            // No command raises one.
            let raise = "INSERT INTO alert (id, kind, subject_kind, subject, aspect, detail, state, count, raised_at,
                 last_seen_at) VALUES ('alr_1', 'certificate_ends', 'certificate', 'ab', '30', '{}', 'open', 1, 1, 1)";
            database().execute_batch(raise).unwrap();
            keep("alert", "alr_1".to_owned());
        }
        "keys retire" | "keys revoke" => {
            let (name, mode, state) = match command {
                "keys retire" => ("sealing", "test", "active"),
                _ => ("live_sealing", "live", "retired"),
            };
            let sql = format!(
                "SELECT id FROM key WHERE purpose = 'sealing' AND mode = '{mode}' AND state = '{state}'"
            );
            keep(name, text_of(&sql));
        }
        _ => {}
    }
}

/// The actions of all entries, chain by chain.
fn entries(scene: &Scene) -> Vec<String> {
    let printed = scene.run(&["audit", "export", "--format", "jsonl"], &[]);
    let action = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["action"].as_str().unwrap().to_owned()
    };
    text(&printed.stdout).lines().map(action).collect()
}
