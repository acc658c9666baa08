//! What the documents say of tests and commands, held against the tree.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::scene::{binary, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// The cells of each row of tables that have so many columns, headlines left out.
fn rows(document: &str, columns: usize) -> Vec<Vec<&str>> {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| {
        let cells = row.trim_matches('|').split(" | ");
        cells.map(str::trim).collect::<Vec<_>>()
    })
    .filter(|row| row.len() == columns)
    .collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Every function marked as a test, in every crate.
fn tests() -> HashSet<String> {
    let mut found = HashSet::new();
    let mut folders = ["tests", "verifier/src", "sdk-wasm/protocol"]
        .map(|name| root().join(name))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.extend(tests_of(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn tests_of(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        if let Some((_, after)) = line.split_once("fn ")
            && is_test
        {
            found.push(after.split('(').next().unwrap().to_owned());
            is_test = false;
        }
        // Of the properties' macro.
        is_test |= line.starts_with("proptest!");
    }
    found
}

#[test]
fn every_test_that_a_control_names_is_there() {
    let (document, tests) = (document("compliance.md"), tests());
    let mut named = 0;
    for row in rows(&document, 4) {
        if row[3].starts_with('`') {
            for name in quoted(row[2]) {
                let is_there =
                    tests.contains(name) || (name.contains('/') && root().join(name).is_file());
                assert!(is_there, "{}: there is no test {name}", row[0]);
                named += 1;
            }
        }
    }
    assert!(named > 80, "{named}");
}

#[test]
fn every_command_in_the_documents_is_one() {
    let mut commands = Vec::new();
    let compliance = document("compliance.md");
    for row in rows(&compliance, 4) {
        if row[3].starts_with('`') {
            commands.extend(quoted(row[3]).into_iter().map(str::to_owned));
        }
    }
    assert!(commands.len() > 60);
    for name in ["deployment.md"] {
        let document = document(name);
        let blocks = document.split("\n```sh\n").skip(1);
        for block in blocks.map(|block| block.split("\n```").next().unwrap()) {
            let whole = block.replace("\\\n", " ");
            let lines = whole
                .lines()
                .map(|line| line.split(" #").next().unwrap().trim())
                .map(|line| line.strip_prefix("runuser -u waxseal -- ").unwrap_or(line));
            let ours = lines.filter(|line| {
                line.starts_with("verifier ")
                    || line.starts_with("./scripts/")
                    || line.starts_with("scripts/")
            });
            commands.extend(ours.map(str::to_owned));
        }
    }
    for command in &commands {
        let words = words(command);
        if words[0] == "verifier" {
            let output = Command::new(binary())
                .args(&words[1..])
                .arg("--help")
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{command}: {}",
                text(&output.stderr)
            );
        } else {
            let script = words[0].trim_start_matches("./");
            assert!(root().join(script).is_file(), "{command}");
        }
    }
}

/// A line's words; what stands in quotation marks is one.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in line.trim().chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_configuration_of_the_deployment_can_be_used() {
    let document = document("deployment.md");
    let (_, example) = document.split_once("\n```toml\n").unwrap();
    let example = example.split("\n```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waxseal.toml");
    let check = |text: &str| {
        fs::write(&file, text).unwrap();
        let output = Command::new(binary())
            .args(["config", "check"])
            .arg(&file)
            .output();
        output.unwrap()
    };
    let output = check(example);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = check(&example.replace("[tls_private]", "[tls_secret]"));
    assert!(!output.status.success());
    assert_eq!(text(&output.stderr).trim_end().lines().count(), 1);
}
