//! The release build of the verifier as a process of its own, on free ports and a store of its own.

use std::{path::Path, time::Duration};

use tempfile::TempDir;
use waxseal_tests::{Engine, Installation, Running};

/// An installation and the process that serves it.
pub(crate) struct Server {
    pub(crate) installation: Installation,
    pub(crate) running: Running,
    folder: TempDir,
}

/// An installation that nothing serves.
pub(crate) struct Stopped {
    pub(crate) installation: Installation,
    folder: TempDir,
}

impl Stopped {
    /// An empty store.
    pub(crate) fn new(binary: &Path, assets: &Path, engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            installation: Installation::new(binary, assets, folder.path(), engine),
            folder,
        }
    }

    /// Waits for nothing: its listeners may speak TLS.
    pub(crate) fn spawn(self) -> Server {
        Server {
            running: self.installation.spawn(),
            installation: self.installation,
            folder: self.folder,
        }
    }

    pub(crate) fn start(self) -> Server {
        Server {
            running: self.installation.serve(),
            installation: self.installation,
            folder: self.folder,
        }
    }
}

impl Server {
    pub(crate) fn stop(self) -> Stopped {
        self.running.kill();
        Stopped {
            installation: self.installation,
            folder: self.folder,
        }
    }

    /// Processor time that the verifier has used so far.
    pub(crate) fn processor_time(&self) -> Duration {
        process_time(&self.running.id().to_string())
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.running.id());
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
