//! The release build of the verifier as a process of its own, on free ports and an empty database.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A running verifier, stopped when dropped.
pub(crate) struct Server {
    pub(crate) public: SocketAddr,
    pub(crate) private: SocketAddr,
    /// `client_id:client_secret`
    pub(crate) credentials: String,
    process: Child,
    _folder: TempDir,
}

pub(crate) const ORIGIN: &str = "https://shop.example";

impl Server {
    pub(crate) fn start(binary: &Path, assets: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("waxseal.toml");
        let run = |args: &[&str]| {
            let output = Command::new(binary)
                .args(args)
                .arg("--config")
                .arg(&config)
                .output()
                .expect("the verifier runs");
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            output.stdout
        };
        run(&["init", "--assets", assets.to_str().expect("UTF-8")]);
        let added = run(&[
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
        let (public, private) = (free_address(), free_address());
        let log = File::create(folder.path().join("log")).expect("a log file");
        let process = Command::new(binary)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .env("WAXSEAL_VERIFIER__LISTEN__PUBLIC", public.to_string())
            .env("WAXSEAL_VERIFIER__LISTEN__PRIVATE", private.to_string())
            .stderr(log)
            .spawn()
            .expect("the verifier starts");
        let server = Self {
            public,
            private,
            credentials: format!("{}:{}", text("client_id"), text("client_secret")),
            process,
            _folder: folder,
        };
        wait_for(public);
        wait_for(private);
        server
    }

    /// Processor time that the verifier has used so far.
    pub(crate) fn processor_time(&self) -> Duration {
        process_time(&self.process.id().to_string())
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).expect("the process runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("VmRSS");
        let kib: u64 = line
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        kib * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the caller has seen by then.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// User and system time of a process, by its id or `self`; Linux counts in hundredths of a second.
pub(crate) fn process_time(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
    // The name, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(") ").expect("a name");
    let ticks: u64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(ticks * 10)
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

fn wait_for(address: SocketAddr) {
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{address} does not answer"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
