//! What a record is bound to: whatever differs, that record alone is refused, and says why.

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use waxseal_protocol::{
    message::SealingJwk,
    seal::{Header, INFO, SealingKey, seal as seal_envelope, suite},
};
use waxseal_tests::{SeededRng, VISA, card, sealed};

use super::{Vault, pan, seal};
use crate::scene::text;

/// A vault, its key, and three records for it.
struct Batch {
    vault: Vault,
    key: PathBuf,
    records: Vec<String>,
    files: std::cell::Cell<u32>,
}

impl Batch {
    fn new() -> Self {
        let vault = Vault::new();
        let key = vault.make_key("test");
        let mut batch = Self {
            records: Vec::new(),
            files: std::cell::Cell::new(0),
            vault,
            key,
        };
        let merchant = batch.vault.merchant.clone();
        batch.records = batch.seal_for(&batch.key, &merchant);
        batch
    }

    /// Three more records.
    fn seal_for(&self, key: &std::path::Path, merchant: &str) -> Vec<String> {
        let cards: Vec<Value> = (0..3)
            .map(|at| json!({"number": pan(at), "reference": format!("r{at}")}))
            .collect();
        let out = self.next_path();
        seal(key, merchant, &cards, &out);
        let sealed = fs::read_to_string(out).unwrap();
        sealed.lines().map(str::to_owned).collect()
    }

    fn next_path(&self) -> PathBuf {
        self.files.set(self.files.get() + 1);
        self.vault.path(&format!("file{}", self.files.get()))
    }

    /// Imports these lines; gives what the map says of each, and the command's last word.
    fn import(&self, lines: &[&str]) -> (Vec<String>, String) {
        let path = self.next_path();
        fs::write(&path, lines.join("\n")).unwrap();
        let map = format!("map{}", self.files.get());
        let output = self.vault.import(&path, &map);
        let said = text(&output.stderr);
        assert!(!output.status.success(), "{said}");
        let outcome = |line: &Value| match &line["error"] {
            Value::Null => "ok".to_owned(),
            code => code.as_str().unwrap().to_owned(),
        };
        (self.vault.map(&map).iter().map(outcome).collect(), said)
    }

    /// Asserts that `record` in the second line is refused with `code`, and the others are taken.
    #[track_caller]
    fn refuses(&self, record: &str, code: &str) {
        let (outcomes, said) = self.import(&[&self.records[0], record, &self.records[2]]);
        assert_eq!(outcomes, ["ok", code, "ok"], "{said}");
        assert!(said.contains("1 records were refused"), "{said}");
    }

    /// The second record's header.
    fn header(&self) -> Value {
        let protected = self.records[1].split('.').next().unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(protected).unwrap()).unwrap()
    }

    /// Seals any text under any header to the vault's key, as no honest party would.
    fn forge(&self, header: &Value, content: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let jwk = self.jwk();
        let key = SealingKey::from_jwk(&jwk, &jwk.kid).unwrap();
        let mut buffer = content.as_bytes().to_vec();
        buffer.resize(1024, b' ');
        let mut rng = SeededRng::new(5);
        let aad = header.as_bytes();
        let (enc, tag) = suite::seal(key.point(), INFO, aad, &mut buffer, &mut rng).unwrap();
        buffer.extend_from_slice(&tag);
        let [enc, sealed] = [enc.as_slice(), &buffer].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{enc}..{sealed}.")
    }

    fn jwk(&self) -> SealingJwk {
        serde_json::from_slice(&fs::read(&self.key).unwrap()).unwrap()
    }
}

#[test]
fn a_record_of_another_place_is_refused() {
    let batch = Batch::new();
    let [first, second, third] = [0, 1, 2].map(|at| batch.records[at].as_str());
    let mismatch = "line_mismatch";
    let (swapped, _) = batch.import(&[second, first, third]);
    assert_eq!(swapped, [mismatch, mismatch, "ok"]);
    let (doubled, _) = batch.import(&[first, first, third]);
    assert_eq!(doubled, ["ok", mismatch, "ok"]);
    let (missing, said) = batch.import(&[first, third]);
    assert_eq!(missing, ["ok", mismatch]);
    assert!(said.contains("ends before its batch"), "{said}");
    let (cut, said) = batch.import(&[first, second]);
    assert_eq!(cut, ["ok", "ok"]);
    assert!(said.contains("ends before its batch"), "{said}");
}

#[test]
fn a_record_of_another_batch_merchant_or_key_is_refused() {
    let batch = Batch::new();
    let merchant = &batch.vault.merchant;
    let other = batch.seal_for(&batch.key, merchant);
    batch.refuses(&other[1], "batch_mismatch");
    let other = batch.seal_for(&batch.key, "mch_test_other");
    batch.refuses(&other[1], "merchant_mismatch");
    let elsewhere = Vault::new();
    let other = batch.seal_for(&elsewhere.make_key("test"), merchant);
    batch.refuses(&other[1], "key_unknown");
    // The modes have keys of their own.
    let live = batch.vault.make_key("live");
    let other = batch.seal_for(&live, merchant);
    batch.refuses(&other[1], "key_unknown");
}

#[test]
fn a_changed_header_does_not_open() {
    let batch = Batch::new();
    let relabel = |record: &str, header: &Value| {
        let (_, rest) = record.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    let (wanted, content) = (batch.header(), json!({"number": VISA, "reference": "a"}));
    // Each is a good record of another place, given the one member that is wanted here.
    for (name, other) in [
        ("bid", json!(URL_SAFE_NO_PAD.encode([1; 16]))),
        ("mid", json!("mch_test_other")),
        ("kid", json!(URL_SAFE_NO_PAD.encode([1; 32]))),
        ("num", json!(1)),
        ("last", json!(true)),
    ] {
        let mut header = wanted.clone();
        header[name] = other;
        let record = batch.forge(&header, &content.to_string());
        batch.refuses(&relabel(&record, &wanted), "record_not_authentic");
    }
    // To another key of the same vault.
    let next_key = batch.vault.make_key("test");
    let other = batch.seal_for(&next_key, &batch.vault.merchant);
    batch.refuses(&relabel(&other[1], &wanted), "record_not_authentic");
    // A file that was cut cannot be made to look whole.
    let mut header = wanted;
    header["last"] = json!(true);
    let changed = relabel(&batch.records[1], &header);
    let (outcomes, said) = batch.import(&[&batch.records[0], &changed]);
    assert_eq!(outcomes, ["ok", "record_not_authentic"]);
    assert!(said.contains("ends before its batch"), "{said}");
}

#[test]
fn a_flipped_bit_in_any_part_is_refused() {
    let batch = Batch::new();
    let parts: Vec<&str> = batch.records[1].split('.').collect();
    for (part, at) in [(1, 20), (3, 0), (3, 700), (3, 1039)] {
        let mut bytes = URL_SAFE_NO_PAD.decode(parts[part]).unwrap();
        bytes[at] ^= 1;
        let changed = URL_SAFE_NO_PAD.encode(bytes);
        let mut parts = parts.clone();
        parts[part] = &changed;
        batch.refuses(&parts.join("."), "record_not_authentic");
    }
}

#[test]
fn what_has_another_form_is_refused() {
    let batch = Batch::new();
    let record = &batch.records[1];
    let long = "x".repeat(1 << 20);
    let cut = record.len() / 2;
    for malformed in [
        "",
        "{}",
        VISA,
        &long,
        &record[..cut],
        &record[..record.len() - 1],
        &record[1..],
        &format!("{record}."),
        &format!("{record}{record}"),
        &record.replace('.', "=."),
    ] {
        batch.refuses(malformed, "record_malformed");
    }
    for (name, value) in [
        ("typ", json!("waxseal-card+jwe")),
        ("alg", json!("HPKE-0")),
        ("v", json!(2)),
        ("crit", json!([])),
    ] {
        let mut header = batch.header();
        header[name] = value;
        let content = json!({"number": VISA, "reference": "a"}).to_string();
        batch.refuses(&batch.forge(&header, &content), "record_malformed");
    }
}

#[test]
fn a_checkouts_envelope_is_no_record() {
    let batch = Batch::new();
    let jwk = batch.jwk();
    let header = Header {
        kid: jwk.kid.clone(),
        sid: "cs_test_1".to_owned(),
        rev: 1,
        org: "https://shop.example".to_owned(),
        iat: 1,
        jti: URL_SAFE_NO_PAD.encode([1; 16]),
        bld: URL_SAFE_NO_PAD.encode([2; 16]),
    };
    let key = SealingKey::from_jwk(&jwk, &jwk.kid).unwrap();
    let envelope = seal_envelope(&key, &header, &sealed(card(VISA)), &mut SeededRng::new(6));
    batch.refuses(&envelope.unwrap(), "record_malformed");
}

#[test]
fn what_opens_is_still_checked_and_named_by_its_reference_alone() {
    let batch = Batch::new();
    let header = batch.header();
    let forged = json!({"number": VISA, "reference": "a"});
    let (outcomes, _) = batch.import(&[
        &batch.records[0],
        &batch.forge(&header, &forged.to_string()),
    ]);
    assert_eq!(outcomes, ["ok", "ok"], "the test can forge what is good");
    for (content, code) in [
        (
            json!({"number": "4242424242424241", "reference": "a"}),
            "card_number_invalid",
        ),
        (
            json!({"number": VISA, "reference": VISA}),
            "reference_is_number",
        ),
        (
            json!({"number": VISA, "reference": "a", "cvc": "123"}),
            "plaintext_invalid",
        ),
        (json!({"number": VISA}), "plaintext_invalid"),
        (json!([VISA, "a"]), "plaintext_invalid"),
        (
            json!({"number": VISA, "reference": "a", "exp_month": 13, "exp_year": 30}),
            "expiry_invalid",
        ),
        (
            json!({"number": VISA, "reference": "a", "name": VISA}),
            "name_invalid",
        ),
    ] {
        batch.refuses(&batch.forge(&header, &content.to_string()), code);
    }
    let last_map = batch.vault.map(&format!("map{}", batch.files.get()));
    let batch_id = &header["bid"];
    let wanted = json!({"batch": batch_id, "line": 2, "reference": "a", "error": "name_invalid"});
    assert_eq!(last_map[1], wanted);
}

#[test]
fn a_file_of_which_nothing_opens_is_one_line_and_leaves_no_map() {
    let batch = Batch::new();
    for (lines, wanted) in [
        (vec![], "it is empty"),
        (vec!["x", "y"], "the first: record_malformed"),
    ] {
        let path = batch.next_path();
        fs::write(&path, lines.join("\n")).unwrap();
        let refused = batch.vault.import(&path, "none");
        let said = text(&refused.stderr);
        assert!(!refused.status.success() && said.contains(wanted), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(!batch.vault.path("none").exists());
    }
}

#[test]
fn a_retired_vault_key_opens_what_is_under_way_and_a_revoked_one_nothing() {
    let batch = Batch::new();
    let all: Vec<&str> = batch.records.iter().map(String::as_str).collect();
    let path = batch.next_path();
    fs::write(&path, all.join("\n")).unwrap();
    let keys = batch.vault.scene.run(&["keys", "list", "--json"], &[]);
    let key: Value = text(&keys.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|key| key["purpose"] == "vault_import")
        .unwrap();
    let id = key["id"].as_str().unwrap();

    // There need not be another one in its place.
    assert!(
        batch
            .vault
            .scene
            .run(&["keys", "retire", id], &[])
            .status
            .success()
    );
    let none = batch
        .vault
        .scene
        .run(&["vault-key", "show", "--mode", "test"], &[]);
    assert!(text(&none.stderr).contains("vault-key create --mode test"));
    assert!(batch.vault.import(&path, "one").status.success());
    assert!(
        batch
            .vault
            .scene
            .run(&["keys", "revoke", id], &[])
            .status
            .success()
    );
    let refused = batch.vault.import(&path, "two");
    assert!(text(&refused.stderr).contains("key_unknown"));
}

#[test]
fn test_cards_are_refused_in_live_mode() {
    let vault = Vault::of_mode("live");
    let cards = [
        json!({"number": pan(1), "reference": "real"}),
        json!({"number": VISA, "reference": "test"}),
    ];
    seal(
        &vault.make_key("live"),
        &vault.merchant,
        &cards,
        &vault.path("in"),
    );
    assert!(!vault.import(&vault.path("in"), "map").status.success());
    let map = vault.map("map");
    assert!(
        map[0]["card_id"]
            .as_str()
            .unwrap()
            .starts_with("card_live_")
    );
    assert_eq!(map[1]["error"], "test_card_in_live_mode");
}
