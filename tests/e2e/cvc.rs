//! The holder of CVCs as an operator meets it.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
};

use waxseal_tests::{AMEX, ValkeyServer, card};

use crate::{
    scene::{Scene, text},
    server::Server,
};

const URL: &str = "WAXSEAL_VERIFIER__CVC__URL";

#[test]
fn a_valkey_that_codes_may_not_be_trusted_to_is_one_line() {
    let scene = Scene::new();
    let persistent = ValkeyServer::start_with(&["--appendonly", "yes"]);
    let locked = ValkeyServer::start_with(&["--requirepass", "other"]);
    let wrong = locked.url().replace("redis://", "redis://:s3cret@");
    let mut dead = ValkeyServer::start();
    dead.kill();
    for (url, wanted) in [
        (persistent.url().as_str(), "writes to a disk: set save"),
        (&wrong, "does not accept the user or password"),
        (&dead.url(), "does not answer: start it"),
        ("redis://:s3cret@valkey.example", "needs TLS"),
        ("rediss://valkey.example", "needs a password"),
    ] {
        scene.refuses_to_serve(&[(URL, url)], wanted);
        let output = scene.run(&["serve"], &[(URL, url)]);
        let said = text(&output.stderr) + &text(&output.stdout);
        assert!(!said.contains("s3cret"), "{said}");
    }
}

#[test]
fn doctor_says_where_codes_are_held_and_whether_that_can_be_reached() {
    let scene = Scene::new();
    let report = |environment: &[(&str, &str)]| text(&scene.run(&["doctor"], environment).stdout);
    let said = report(&[]);
    assert!(
        said.contains("pass  CVC holder: this process's memory"),
        "{said}"
    );
    let mut valkey = ValkeyServer::start_with(&["--requirepass", "s3cret"]);
    let url = valkey.url().replace("redis://", "redis://:s3cret@");
    let said = report(&[(URL, &url)]);
    let place = valkey.url().replace("redis://", "Valkey at ");
    assert!(
        said.contains(&format!("pass  CVC holder: {place}")) && !said.contains("s3cret"),
        "{said}"
    );
    valkey.kill();
    let said = report(&[(URL, &url)]);
    assert!(
        said.contains("fail  CVC holder: cvc.url: Valkey at") && !said.contains("s3cret"),
        "{said}"
    );
}

#[test]
fn a_database_from_before_codes_were_held_gets_its_key_from_init() {
    let scene = Scene::new();
    let database = rusqlite::Connection::open(scene.path("waxseal.sqlite")).unwrap();
    let gone = database.execute("DELETE FROM key WHERE purpose = 'cvc'", []);
    assert_eq!(gone.unwrap(), 2);
    drop(database);
    scene.refuses_to_serve(&[], "no active cvc key for live mode: run `verifier init`");
    assert!(scene.run(&["init"], &[]).status.success());
    let report = text(&scene.run(&["doctor"], &[]).stdout);
    assert!(report.contains("pass  store and keys"), "{report}");
}

#[test]
fn valkey_over_tls_is_trusted_by_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make_certificate(folder.path());
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let _valkey = ValkeyServer::start_with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &path("cert.pem"),
        "--tls-key-file",
        &path("key.pem"),
        "--tls-auth-clients",
        "no",
        "--requirepass",
        "s3cret",
    ]);
    let url = format!("rediss://:s3cret@localhost:{port}");
    let server = Server::start(&[(URL, &url), ("SSL_CERT_FILE", &path("cert.pem"))]);
    server.submit("order-1", card(AMEX));
    let held = "waxseal_cvc_total{outcome=\"held\"} 1";
    assert!(server.metrics().contains(held), "{}", server.metrics());
    assert!(!server.log().contains("s3cret"));

    // Nobody vouches for it.
    let scene = Scene::new();
    scene.refuses_to_serve(&[(URL, &url)], "does not answer");
    // It is somebody else's.
    let by_address = url.replace("localhost", "127.0.0.1");
    scene.refuses_to_serve(
        &[(URL, &by_address), ("SSL_CERT_FILE", &path("cert.pem"))],
        "does not answer",
    );
}

fn make_certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args([
            "-subj",
            "/CN=localhost",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(folder)
        .output()
        .expect("openssl: scripts/setup test installs it");
    assert!(made.status.success(), "{}", text(&made.stderr));
}
