//! A verifier in service: its files in places of their own, a merchant, an operator, and a service manager.

use std::{
    net::{SocketAddr, TcpListener},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use waxseal_protocol::seal::CardFields;
use waxseal_tests::{VISA, card, lifted_limits, write_assets};

use super::runbook::Runbook;
use crate::{
    scene::{ADD_SHOP, Scene, binary, text},
    server::{OpenCheckout, authorization, exchange},
};

const HIRE: [&str; 7] = [
    "operators",
    "add",
    "--name",
    "Ann",
    "--role",
    "administrator",
    "--json",
];

pub(super) struct Site {
    pub(super) scene: Scene,
    pub(super) public: SocketAddr,
    pub(super) private: SocketAddr,
    pub(super) merchant: String,
    pub(super) client: String,
    pub(super) secret: String,
    operator: String,
    console: SocketAddr,
}

impl Site {
    pub(super) fn start() -> Self {
        let scene = Scene::new();
        write_assets(&scene.path("dist"));
        let added = json(&scene.run(&ADD_SHOP, &[]));
        let hired = json(&scene.run(&HIRE, &[]));
        let of = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
        let bin = scene.path("bin");
        std::fs::create_dir(&bin).unwrap();
        symlink(binary(), bin.join("verifier")).unwrap();
        let systemctl = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/runbooks/systemctl");
        symlink(systemctl, bin.join("systemctl")).unwrap();
        let (operator, secret) = (of(&hired, "operator_id"), of(&hired, "operator_secret"));
        let [public, private, console] = free_addresses();
        let site = Self {
            public,
            private,
            console,
            merchant: of(&added, "merchant_id"),
            client: of(&added, "client_id"),
            secret: of(&added, "client_secret"),
            operator: format!("{operator}:{secret}"),
            scene,
        };
        site.systemctl("start");
        site
    }

    /// A runbook, with what its commands are to find: these names, and the site's own.
    pub(super) fn runbook(&self, name: &str, more: &[(&str, String)]) -> Runbook {
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let environment = self.environment().into_iter().chain(more).collect();
        Runbook::read(name, &self.path(""), environment)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.scene.path(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Opens a checkout with the client's secret.
    pub(super) fn open(&self, order: &str) -> OpenCheckout {
        OpenCheckout::open([self.public, self.private], &self.authorization(), order)
    }

    /// Buys something; the card's id.
    pub(super) fn buy(&self, order: &str) -> String {
        let answer = self.open(order).submit(visa()).unwrap();
        assert!(answer.contains("\"accepted\""), "{answer}");
        let cards = self.ask("GET", "/v1/cards", "").unwrap();
        let cards: Value = serde_json::from_str(&cards).unwrap();
        cards["data"][0]["id"].as_str().unwrap().to_owned()
    }

    /// A request of the merchant's server.
    pub(super) fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, String> {
        exchange(self.private, method, path, &self.authorization(), body)
    }

    pub(super) fn authorization(&self) -> String {
        let credentials = serde_json::json!({ "id": self.client, "secret": self.secret });
        authorization(&credentials, ["id", "secret"])
    }

    /// Lets every key have been retired an hour earlier.
    pub(super) fn an_hour_later(&self) {
        let database = rusqlite::Connection::open(self.path("waxseal.sqlite")).unwrap();
        let patience = std::time::Duration::from_secs(5);
        database.busy_timeout(patience).unwrap();
        let earlier = "UPDATE key SET retired_at = retired_at - 3600000";
        database.execute(earlier, []).unwrap();
    }

    pub(super) fn run(&self, args: &[&str]) -> Output {
        self.scene.run(args, &[])
    }

    fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap();
        let url = |address: SocketAddr| format!("http://{address}");
        let own = [
            ("PATH", format!("{}:{path}", self.text("bin"))),
            ("FOLDER", self.text("")),
            ("CONFIG", self.text("waxseal.toml")),
            ("MODE", "test".to_owned()),
            ("PUBLIC", url(self.public)),
            ("PRIVATE", url(self.private)),
            ("CONSOLE", url(self.console)),
            ("OPERATOR", self.operator.clone()),
            ("CLIENT_ID", self.client.clone()),
            ("MERCHANT_ID", self.merchant.clone()),
        ];
        let listeners = [
            ("PUBLIC", self.public),
            ("PRIVATE", self.private),
            ("CONSOLE", self.console),
        ];
        let options = listeners
            .map(|(name, address)| (format!("LISTEN__{name}"), address.to_string()))
            .into_iter()
            .chain(lifted_limits())
            .chain([("ASSETS__DIR".to_owned(), self.text("dist"))])
            .map(|(option, value)| (format!("WAXSEAL_VERIFIER__{option}"), value));
        own.map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .chain(options)
            .collect()
    }

    fn systemctl(&self, verb: &str) {
        let output = Command::new(self.path("bin").join("systemctl"))
            .args([verb, "waxseal"])
            .envs(self.environment())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.systemctl("stop");
    }
}

pub(super) fn visa() -> CardFields {
    card(VISA)
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn free_addresses() -> [SocketAddr; 3] {
    let held = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap())
}
