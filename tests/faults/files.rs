//! Files of the store that are not as the verifier left them.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::PathBuf,
};

use waxseal_tests::{Engine, Installation, verifier_binary};

use crate::{
    install,
    purchase::{Purchase, Tally},
    till::Till,
    whole::Whole,
};

const PURCHASES: u64 = 40;

struct Scene {
    installation: Installation,
    purchases: Vec<Purchase>,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// A verifier that was killed after some purchases.
    async fn killed() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let installation = install(&verifier_binary(), folder.path(), Engine::Sqlite);
        let running = installation.serve();
        let mut till = Till::new(&installation, &running);
        let mut purchases = Vec::new();
        for seed in 0..PURCHASES {
            let mut purchase = Purchase::new(seed, usize::try_from(seed).unwrap());
            assert!(purchase.pay(&mut till).await.unwrap().is_none());
            purchases.push(purchase);
        }
        running.kill();
        Self {
            installation,
            purchases,
            _folder: folder,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.installation.folder.join(name)
    }

    #[track_caller]
    fn refuses_to_serve(&self, wanted: &str) {
        let refused = self.installation.run(&["serve"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success());
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(wanted), "{said}");
    }
}

/// The log holds the last commits: what is cut off takes those with it, whole, and nothing else.
#[tokio::test]
async fn a_log_that_was_cut_or_changed_costs_its_last_commits_and_no_half_of_one() {
    let mut scene = Scene::killed().await;
    let log = scene.file("waxseal.sqlite-wal");
    let length = std::fs::metadata(&log).unwrap().len();
    let changed = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&log)
        .unwrap();
    let mut last = [0];
    changed.read_exact_at(&mut last, length * 9 / 10).unwrap();
    changed
        .write_all_at(&[last[0] ^ 1], length * 9 / 10)
        .unwrap();
    changed.set_len(length - length / 20 + 17).unwrap();
    let left = Whole::assert(&scene.installation).submissions;
    assert!((1..PURCHASES).contains(&left), "{left}");
    let running = scene.installation.serve();
    let mut till = Till::new(&scene.installation, &running);
    let mut tally = Tally::default();
    let kept = usize::try_from(left).unwrap();
    for purchase in &mut scene.purchases[..kept] {
        purchase.settle(&mut till, false, &mut tally).await;
    }
    assert_eq!(u64::from(tally.answered), left, "the first ones, in order");
    for purchase in &scene.purchases[kept..] {
        let session = purchase.session.as_ref().unwrap()["id"].as_str().unwrap();
        let seen = till.read_session(session).await.unwrap();
        assert!(
            seen.status == 404 || seen.body["status"] == "open",
            "{}",
            seen.body
        );
    }
}

#[tokio::test]
async fn what_is_no_database_refuses_to_start_in_one_line_and_is_left_as_it_is() {
    let scene = Scene::killed().await;
    let database = scene.file("waxseal.sqlite");
    let bytes = std::fs::read(&database).unwrap();
    let log = std::fs::read(scene.file("waxseal.sqlite-wal")).unwrap();
    let remove_log = || {
        for name in ["waxseal.sqlite-wal", "waxseal.sqlite-shm"] {
            // There is none where the last one that read it has folded it back.
            drop(std::fs::remove_file(scene.file(name)));
        }
    };
    for garbage in [vec![0xA5; bytes.len()], b"not a database".to_vec()] {
        remove_log();
        std::fs::write(&database, &garbage).unwrap();
        scene.refuses_to_serve("not a database");
        assert_eq!(std::fs::read(&database).unwrap(), garbage);
    }
    // A new and empty one would be filled without a word, and every card be gone.
    remove_log();
    std::fs::write(&database, b"").unwrap();
    scene.refuses_to_serve("the store has no active");

    std::fs::write(&database, &bytes).unwrap();
    remove_log();
    std::fs::write(scene.file("waxseal.sqlite-wal"), &log).unwrap();
    assert_eq!(Whole::assert(&scene.installation).submissions, PURCHASES);
}

/// Reads give what is right or fail; once the bytes are there again, all is as before.
#[tokio::test]
async fn pages_that_are_overwritten_while_it_runs_end_in_errors_and_not_in_a_crash() {
    let mut scene = Scene::killed().await;
    let mut running = scene.installation.serve();
    let database = scene.file("waxseal.sqlite");
    let good = std::fs::read(&database).unwrap();
    overwrite(&database, &vec![0xA5; good.len()]);
    let mut till = Till::new(&scene.installation, &running);
    let mut failed = 0;
    for purchase in &scene.purchases {
        let session = purchase.session.as_ref().unwrap()["id"].as_str().unwrap();
        let seen = till.read_session(session).await.unwrap();
        if seen.status == 200 {
            assert_eq!(seen.body["id"], session);
        } else {
            assert!(["internal", "unavailable"].contains(&seen.problem()));
            failed += 1;
        }
    }
    println!("{failed} of {PURCHASES} failed");
    overwrite(&database, &good);
    // It writes, by which the readers know that what they have in memory is not the newest.
    assert_eq!(till.ask("readyz").await.unwrap().status, 200);
    let mut tally = Tally::default();
    for purchase in &mut scene.purchases {
        purchase.settle(&mut till, false, &mut tally).await;
    }
    assert!(running.ended().is_none());
    running.kill();
    assert_eq!(Whole::assert(&scene.installation).submissions, PURCHASES);
}

/// In place: the file that is open stays the same one.
fn overwrite(path: &PathBuf, bytes: &[u8]) {
    let file: File = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, 0).unwrap();
}

#[tokio::test]
async fn wrapped_keys_that_changed_places_or_were_cut_refuse_to_start_in_one_line() {
    for wrapped in [
        // Another purpose's, another mode's, less than it was.
        "SELECT wrapped FROM was WHERE was.mode = key.mode
             AND was.purpose = CASE key.purpose WHEN 'dek' THEN 'ff1' ELSE 'dek' END",
        "SELECT wrapped FROM was WHERE was.purpose = key.purpose AND was.mode <> key.mode",
        "SELECT substr(key.wrapped, 1, length(key.wrapped) - 1)",
    ] {
        let scene = Scene::killed().await;
        let tampering = format!(
            "CREATE TEMP TABLE was AS SELECT * FROM key;
             UPDATE key SET wrapped = ({wrapped}) WHERE purpose IN ('dek', 'ff1');"
        );
        let installation = &scene.installation;
        installation.engine.tamper(&installation.folder, &tampering);
        scene.refuses_to_serve("not wrapped by this key file");
    }
}

/// What would go on to be written to a file that nobody finds again is refused.
#[tokio::test]
async fn a_database_that_was_moved_away_takes_no_more_and_is_taken_up_again_when_it_is_back() {
    let mut scene = Scene::killed().await;
    let mut running = scene.installation.serve();
    let mut till = Till::new(&scene.installation, &running);
    let (database, away) = (scene.file("waxseal.sqlite"), scene.file("away"));
    std::fs::rename(&database, &away).unwrap();
    for other in [None, Some(b"garbage")] {
        if let Some(other) = other {
            std::fs::write(&database, other).unwrap();
        }
        let mut refused = Purchase::new(PURCHASES, 1000);
        let answer = refused.pay(&mut till).await.unwrap().expect("refused");
        assert_eq!(
            (answer.status.as_u16(), answer.problem()),
            (503, "unavailable")
        );
        assert_eq!(till.ask("readyz").await.unwrap().status, 503);
    }
    std::fs::rename(&away, &database).unwrap();
    assert_eq!(till.ask("readyz").await.unwrap().status, 200);
    for purchase in &mut scene.purchases {
        purchase
            .settle(&mut till, false, &mut Tally::default())
            .await;
    }
    assert!(running.ended().is_none());
}
