//! A real Valkey or Redis of a test's own.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Names under which distributions have it.
const PROGRAMS: [&str; 2] = ["valkey-server", "redis-server"];
const STARTS_WITHIN: Duration = Duration::from_secs(10);

/// Options that keep what it holds off the disk.
const IN_MEMORY: [&str; 4] = ["--save", "", "--appendonly", "no"];

/// A server on a free port of this machine; killed when dropped.
pub struct ValkeyServer {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl ValkeyServer {
    /// Starts one that keeps nothing on the disk.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with further options.
    pub fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let process = spawn(&folder, port, options);
        let server = Self {
            port,
            folder,
            process,
        };
        server.wait();
        server
    }

    /// Where it listens, without credentials.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where it would write to.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A connection of the test's own.
    pub fn connect(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).expect("an address");
        client.get_connection().expect("it answers")
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Starts it again on the same port, empty, with further options.
    pub fn restart_with(&mut self, options: &[&str]) {
        self.process = spawn(&self.folder, self.port, options);
        self.wait();
    }

    fn wait(&self) {
        let client = redis::Client::open(self.url()).expect("an address");
        let started = Instant::now();
        while let Err(error) = client.get_connection() {
            if error.code() == Some("NOAUTH") {
                break;
            }
            assert!(started.elapsed() < STARTS_WITHIN, "it does not answer");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for ValkeyServer {
    fn drop(&mut self) {
        // It may have ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn spawn(folder: &TempDir, port: u16, options: &[&str]) -> Child {
    let port = port.to_string();
    let spawn = |program: &&str| {
        Command::new(program)
            .args(["--bind", "127.0.0.1", "--port", &port, "--daemonize", "no"])
            .args(IN_MEMORY)
            .args(options)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .ok()
    };
    PROGRAMS
        .iter()
        .find_map(spawn)
        .expect("valkey-server or redis-server: scripts/setup test installs it")
}
