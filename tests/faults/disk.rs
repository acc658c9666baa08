//! A disk that takes no more: it is told, nothing is lost, and nothing needs a restart when it takes
//! again. The log lies on the same disk.

use std::{
    fs::File,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use waxseal_tests::{Engine, Installation, Running, verifier_binary};

use crate::{
    install,
    purchase::{Purchase, Tally},
    till::Till,
    whole::Whole,
};

/// Longer than the readiness check's memory of its last success.
const AT_MOST: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_full_disk_is_told_and_what_follows_it_needs_no_restart() {
    let disk = Disk::mount();
    let installation = install(&verifier_binary(), disk.path(), Engine::Sqlite);
    let ballast = disk.path().join("ballast");
    let fill = |_: &Running| {
        let mut file = File::create(&ballast).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        // What is left in pages below one block of the above.
        while file.write_all(&[0]).is_ok() {}
    };
    let make_room = |_: &Running| std::fs::remove_file(&ballast).unwrap();
    outage(&installation, fill, make_room).await;
}

#[tokio::test]
async fn a_disk_that_refuses_writes_is_told_and_what_follows_it_needs_no_restart() {
    let folder = tempfile::tempdir().unwrap();
    // The signal that comes with a refused write is to be ignored, so that the write itself fails.
    let program = folder.path().join("verifier");
    let binary = verifier_binary();
    let script = format!(
        "#!/bin/sh\ntrap '' XFSZ\nexec '{}' \"$@\"\n",
        binary.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let installation = install(&program, folder.path(), Engine::Sqlite);
    let refuse = |running: &Running| limit_file_size(running, "0");
    let allow = |running: &Running| limit_file_size(running, "unlimited");
    outage(&installation, refuse, allow).await;
}

#[tokio::test]
async fn a_read_only_disk_refuses_to_start_in_one_line() {
    let disk = Disk::mount();
    let installation = install(&verifier_binary(), disk.path(), Engine::Sqlite);
    let mut bought = Purchase::new(1, 1);
    let running = installation.serve();
    let mut till = Till::new(&installation, &running);
    assert!(bought.pay(&mut till).await.unwrap().is_none());
    running.kill();

    disk.remount("ro");
    let refused = installation.run(&["serve"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains("Read-only file system"), "{said}");

    disk.remount("rw");
    let running = installation.serve();
    let mut till = Till::new(&installation, &running);
    bought.settle(&mut till, false, &mut Tally::default()).await;
}

/// From `begin` to `end` no write is possible.
async fn outage(
    installation: &Installation,
    begin: impl FnOnce(&Running),
    end: impl FnOnce(&Running),
) {
    let mut running = installation.serve();
    let mut till = Till::new(installation, &running);
    let mut before = Purchase::new(1, 1);
    assert!(before.pay(&mut till).await.unwrap().is_none());

    begin(&running);
    // What room there was inside the files may take a few more.
    let mut served = Vec::new();
    let mut refused = Vec::new();
    for seed in 2..200 {
        let mut purchase = Purchase::new(seed, usize::try_from(seed).unwrap());
        match purchase.pay(&mut till).await.unwrap() {
            None => served.push(purchase),
            Some(answer) => {
                assert_eq!(
                    (answer.status.as_u16(), answer.problem()),
                    (503, "unavailable")
                );
                refused.push(purchase);
            }
        }
        if refused.len() == 20 {
            break;
        }
    }
    assert_eq!(refused.len(), 20, "writes went on: {} served", served.len());
    until_ready_is(&mut till, 503).await;
    assert_eq!(till.ask("healthz").await.unwrap().status, 200);
    let id = before.session.as_ref().unwrap()["id"].as_str().unwrap();
    let seen = till.read_session(id).await.unwrap();
    assert_eq!(seen.body["status"], "accepted", "what is stored is read");

    end(&running);
    until_ready_is(&mut till, 200).await;
    let mut tally = Tally::default();
    for purchase in served.iter_mut().chain([&mut before]) {
        purchase.settle(&mut till, false, &mut tally).await;
    }
    // What was refused left nothing behind, its jti neither: the same envelope is good.
    for purchase in &mut refused {
        purchase.settle(&mut till, true, &mut tally).await;
    }
    assert_eq!(
        tally.stored_unanswered, 0,
        "refused, and stored all the same"
    );
    assert!(running.ended().is_none());
    let all = (served.len() + refused.len() + 1) as u64;
    let wanted = Whole {
        cards: all,
        submissions: all,
    };
    assert_eq!(Whole::assert(installation), wanted);
    running.kill();
    assert_eq!(Whole::assert(installation), wanted);
}

async fn until_ready_is(till: &mut Till, status: u16) {
    let started = Instant::now();
    loop {
        let ready = till.ask("readyz").await.unwrap();
        if ready.status == status {
            break;
        }
        assert!(started.elapsed() < AT_MOST, "still {}", ready.status);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn limit_file_size(running: &Running, limit: &str) {
    let status = Command::new("prlimit")
        .arg(format!("--pid={}", running.id()))
        .arg(format!("--fsize={limit}:unlimited"))
        .status()
        .expect("prlimit, of util-linux");
    assert!(status.success());
}

/// A small disk of its own.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        run_as_root(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs"])
                .arg(folder.path()),
        );
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// `ro` or `rw`.
    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        run_as_root(
            Command::new("mount")
                .args(["-o", &options])
                .arg(self.path()),
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a failed test may have left a file of it open.
        drop(
            Command::new("umount")
                .arg("--lazy")
                .arg(self.path())
                .status(),
        );
    }
}

fn run_as_root(command: &mut Command) {
    let status = command.status().expect("mount, of util-linux");
    assert!(
        status.success(),
        "a disk that fills up has to be mounted: run this test as root"
    );
}
