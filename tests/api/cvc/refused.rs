//! A Valkey that is not trusted.

use waxseal_tests::ValkeyServer;
use waxseal_verifier::{valkey::ValkeyError, vault::cvc::CvcHolder};

async fn open(url: &str) -> ValkeyError {
    let refused = CvcHolder::in_valkey(url, 900).await.err().unwrap();
    let line = refused.to_string();
    assert_eq!(line.lines().count(), 1);
    assert!(
        line.starts_with("cvc.url: ") && !line.contains("secret"),
        "{line}"
    );
    refused
}

#[tokio::test]
async fn a_valkey_that_writes_to_a_disk_is_refused() {
    for options in [["--save", "3600 1"], ["--appendonly", "yes"]] {
        let server = ValkeyServer::start_with(&options);
        let refused = open(&server.url()).await;
        assert!(matches!(refused, ValkeyError::Persistent(_)), "{refused}");
    }
}

#[tokio::test]
async fn a_valkey_that_does_not_tell_whether_it_writes_is_refused() {
    let server = ValkeyServer::start();
    let _: () = redis::cmd("ACL")
        .arg(&["SETUSER", "shop", "on", ">secret", "~*", "+@all", "-config"])
        .query(&mut server.connect())
        .unwrap();
    let url = server.url().replace("redis://", "redis://shop:secret@");
    let refused = open(&url).await;
    assert!(matches!(refused, ValkeyError::Unchecked(_)), "{refused}");
}

#[tokio::test]
async fn a_wrong_and_a_missing_password_are_refused() {
    let server = ValkeyServer::start_with(&["--requirepass", "right"]);
    for url in [
        server.url(),
        server.url().replace("redis://", "redis://:secret@"),
    ] {
        let refused = open(&url).await;
        assert!(matches!(refused, ValkeyError::Denied(_)), "{refused}");
    }
    let right = server.url().replace("redis://", "redis://:right@");
    let holder = CvcHolder::in_valkey(&right, 900).await.ok().unwrap();
    assert!(!holder.place().contains("right"), "{}", holder.place());
}

#[tokio::test]
async fn a_valkey_that_is_not_there_is_refused() {
    let mut server = ValkeyServer::start();
    server.kill();
    let refused = open(&server.url()).await;
    assert!(matches!(refused, ValkeyError::Unreachable(_)), "{refused}");
}
