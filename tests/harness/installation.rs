//! The `verifier` program as an operator runs it: its files in a folder, a merchant, and `serve` as a
//! process of its own on free ports of the loopback.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{Database, Engine, lifted_limits};

/// The origin of the one merchant.
pub const ORIGIN: &str = "https://shop.example";

/// Long enough for a busy machine.
const START_AT_MOST: Duration = Duration::from_secs(30);

/// An initialised verifier with one merchant.
pub struct Installation {
    /// Where configuration, key and data lie.
    pub folder: PathBuf,
    /// What its store is.
    pub engine: Engine,
    /// The merchant's `Authorization` header.
    pub authorization: String,
    binary: PathBuf,
    environment: Vec<(String, String)>,
}

/// A running `verifier serve`, killed when dropped.
pub struct Running {
    /// Listener of browsers.
    pub public: SocketAddr,
    /// Listener of merchants' servers.
    pub private: SocketAddr,
    process: Child,
}

impl Installation {
    /// Initialises a verifier in `folder`, with the build output at `assets`, and adds the merchant.
    pub fn new(binary: &Path, assets: &Path, folder: &Path, engine: Engine) -> Self {
        Self::with_options(binary, assets, folder, engine, lifted_limits())
    }

    /// The same of a former release, without options that it does not know.
    pub fn of_former(binary: &Path, assets: &Path, folder: &Path, engine: Engine) -> Self {
        let printed = Command::new(binary).args(["config", "reference"]).output();
        let known = String::from_utf8(printed.expect("the verifier runs").stdout).expect("UTF-8");
        let mut options = lifted_limits();
        options.retain(|(option, _)| known.contains(&format!("`WAXSEAL_VERIFIER__{option}`")));
        Self::with_options(binary, assets, folder, engine, options)
    }

    fn with_options(
        binary: &Path,
        assets: &Path,
        folder: &Path,
        engine: Engine,
        options: Vec<(String, String)>,
    ) -> Self {
        let mut installation = Self {
            folder: folder.to_owned(),
            engine,
            authorization: String::new(),
            binary: binary.to_owned(),
            environment: engine.environment(folder),
        };
        // The tests' own connections are the proxy, and name an address for each customer.
        installation.set("LISTEN__TRUSTED_PROXIES", "[\"127.0.0.0/8\"]");
        // For a `serve` that is to be refused, and for the console always: whatever port is free.
        for listener in ["LISTEN__PUBLIC", "LISTEN__CONSOLE", "LISTEN__PRIVATE"] {
            installation.set(listener, "127.0.0.1:0");
        }
        for (option, value) in options {
            installation.set(&option, &value);
        }
        let assets = assets.to_str().expect("UTF-8");
        installation.succeed(&["init", "--assets", assets]);
        let added = installation.succeed(&[
            "merchants",
            "add",
            "--name",
            "Shop",
            "--origin",
            ORIGIN,
            "--json",
        ]);
        let added: Value = serde_json::from_slice(&added).expect("JSON");
        let text = |name: &str| added[name].as_str().expect("text").to_owned();
        let credentials = format!("{}:{}", text("client_id"), text("client_secret"));
        installation.authorization = format!("Basic {}", STANDARD.encode(credentials));
        installation
    }

    /// Where its data lies.
    pub fn database(&self) -> Database {
        self.engine.database(&self.folder)
    }

    /// Has another program go on with it, such as another release's.
    pub fn use_binary(&mut self, binary: &Path) {
        binary.clone_into(&mut self.binary);
    }

    /// Sets an option, such as `LIMITS__BODY_BYTES`, over the configuration file.
    pub fn set(&mut self, option: &str, value: &str) {
        let name = format!("WAXSEAL_VERIFIER__{option}");
        self.environment.push((name, value.to_owned()));
    }

    /// Sets a variable of the environment, such as `WAXSEAL_LOG`.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Runs a command of the verifier.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        self.command(args).output().expect("the verifier runs")
    }

    /// Runs a command of the verifier that reads `input`.
    pub fn run_with_input<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> Output {
        with_input(self.command(args), input)
    }

    /// Starts `serve`, and waits until both listeners answer. Its log is appended to the file `log`.
    pub fn serve(&self) -> Running {
        let mut running = self.spawn();
        for address in [running.public, running.private] {
            running.wait_for(address, &self.log());
        }
        running
    }

    /// Starts `serve`, and waits for nothing.
    pub fn spawn(&self) -> Running {
        let (public, private) = (free_address(), free_address());
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("a log file");
        let process = self
            .command(&["serve"])
            .env("WAXSEAL_VERIFIER__LISTEN__PUBLIC", public.to_string())
            .env("WAXSEAL_VERIFIER__LISTEN__PRIVATE", private.to_string())
            // Apart from the terminal's signals: whoever started it stops it.
            .process_group(0)
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("the verifier starts");
        Running {
            public,
            private,
            process,
        }
    }

    /// The log of every `serve` so far.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn succeed(&self, args: &[&str]) -> Vec<u8> {
        let output = self.run(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {stderr}");
        output.stdout
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(args)
            .arg("--config")
            .arg(self.folder.join("waxseal.toml"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Running {
    /// The process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it with SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("it is ours")
    }

    fn wait_for(&mut self, address: SocketAddr, log: &Path) {
        let started = Instant::now();
        while !is_live(address) {
            let ended = self.ended();
            assert!(
                ended.is_none() && started.elapsed() < START_AT_MOST,
                "{address} does not answer ({ended:?}): {}",
                std::fs::read_to_string(log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the caller has seen by then.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Runs a command of a verifier that reads `input`.
///
/// # Panics
/// When it cannot be run.
pub fn with_input(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("the verifier runs");
    let mut stdin = running.stdin.take().expect("its input");
    // One that reads nothing may have ended by now.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    running.wait_with_output().expect("it ends")
}

/// The verifier that Cargo built beside the running test's own binary.
///
/// # Panics
/// When it was not built.
pub fn verifier_binary() -> PathBuf {
    let own = std::env::current_exe().expect("this program's path");
    let folder = own.ancestors().nth(2).expect("a folder of builds");
    let binary = folder.join("verifier");
    assert!(
        binary.exists(),
        "build it first: cargo build -p waxseal-verifier"
    );
    binary
}

/// Whether it answers; connections alone are taken before there is anything to answer with.
fn is_live(address: SocketAddr) -> bool {
    let mut answer = Vec::new();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_read_timeout(Some(START_AT_MOST))?;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        stream.read_to_end(&mut answer)
    });
    asked.is_ok() && answer.starts_with(b"HTTP/1.1 200 ")
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}
