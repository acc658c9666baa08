//! From a merchant's file into one vault, from there into another, and out again.

use std::{fmt::Write, fs, os::unix::fs::PermissionsExt, process::Output};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use waxseal_tests::{AMEX, MASTERCARD, VISA};

use super::{Vault, open, seal, seal_cards, write_own_key};
use crate::scene::text;

/// `UnionPay` issues numbers without a check digit.
const WITHOUT_CHECK_DIGIT: &str = "6221260000000001";
const NUMBERS: [&str; 5] = [VISA, MASTERCARD, AMEX, VISA, WITHOUT_CHECK_DIGIT];

fn cards() -> Vec<Value> {
    let card = |(at, number): (usize, &&str)| {
        json!({
            "number": number, "exp_month": 2, "exp_year": 2019, "name": "Jane Roe",
            "postal_code": "10115", "reference": format!("tok_{at}"), "customer": "cus_7",
        })
    };
    NUMBERS.iter().enumerate().map(card).collect()
}

fn assert_went_well(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
}

fn column<'m>(map: &'m [Value], name: &str) -> Vec<&'m str> {
    map.iter()
        .map(|line| line[name].as_str().unwrap())
        .collect()
}

#[test]
fn every_number_arrives_and_one_number_is_one_card() {
    let (a, b) = (Vault::new(), Vault::new());
    seal(&a.make_key("test"), &a.merchant, &cards(), &a.path("in"));
    assert_went_well(&a.import(&a.path("in"), "map"));
    assert_went_well(&a.export(&b.make_key("test"), &b.merchant, "out"));
    let mode = fs::metadata(a.path("out")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_went_well(&b.import(&a.path("out"), "map"));

    let (from_a, from_b) = (a.map("map"), b.map("map"));
    assert_eq!(
        column(&from_a, "reference"),
        ["tok_0", "tok_1", "tok_2", "tok_3", "tok_4"]
    );
    assert_eq!(
        column(&from_a, "last4"),
        ["4242", "4444", "0005", "4242", "0001"]
    );
    assert_eq!(from_a[0]["card_id"], from_a[3]["card_id"]);
    assert_eq!(from_a[0]["token"], from_a[3]["token"]);
    // In the order of their ids, and called by them.
    let mut ids = column(&from_a, "card_id");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(column(&from_b, "reference"), ids);
    for line in &from_b {
        let former = from_a.iter().find(|it| it["card_id"] == line["reference"]);
        assert_eq!(line["last4"], former.unwrap()["last4"]);
        assert_ne!(line["token"], former.unwrap()["token"]);
    }

    write_own_key(&b.path("own.json"));
    assert_went_well(&b.export(&b.path("own.json"), "shop.7", "out"));
    let sealed = fs::read_to_string(b.path("out")).unwrap();
    let mut numbers = Vec::new();
    for (at, record) in sealed.lines().enumerate() {
        let (header, content) = open(record);
        assert_eq!(
            (&header["mid"], &header["num"]),
            (&json!("shop.7"), &json!(at + 1))
        );
        assert_eq!(header["last"], json!(at == 3));
        numbers.push(content["number"].as_str().unwrap().to_owned());
    }
    let mut wanted = NUMBERS.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    numbers.sort_unstable();
    assert_eq!(numbers, wanted);

    for (vault, action, entries) in [
        (&a, "cards.import_began", 1),
        (&a, "cards.imported", 1),
        (&a, "cards.export_began", 1),
        (&a, "cards.exported", 1),
        (&b, "cards.exported", 1),
    ] {
        let sql = format!(
            "SELECT count(*) FROM audit WHERE action = '{action}' AND id_text('mch', merchant_id) = '{}'
                 AND length(key_id) = 43
                 AND coalesce(reason, '') = iif(action LIKE '%export%', 'the shop moves', '')",
            vault.merchant
        );
        assert_eq!(vault.count(&sql), entries, "{action}");
    }
}

#[test]
fn nothing_that_is_written_holds_a_number_or_a_name() {
    let (a, b) = (Vault::new(), Vault::new());
    seal(&a.make_key("test"), &a.merchant, &cards(), &a.path("in"));
    let imported = a.import(&a.path("in"), "map");
    let exported = a.export(&b.make_key("test"), &b.merchant, "out");
    assert_went_well(&imported);
    assert_went_well(&exported);
    let mut written = vec![
        ("what is said".to_owned(), imported.stdout),
        ("what is said".to_owned(), imported.stderr),
        ("what is said".to_owned(), exported.stdout),
        ("what is said".to_owned(), exported.stderr),
    ];
    for file in fs::read_dir(a.path("")).unwrap() {
        let path = file.unwrap().path();
        written.push((path.display().to_string(), fs::read(path).unwrap()));
    }
    let mut secrets = vec![
        "Jane Roe".to_owned(),
        "10115".to_owned(),
        "cus_7".to_owned(),
    ];
    for number in NUMBERS {
        secrets.extend([number.to_owned(), STANDARD.encode(number)]);
        secrets.push(number.bytes().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        }));
    }
    assert!(written.len() >= 10);
    for (place, bytes) in &written {
        // References are the map's alone.
        let is_map = place.ends_with("/map");
        assert_eq!(holds(bytes, "tok_0"), is_map, "{place}");
        for secret in &secrets {
            // Base64url of anything may hold five digits.
            let may_be = secret == "10115" && (place.ends_with("/in") || place.ends_with("/out"));
            assert!(may_be || !holds(bytes, secret), "{secret} in {place}");
        }
    }
}

fn holds(bytes: &[u8], wanted: &str) -> bool {
    bytes
        .windows(wanted.len())
        .any(|window| window == wanted.as_bytes())
}

#[test]
fn what_is_no_card_is_left_out_by_its_line_and_without_its_digits() {
    let vault = Vault::new();
    let key = vault.make_key("test");
    let plain = vault.path("plain.jsonl");
    let good = json!({"number": VISA, "reference": "a"}).to_string();
    let lines = [
        good.as_str(),
        r#"{"number":"4242424242424241","reference":"b"}"#,
        r#"{"number":"4242424242424242","reference":"c","cvc":"123"}"#,
        r#"{"number":"4242424242424242","reference":"4242424242424242"}"#,
        "4242424242424242;12/30",
    ];
    fs::write(&plain, lines.join("\n")).unwrap();
    let sealed = seal_cards(&key, &vault.merchant, &plain, &vault.path("in"));
    let said = text(&sealed.stderr);
    assert!(!sealed.status.success());
    for wanted in [
        "line 2: card_number_invalid",
        "line 3: plaintext_invalid",
        "line 4: reference_is_number",
        "line 5: plaintext_invalid",
        "4 lines were left out",
    ] {
        assert!(said.contains(wanted), "{said}");
    }
    assert!(!said.contains("42424"), "{said}");
    assert_went_well(&vault.import(&vault.path("in"), "map"));
    assert_eq!(vault.map("map").len(), 1);

    fs::write(&plain, lines[1..].join("\n")).unwrap();
    let nothing = seal_cards(&key, &vault.merchant, &plain, &vault.path("none"));
    assert!(text(&nothing.stderr).contains("no card to seal"));
    assert!(!vault.path("none").exists() && !vault.path("none.partial").exists());
}

#[test]
fn an_export_wants_cards_a_reason_and_a_public_key() {
    let vault = Vault::new();
    let key = vault.make_key("test");
    let empty = vault.export(&key, "shop", "out");
    assert!(text(&empty.stderr).contains("has no cards"));
    assert!(!vault.path("out").exists() && !vault.path("out.partial").exists());
    let sql = "SELECT count(*) FROM audit WHERE action = 'cards.export_failed'";
    assert_eq!(vault.count(sql), 1);

    seal(&key, &vault.merchant, &cards(), &vault.path("in"));
    assert_went_well(&vault.import(&vault.path("in"), "map"));
    let args = |reason: Option<&'static str>| {
        let mut args = vec![
            "export".to_owned(),
            "--merchant".to_owned(),
            vault.merchant.clone(),
            "--to".to_owned(),
            key.to_str().unwrap().to_owned(),
            "--to-merchant".to_owned(),
            "shop".to_owned(),
            "--out".to_owned(),
            vault.path("out").to_str().unwrap().to_owned(),
        ];
        args.extend(reason.map(|reason| format!("--reason={reason}")));
        args
    };
    for reason in [None, Some(" "), Some("card 4242 4242 4242 4242")] {
        let args = args(reason);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert!(!vault.scene.run(&args, &[]).status.success(), "{reason:?}");
        assert!(!vault.path("out").exists());
    }
    fs::write(vault.path("private.json"), r#"{"kty":"EC","d":"AA"}"#).unwrap();
    let private = vault.export(&vault.path("private.json"), "shop", "out");
    assert!(text(&private.stderr).contains("holds a private key"));
    assert_eq!(
        vault.count("SELECT count(*) FROM audit WHERE action = 'cards.export_began'"),
        1
    );

    // What a run that was killed left behind is written over; what was finished is not.
    fs::write(vault.path("out.partial"), "half").unwrap();
    assert_went_well(&vault.export(&key, "shop", "out"));
    assert!(!vault.path("out.partial").exists());
    let again = vault.export(&key, "shop", "out");
    assert!(text(&again.stderr).contains("is there already"));
}

#[test]
fn a_damaged_card_is_left_out_of_an_export_and_named() {
    let vault = Vault::new();
    seal(
        &vault.make_key("test"),
        &vault.merchant,
        &cards(),
        &vault.path("in"),
    );
    assert_went_well(&vault.import(&vault.path("in"), "map"));
    rusqlite::Connection::open(vault.path("waxseal.sqlite"))
        .unwrap()
        .execute(
            "UPDATE card SET pan_enc = zeroblob(48) WHERE brand = 'amex'",
            [],
        )
        .unwrap();
    write_own_key(&vault.path("own.json"));
    let exported = vault.export(&vault.path("own.json"), "shop", "out");
    let amex = vault.map("map")[2]["card_id"].as_str().unwrap().to_owned();
    assert!(text(&exported.stderr).contains(&format!("left out, {amex} first")));
    let sealed = fs::read_to_string(vault.path("out")).unwrap();
    assert_eq!(sealed.lines().count(), 3);
    assert_eq!(open(sealed.lines().last().unwrap()).0["last"], json!(true));

    // In an import it is an error of that record alone.
    let again = vault.import(&vault.path("in"), "other");
    assert!(!again.status.success());
    let errors: Vec<Value> = vault
        .map("other")
        .iter()
        .map(|it| it["error"].clone())
        .collect();
    let none = Value::Null;
    assert_eq!(
        errors,
        [
            none.clone(),
            none.clone(),
            json!("card_damaged"),
            none.clone(),
            none
        ]
    );
}
