//! What is attacked: `verifier serve` with two merchants, an operator and nothing lifted but the limits.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use waxseal_protocol::message::SealingJwk;
use waxseal_tests::{
    Checkout, Engine, Installation, ORIGIN, Running, verifier_binary, write_assets,
};
use waxseal_verifier::{
    clock::{Clock, SystemClock},
    identity::{OperatorScope, Permission},
};

use crate::wire::{self, Reply, ask};

/// Long enough for a busy machine.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(20);

/// A merchant and the credentials of its server.
pub(crate) struct Merchant {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

impl Merchant {
    pub(crate) fn authorization(&self) -> String {
        basic(&self.client_id, &self.secret)
    }
}

/// A running verifier, killed when dropped.
pub(crate) struct Target {
    /// Whose data an attacker is after.
    pub(crate) owner: Merchant,
    /// Who is an attacker with an account.
    pub(crate) stranger: Merchant,
    /// An operator who may do everything.
    pub(crate) operator: String,
    pub(crate) operator_secret: String,
    pub(crate) public: SocketAddr,
    pub(crate) private: SocketAddr,
    pub(crate) console: SocketAddr,
    pub(crate) installation: Installation,
    running: Running,
    /// Goes last.
    folder: TempDir,
}

impl Target {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| ())
    }

    /// With further options.
    pub(crate) fn start_with(tweak: impl FnOnce(&mut Installation)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        write_assets(&dist);
        let engine = Engine::under_test();
        let mut installation = Installation::new(&verifier_binary(), &dist, folder.path(), engine);
        // Nobody stands in between.
        installation.set("LISTEN__TRUSTED_PROXIES", "[]");
        // What is cut off is cut off soon.
        installation.set("LIMITS__HEADER_TIMEOUT_S", "3");
        installation.set("LIMITS__BODY_TIMEOUT_S", "3");
        tweak(&mut installation);
        let [owner, stranger] = ["Owner", "Stranger"].map(|name| add_merchant(&installation, name));
        let mut hire = vec!["operators", "add", "--name", "Ann", "--json"];
        for (_, scope) in OperatorScope::NAMES {
            hire.extend(["--scope", scope]);
        }
        let hired = run(&installation, &hire);
        let secret = text(&hired, "operator_secret");
        let running = installation.serve();
        Self {
            owner,
            stranger,
            operator: basic(&text(&hired, "operator_id"), &secret),
            operator_secret: secret,
            public: running.public,
            private: running.private,
            console: console_address(&installation),
            installation,
            running,
            folder,
        }
    }

    /// Of `public`, `private` or `console`.
    pub(crate) fn address(&self, listener: &str) -> SocketAddr {
        match listener {
            "console" => self.console,
            "private" => self.private,
            _ => self.public,
        }
    }

    /// Its files: configuration, key, data, log.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.installation.log()).unwrap()
    }

    /// A request with an `Authorization` header and a body of JSON, or with none.
    pub(crate) fn call(
        &self,
        listener: &str,
        authorization: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = [
            ("authorization", authorization),
            ("content-type", "application/json"),
        ];
        ask(
            self.address(listener),
            &wire::request(method, path, &headers, body),
        )
    }

    /// A session of a merchant over 19.99 US dollars, as its frame holds it.
    pub(crate) fn checkout(&self, merchant: &Merchant) -> Checkout {
        let body = session_request();
        let authorization = merchant.authorization();
        let created = self.call(
            "private",
            &authorization,
            "POST",
            "/v1/sessions",
            Some(&body),
        );
        assert_eq!(created.status, 201, "{}", created.body);
        let token = text(&created.json(), "client_token");
        let bearer = format!("Bearer {token}");
        let view = self
            .call("public", &bearer, "GET", "/v1/session", None)
            .json();
        let keys = self.call("public", "", "GET", "/.well-known/jwks.json", None);
        let keys = keys.json();
        let key = keys["keys"].as_array().unwrap().iter();
        let key = key.clone().find(|key| key["kid"] == view["kid"]).unwrap();
        let key: SealingJwk = serde_json::from_value(key.clone()).unwrap();
        Checkout::new(token, &view, key, SystemClock.now().seconds())
    }

    /// What the frame sends with an envelope.
    pub(crate) fn submit(&self, token: &str, envelope: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let body = json!({ "envelope": envelope });
        self.call("public", &bearer, "POST", "/v1/session/card", Some(&body))
    }

    /// Runs a command that reads `input`; gives what it prints.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Value {
        let output = self.installation.run_with_input(args, input);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Tells it to stop and waits until it has.
    pub(crate) fn stop(&mut self) {
        let id = self.running.id().to_string();
        let told = std::process::Command::new("kill").arg(id).status();
        assert!(told.unwrap().success());
        let started = Instant::now();
        while self.running.ended().is_none() {
            assert!(started.elapsed() < ANNOUNCED_WITHIN, "it goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asserts that it is the same process as at the start, and answers.
    #[track_caller]
    pub(crate) fn assert_alive(&mut self) {
        assert_eq!(self.running.ended(), None, "it ended");
        for listener in ["public", "private", "console"] {
            let answer = self.call(listener, "", "GET", "/readyz", None);
            assert_eq!(answer.status, 200, "{listener}: {}", answer.body);
        }
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) fn session_request() -> Value {
    json!({
        "amount": 1999, "currency": "USD", "order_id": "order-1", "origin": ORIGIN,
        "shipping_country": "DE",
    })
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    let text = value[name].as_str();
    text.unwrap_or_else(|| panic!("{name} in {value}"))
        .to_owned()
}

fn add_merchant(installation: &Installation, name: &str) -> Merchant {
    let args = [
        "merchants",
        "add",
        "--name",
        name,
        "--origin",
        ORIGIN,
        "--json",
    ];
    let added = run(installation, &args);
    Merchant {
        id: text(&added, "merchant_id"),
        client_id: text(&added, "client_id"),
        secret: text(&added, "client_secret"),
    }
}

fn run(installation: &Installation, args: &[&str]) -> Value {
    let output = installation.run(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn console_address(installation: &Installation) -> SocketAddr {
    let started = Instant::now();
    loop {
        let log = std::fs::read_to_string(installation.log()).unwrap();
        let events = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut listening = events
            .into_iter()
            .filter(|event| event["event"] == "listening");
        if let Some(event) = listening.next_back() {
            return event["console"].as_str().unwrap().parse().unwrap();
        }
        assert!(started.elapsed() < ANNOUNCED_WITHIN, "{log}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
