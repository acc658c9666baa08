//! The `verifier` command serving on free ports, and its two callers over HTTP.

use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use waxseal_protocol::{message::SubmitRequest, seal::CardFields};
use waxseal_tests::{Checkout, lifted_limits, sealed, write_assets};

use crate::scene::{ADD_SHOP, Scene, binary};

const STARTS_WITHIN: Duration = Duration::from_secs(20);
const LOG: &str = "log";
const HIRE_MONITOR: [&str; 7] = [
    "operators",
    "add",
    "--name",
    "Monitor",
    "--role",
    "monitoring",
    "--json",
];

/// A running verifier with one merchant, killed when dropped.
pub(crate) struct Server {
    pub(crate) scene: Scene,
    process: Child,
    pub(crate) public: SocketAddr,
    console: SocketAddr,
    private: SocketAddr,
    authorization: String,
    monitor: String,
}

impl Server {
    pub(crate) fn start(environment: &[(&str, &str)]) -> Self {
        Self::start_in(Scene::new(), &ADD_SHOP, environment)
    }

    /// Starts in a scene of the caller's making, with the merchant that the command `add` adds.
    pub(crate) fn start_in(scene: Scene, add: &[&str], environment: &[(&str, &str)]) -> Self {
        write_assets(&scene.path("dist"));
        let added = scene.run(add, &[]);
        let added: Value = serde_json::from_slice(&added.stdout).unwrap();
        // Who is known by a certificate has no secret.
        let shop = authorization(&added, ["client_id", "client_secret"]);
        let hired = scene.run(&HIRE_MONITOR, &[]);
        let hired: Value = serde_json::from_slice(&hired.stdout).unwrap();
        let monitor = authorization(&hired, ["operator_id", "operator_secret"]);
        let log = File::create(scene.path(LOG)).unwrap();
        let process = Command::new(binary())
            .arg("serve")
            .arg("--config")
            .arg(scene.path("waxseal.toml"))
            .env("WAXSEAL_VERIFIER__LISTEN__PUBLIC", "127.0.0.1:0")
            .env("WAXSEAL_VERIFIER__LISTEN__CONSOLE", "127.0.0.1:0")
            .env("WAXSEAL_VERIFIER__LISTEN__PRIVATE", "127.0.0.1:0")
            .env("WAXSEAL_VERIFIER__ASSETS__DIR", scene.path("dist"))
            .envs(
                lifted_limits()
                    .into_iter()
                    .map(|(option, value)| (format!("WAXSEAL_VERIFIER__{option}"), value)),
            )
            .envs(environment.iter().copied())
            .stderr(log)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self {
            scene,
            process,
            public: unknown,
            console: unknown,
            private: unknown,
            authorization: shop,
            monitor,
        };
        [server.public, server.console, server.private] = server.listening();
        server
    }

    /// Of `public`, `console` or `private`.
    pub(crate) fn address(&self, listener: &str) -> SocketAddr {
        match listener {
            "public" => self.public,
            "console" => self.console,
            _ => self.private,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Tells it to stop and waits until it has.
    pub(crate) fn stop(&mut self) {
        let told = Command::new("kill").arg(self.pid().to_string()).status();
        assert!(told.unwrap().success());
        assert!(self.process.wait().unwrap().success());
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.scene.path(LOG)).unwrap()
    }

    /// Creates a session over one US dollar for an order of that name, and submits the card in it.
    pub(crate) fn submit(&self, order: &str, card: CardFields) -> Value {
        let checkout = OpenCheckout::open([self.public, self.private], &self.authorization, order);
        let answer = checkout.submit(card).expect("accepted");
        serde_json::from_str(&answer).unwrap()
    }

    /// The metrics' text.
    pub(crate) fn metrics(&self) -> String {
        exchange(self.private, "GET", "/metrics", &self.monitor, "").unwrap()
    }

    fn listening(&mut self) -> [SocketAddr; 3] {
        let started = Instant::now();
        loop {
            let log = self.log();
            let events = log
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(event) = events
                .into_iter()
                .find(|event| event["event"] == "listening")
            {
                let address = |name: &str| event[name].as_str().unwrap().parse().unwrap();
                return ["public", "console", "private"].map(address);
            }
            assert_eq!(self.process.try_wait().unwrap(), None, "{log}");
            assert!(started.elapsed() < STARTS_WITHIN, "{log}");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have stopped already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

pub(crate) fn authorization(credentials: &Value, names: [&str; 2]) -> String {
    let [id, secret] = names.map(|name| credentials[name].as_str().unwrap_or_default());
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// A session whose form is open in a browser.
pub(crate) struct OpenCheckout {
    public: SocketAddr,
    bearer: String,
    checkout: Checkout,
}

impl OpenCheckout {
    /// A session over one US dollar for an order of that name, made by the merchant's server.
    pub(crate) fn open(
        [public, private]: [SocketAddr; 2],
        authorization: &str,
        order: &str,
    ) -> Self {
        let request = json!({
            "amount": 100, "currency": "USD", "order_id": order,
            "origin": "https://shop.example", "shipping_country": "DE",
        });
        let request = request.to_string();
        let created = exchange(private, "POST", "/v1/sessions", authorization, &request);
        let created: Value = serde_json::from_str(&created.unwrap()).unwrap();
        let token = created["client_token"].as_str().unwrap().to_owned();
        let bearer = format!("Bearer {token}");
        let view = exchange(public, "GET", "/v1/session", &bearer, "").unwrap();
        let view: Value = serde_json::from_str(&view).unwrap();
        let keys = exchange(public, "GET", "/.well-known/jwks.json", &bearer, "").unwrap();
        let mut keys: Value = serde_json::from_str(&keys).unwrap();
        let keys = keys["keys"].as_array_mut().unwrap();
        keys.retain(|key| key["kid"] == view["kid"]);
        let key = serde_json::from_value(keys[0].clone()).unwrap();
        Self {
            public,
            checkout: Checkout::new(token, &view, key, now_s()),
            bearer,
        }
    }

    /// Whether the form would still be shown.
    pub(crate) fn is_open(&self) -> bool {
        exchange(self.public, "GET", "/v1/session", &self.bearer, "").is_ok()
    }

    /// Submits the card; the answer, or the refusal.
    pub(crate) fn submit(mut self, card: CardFields) -> Result<String, String> {
        let envelope = self.checkout.seal(&sealed(card));
        let body = serde_json::to_string(&SubmitRequest {
            envelope,
            challenge: None,
        })
        .unwrap();
        exchange(self.public, "POST", "/v1/session/card", &self.bearer, &body)
    }
}

/// One request on a connection of its own; the answer's body, or the whole of a refusal.
pub(crate) fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    authorization: &str,
    body: &str,
) -> Result<String, String> {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {authorization}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    match head.starts_with("HTTP/1.1 2") {
        true => Ok(body.to_owned()),
        false => Err(answer),
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the verifier beside it has the same clock"
)]
fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}
