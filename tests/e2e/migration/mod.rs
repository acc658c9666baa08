//! Cards that go from vault to vault by the real commands.

mod beside;
mod bound;
mod resume;
mod round_trip;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use waxseal_protocol::seal::{INFO, suite, thumbprint};
use waxseal_tests::Database;

use crate::scene::{ADD_SHOP, Scene, binary, text};

/// A verifier with a merchant.
pub(super) struct Vault {
    pub(super) scene: Scene,
    pub(super) merchant: String,
}

impl Vault {
    pub(super) fn new() -> Self {
        Self::of_mode("test")
    }

    pub(super) fn of_mode(mode: &str) -> Self {
        let scene = Scene::new();
        let mut add = ADD_SHOP.to_vec();
        add.extend(["--mode", mode]);
        let added = scene.run(&add, &[]).stdout;
        let added: Value = serde_json::from_slice(&added).unwrap();
        let merchant = added["merchant_id"].as_str().unwrap().to_owned();
        Self { scene, merchant }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.scene.path(name)
    }

    /// Makes a vault key; gives the file with its public half.
    pub(super) fn make_key(&self, mode: &str) -> PathBuf {
        let printed = self
            .scene
            .run(&["vault-key", "create", "--mode", mode], &[]);
        let jwk: Value = serde_json::from_slice(&printed.stdout).unwrap();
        let path = self.path(&format!("{}.json", jwk["kid"].as_str().unwrap()));
        fs::write(&path, printed.stdout).unwrap();
        path
    }

    /// A command that takes `--in` and `--map`.
    pub(super) fn import(&self, input: &Path, map: &str) -> Output {
        self.scene.run(
            &[
                "import",
                "--merchant",
                &self.merchant,
                "--in",
                input.to_str().unwrap(),
                "--map",
                self.path(map).to_str().unwrap(),
            ],
            &[],
        )
    }

    /// Exports every card for `to_merchant` under the key in the file `to`.
    pub(super) fn export(&self, to: &Path, to_merchant: &str, out: &str) -> Output {
        self.scene.run(
            &[
                "export",
                "--merchant",
                &self.merchant,
                "--to",
                to.to_str().unwrap(),
                "--to-merchant",
                to_merchant,
                "--out",
                self.path(out).to_str().unwrap(),
                "--reason",
                "the shop moves",
            ],
            &[],
        )
    }

    /// The lines of a token map.
    pub(super) fn map(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// One number of the database.
    pub(super) fn count(&self, sql: &str) -> u64 {
        Database::Sqlite(self.path("waxseal.sqlite")).number(sql)
    }
}

/// Seals `cards` for a merchant of the vault whose key is in the file `to`.
#[track_caller]
pub(super) fn seal(to: &Path, merchant: &str, cards: &[Value], out: &Path) {
    let plain = out.with_extension("plain");
    let lines: Vec<String> = cards.iter().map(Value::to_string).collect();
    fs::write(&plain, lines.join("\n")).unwrap();
    let sealed = seal_cards(to, merchant, &plain, out);
    assert!(sealed.status.success(), "{}", text(&sealed.stderr));
    fs::remove_file(plain).unwrap();
}

/// `verifier seal-cards`, without any verifier's files.
pub(super) fn seal_cards(to: &Path, merchant: &str, input: &Path, out: &Path) -> Output {
    Command::new(binary())
        .args(["seal-cards", "--merchant", merchant, "--to"])
        .arg(to)
        .arg("--in")
        .arg(input)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

/// A key pair that a test holds itself.
pub(super) const PRIVATE_KEY: [u8; 32] = [7; 32];

/// Writes the public half of [`PRIVATE_KEY`] as another vault would.
pub(super) fn write_own_key(path: &Path) {
    let point = suite::public_key(&PRIVATE_KEY).unwrap();
    let [x, y] = [&point[1..33], &point[33..]].map(|part| URL_SAFE_NO_PAD.encode(part));
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": thumbprint(&x, &y)});
    fs::write(path, jwk.to_string()).unwrap();
}

/// Header and content of a record that was sealed to [`PRIVATE_KEY`].
pub(super) fn open(record: &str) -> (Value, Value) {
    let parts: Vec<&str> = record.split('.').collect();
    let [protected, enc, "", sealed, ""] = parts[..] else {
        panic!("no compact JWE")
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (enc, sealed) = (decode(enc).try_into().unwrap(), decode(sealed));
    let plaintext = suite::open(&PRIVATE_KEY, &enc, INFO, protected.as_bytes(), &sealed).unwrap();
    let header = serde_json::from_slice(&decode(protected)).unwrap();
    (header, serde_json::from_slice(&plaintext).unwrap())
}

/// The `index`th of many Visa numbers.
pub(super) fn pan(index: u64) -> String {
    let body = format!("400123{:09}", index * 7919 % 1_000_000_000);
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit - b'0') << u32::from(at % 2 == 0);
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}
