//! An import that is killed goes on, and every number ends up exactly once.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Vault, pan, seal};
use crate::scene::{binary, text};

const RECORDS: u64 = 20_000;

/// Every hundredth record has the number of the one before it.
fn number_of(record: u64) -> u64 {
    record - u64::from(record % 100 == 99)
}

fn spawn(vault: &Vault) -> Child {
    Command::new(binary())
        .args(["import", "--merchant", &vault.merchant, "--config"])
        .arg(vault.path("waxseal.toml"))
        .arg("--in")
        .arg(vault.path("in"))
        .arg("--map")
        .arg(vault.path("map"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the map has `lines` lines.
fn wait_for(map: &Path, lines: usize) {
    let end = Instant::now() + Duration::from_mins(1);
    while count_lines(map) < lines {
        assert!(Instant::now() < end, "the import does not get on");
        thread::sleep(Duration::from_millis(5));
    }
}

fn count_lines(map: &Path) -> usize {
    fs::read_to_string(map).map_or(0, |text| text.matches('\n').count())
}

fn kill(mut import: Child) {
    assert!(
        import.try_wait().unwrap().is_none(),
        "it is in the midst of it"
    );
    import.kill().unwrap();
    import.wait().unwrap();
}

#[test]
fn an_import_that_is_killed_goes_on_and_each_number_is_one_card() {
    let vault = Vault::new();
    let cards: Vec<Value> = (0..RECORDS)
        .map(|at| json!({"number": pan(number_of(at)), "reference": format!("r{at}")}))
        .collect();
    seal(
        &vault.make_key("test"),
        &vault.merchant,
        &cards,
        &vault.path("in"),
    );
    let map = vault.path("map");

    let first = spawn(&vault);
    wait_for(&map, 1000);
    let beside = vault.import(&vault.path("in"), "map");
    assert!(text(&beside.stderr).contains("another import writes it"));
    kill(first);
    let killed_at = count_lines(&map);
    assert!((1000..20_000).contains(&killed_at), "{killed_at}");
    // As if the last line had not been written whole.
    let length = fs::metadata(&map).unwrap().len();
    OpenOptions::new()
        .write(true)
        .open(&map)
        .unwrap()
        .set_len(length - 40)
        .unwrap();

    // A key that changes meanwhile is used from the next records on.
    let second = spawn(&vault);
    wait_for(&map, killed_at + 1000);
    let rotate = ["keys", "rotate", "--purpose", "dek", "--mode", "test"];
    assert!(vault.scene.run(&rotate, &[]).status.success());
    let rotated_at = count_lines(&map);
    wait_for(&map, rotated_at + 1000);
    kill(second);
    let new_key = values_under_new_key(&vault);
    assert!(new_key >= 1000, "{new_key} values are under the new key");

    let finished = vault.import(&vault.path("in"), "map");
    assert!(finished.status.success(), "{}", text(&finished.stderr));
    let again = vault.import(&vault.path("in"), "map");
    assert!(again.status.success() && text(&again.stderr).contains("0 records taken"));

    let lines = vault.map("map");
    assert_eq!(lines.len() as u64, RECORDS);
    let mut cards: HashMap<u64, &Value> = HashMap::new();
    for (at, line) in (0..).zip(&lines) {
        assert_eq!(line["line"], json!(at + 1));
        assert_eq!(line["reference"], json!(format!("r{at}")));
        let card = cards.entry(number_of(at)).or_insert(&line["card_id"]);
        assert_eq!(*card, &line["card_id"], "one number is one card");
    }
    let numbers = RECORDS - RECORDS / 100;
    assert_eq!(cards.len() as u64, numbers);
    assert_eq!(vault.count("SELECT count(*) FROM card"), numbers);
    assert_eq!(
        vault.count("SELECT count(*) FROM card_fingerprint"),
        numbers
    );
    let report = text(&vault.scene.run(&["doctor", "--data"], &[]).stdout);
    assert!(
        report.contains(&format!(
            "{numbers} cards, 0 submissions, 0 customers, all whole"
        )),
        "{report}"
    );
    let counted = "SELECT sum(encryptions) FROM key WHERE purpose = 'dek' AND mode = 'test'";
    assert!(vault.count(counted) >= 2 * RECORDS);
}

fn values_under_new_key(vault: &Vault) -> u64 {
    let listed = text(&vault.scene.run(&["keys", "list", "--json"], &[]).stdout);
    let keys = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_new =
        |key: &Value| key["purpose"] == "dek" && key["mode"] == "test" && key["state"] == "active";
    keys.filter(is_new)
        .map(|key| key["values"].as_u64().unwrap())
        .sum()
}

#[test]
fn the_map_of_another_file_is_not_gone_on_with() {
    let vault = Vault::new();
    let key = vault.make_key("test");
    for name in ["in", "other"] {
        let cards = [json!({"number": pan(1), "reference": "r"})];
        seal(&key, &vault.merchant, &cards, &vault.path(name));
    }
    assert!(vault.import(&vault.path("in"), "map").status.success());
    let before = fs::read(vault.path("map")).unwrap();
    let refused = vault.import(&vault.path("other"), "map");
    assert!(text(&refused.stderr).contains("no map of this file"));
    assert_eq!(fs::read(vault.path("map")).unwrap(), before);
}
