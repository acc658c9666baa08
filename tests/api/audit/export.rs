//! What is passed on: everything, in its order, again after a failure, and at nobody else's cost.

use std::{
    io::Read,
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixDatagram,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use waxseal_tests::{ORIGIN, TestVerifier, VISA};
use waxseal_verifier::{
    audit::{ExportError, Exporter},
    clock::Clock,
    config::{Export, ExportFormat},
    mode::Mode,
    store::{
        StoreError,
        audit::{AuditEntry, append},
    },
};

use crate::storage::pay;

/// Whose lease the export is.
const HOLDER: [u8; 16] = [1; 16];

fn exporter(file: Option<&Path>, syslog: Option<String>) -> Exporter {
    let config = Export {
        format: ExportFormat::Jsonl,
        file: file.map(Path::to_owned),
        syslog,
    };
    Exporter::new(&config, HOLDER).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn logged(verifier: &TestVerifier) -> u64 {
    verifier.database.number("SELECT count(*) FROM audit")
}

async fn append_all(verifier: &TestVerifier, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
    let (store, now) = (&verifier.app.store, verifier.clock.now());
    let written = store.write("test_append", move |tx| {
        entries.iter().try_for_each(|entry| append(tx, entry, now))
    });
    written.await
}

#[tokio::test]
async fn a_file_has_each_entry_once_and_goes_on_after_a_restart() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    let path = verifier.folder.path().join("audit.jsonl");
    let first = logged(&verifier);
    assert!(first > 1);
    let passed = exporter(Some(&path), None)
        .pass_on(&verifier.app.store, &*verifier.app.clock)
        .await;
    assert_eq!(passed.unwrap(), first);
    let verifier = verifier.restart(|_| ()).await;
    pay(&verifier, &shop, VISA).await;
    let passed = exporter(Some(&path), None)
        .pass_on(&verifier.app.store, &*verifier.app.clock)
        .await;
    assert_eq!(passed.unwrap(), logged(&verifier) - first);
    let told = lines(&path);
    assert_eq!(told.len() as u64, logged(&verifier));
    let mut places: Vec<String> = told
        .iter()
        .map(|entry| {
            format!(
                "{} {} {}",
                entry["merchant_id"], entry["chain"], entry["seq"]
            )
        })
        .collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), told.len());
    let stored = told
        .iter()
        .find(|entry| entry["action"] == "card.stored")
        .unwrap();
    assert!(
        stored["session_id"]
            .as_str()
            .unwrap()
            .starts_with("cs_test_"),
        "{stored}"
    );
}

#[tokio::test]
async fn of_several_verifiers_one_passes_each_entry_on_until_it_is_gone() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let path = verifier.folder.path().join("audit.jsonl");
    let config = Export {
        format: ExportFormat::Jsonl,
        file: Some(path.clone()),
        syslog: None,
    };
    let (store, clock) = (&verifier.app.store, &*verifier.app.clock);
    let of = |holder: u8| Exporter::new(&config, [holder; 16]).unwrap();
    let (mut one, mut other) = (of(1), of(2));
    pay(&verifier, &shop, VISA).await;
    let (first, second) = tokio::join!(one.pass_on(store, clock), other.pass_on(store, clock));
    let passed = [first.unwrap(), second.unwrap()];
    assert_eq!(passed.iter().sum::<u64>(), logged(&verifier));
    assert!(passed.contains(&0), "{passed:?}");
    let (holder, waits) = match passed[0] {
        0 => (&mut other, &mut one),
        _ => (&mut one, &mut other),
    };
    // As long as it renews its lease nobody takes over.
    for _ in 0..4 {
        verifier.clock.advance_millis(20_000);
        pay(&verifier, &shop, VISA).await;
        assert_eq!(waits.pass_on(store, clock).await.unwrap(), 0);
        assert!(holder.pass_on(store, clock).await.unwrap() > 0);
    }
    // It hangs, and is gone.
    verifier.clock.advance_millis(30_000);
    pay(&verifier, &shop, VISA).await;
    assert!(waits.pass_on(store, clock).await.unwrap() > 0);
    pay(&verifier, &shop, VISA).await;
    assert_eq!(holder.pass_on(store, clock).await.unwrap(), 0);
    assert!(waits.pass_on(store, clock).await.unwrap() > 0);
    let mut told: Vec<String> = lines(&path)
        .iter()
        .map(|entry| entry["hash"].to_string())
        .collect();
    assert_eq!(told.len() as u64, logged(&verifier));
    told.sort();
    told.dedup();
    assert_eq!(told.len() as u64, logged(&verifier), "each once");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_keeps_the_position() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    let path = verifier.folder.path().join("nowhere").join("audit.jsonl");
    let mut exporter = exporter(Some(&path), None);
    let failed = exporter
        .pass_on(&verifier.app.store, &*verifier.app.clock)
        .await;
    assert!(matches!(failed, Err(ExportError::Sink(_))), "{failed:?}");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let passed = exporter
        .pass_on(&verifier.app.store, &*verifier.app.clock)
        .await
        .unwrap();
    assert_eq!(
        (passed, lines(&path).len() as u64),
        (logged(&verifier), logged(&verifier))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syslog_that_never_reads_delays_no_request_and_gets_everything_once_it_does() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    // More than the system takes for it.
    let fat = |number: usize| AuditEntry {
        action: "alert.closed",
        stated: Some(format!("{number}{}", "x".repeat(50_000))),
        ..AuditEntry::default()
    };
    append_all(&verifier, (0..300).map(fat).collect())
        .await
        .unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let syslog = format!("tcp://{}", silent.local_addr().unwrap());
    let app = Arc::clone(&verifier.app);
    let exporting = tokio::spawn(async move {
        let mut exporter = exporter(None, Some(syslog));
        let failed = exporter.pass_on(&app.store, &*app.clock).await;
        (exporter, failed)
    });
    let started = Instant::now();
    for _ in 0..3 {
        pay(&verifier, &shop, VISA).await;
    }
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(!exporting.is_finished());
    let (mut exporter, failed) = exporting.await.unwrap();
    assert!(matches!(failed, Err(ExportError::Sink(_))), "{failed:?}");
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM audit_position"),
        0
    );
    // The connection that was given up, and the next.
    let reading = thread::spawn(move || {
        let mut all = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = silent.accept().unwrap();
            all.clear();
            // What was given up may end by a reset.
            let _ = stream.read_to_end(&mut all);
        }
        all
    });
    assert_eq!(
        exporter
            .pass_on(&verifier.app.store, &*verifier.app.clock)
            .await
            .unwrap(),
        logged(&verifier)
    );
    drop(exporter);
    let messages = octet_counted(&reading.join().unwrap());
    assert_eq!(messages.len() as u64, logged(&verifier));
    assert!(
        messages
            .iter()
            .all(|message| message.starts_with("<110>1 "))
    );
}

fn octet_counted(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|byte| *byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&bytes[..space])
            .unwrap()
            .parse()
            .unwrap();
        let (message, rest) = bytes[space + 1..].split_at(length);
        messages.push(String::from_utf8(message.to_vec()).unwrap());
        bytes = rest;
    }
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_carry_a_message_each() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    let count = usize::try_from(logged(&verifier)).unwrap();
    assert!(count > 1);
    let patience = Some(Duration::from_secs(10));
    let path = verifier.folder.path().join("log");
    let unix = UnixDatagram::bind(&path).unwrap();
    unix.set_read_timeout(patience).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_read_timeout(patience).unwrap();
    let by_udp = format!("udp://{}", udp.local_addr().unwrap());
    let readers = [
        read(count, move |buffer| unix.recv(buffer).unwrap()),
        read(count, move |buffer| udp.recv(buffer).unwrap()),
    ];
    for syslog in [format!("unix:{}", path.display()), by_udp] {
        let passed = exporter(None, Some(syslog))
            .pass_on(&verifier.app.store, &*verifier.app.clock)
            .await;
        assert_eq!(passed.unwrap(), count as u64);
    }
    for reader in readers {
        reader.join().unwrap();
    }
}

/// Reads that many messages, each with an entry.
fn read(
    count: usize,
    receive: impl Fn(&mut [u8]) -> usize + Send + 'static,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        for _ in 0..count {
            let length = receive(&mut buffer);
            let message = String::from_utf8(buffer[..length].to_vec()).unwrap();
            assert!(
                message.starts_with("<110>1 ") && message.contains(" waxseal "),
                "{message}"
            );
            let json = &message[message.find('{').unwrap()..];
            assert!(serde_json::from_str::<Value>(json).unwrap()["hash"].is_string());
        }
    })
}

#[tokio::test]
async fn an_entry_outside_its_kind_fails_what_it_is_about() {
    let verifier = TestVerifier::start().await;
    let before = logged(&verifier);
    let stray = AuditEntry {
        action: "session.created",
        card_id: Some("card_1".to_owned()),
        ..AuditEntry::default()
    };
    let good = AuditEntry {
        action: "session.created",
        ..AuditEntry::default()
    };
    let refused = append_all(&verifier, vec![good, stray]).await;
    assert!(
        matches!(refused, Err(StoreError::NotLoggable("session.created"))),
        "{refused:?}"
    );
    assert_eq!(logged(&verifier), before);
}
