//! `verifier serve` with certificates on all three listeners, as a process of its own.

use std::{
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    scene::{ADD_SHOP, Scene, binary, text},
    server::Server,
};

/// It looks every five seconds.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

fn pki(scene: &Scene, args: &[&str]) {
    let output = Command::new(binary())
        .arg("pki")
        .args(args)
        .arg("--dir")
        .arg(scene.path("pki"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Waits until the log has so many of that event.
fn await_events(server: &Server, event: &str, count: usize) {
    let started = Instant::now();
    let wanted = format!("\"event\":\"{event}\"");
    while server.log().matches(&wanted).count() < count {
        assert!(started.elapsed() < SEEN_WITHIN, "{event}: {}", server.log());
        sleep(Duration::from_millis(50));
    }
}

/// What curl says: the status, or what it ended with.
fn ask(server: &Server, listener: &str, path: &str, more: &[&str]) -> Result<String, String> {
    let output = Command::new("openssl")
        .arg("s_client")
        .args(["-quiet", "-no_ign_eof", "-verify_return_error", "-CAfile"])
        .arg(server.scene.path("pki").join("ca.crt"))
        .args(["-verify_hostname", "localhost", "-connect"])
        .arg(server.address(listener).to_string())
        .args(more)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .and_then(|mut process| {
            let request =
                format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            // Held open until it has answered: its end would end the connection.
            let mut stdin = process.stdin.take().unwrap();
            std::io::Write::write_all(&mut stdin, request.as_bytes()).ok();
            let held = std::thread::spawn(move || {
                sleep(Duration::from_secs(2));
                drop(stdin);
            });
            let output = process.wait_with_output();
            held.join().unwrap();
            output
        })
        .unwrap();
    let answer = text(&output.stdout);
    match answer.split(' ').nth(1) {
        Some(status) => Ok(status.to_owned()),
        None => Err(text(&output.stderr)),
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story")]
fn three_listeners_follow_their_files_on_a_signal_and_by_themselves() {
    let scene = Scene::new();
    pki(&scene, &["init"]);
    for listener in ["public", "console", "private"] {
        let out = scene.path("pki").join(listener);
        pki(
            &scene,
            &[
                "issue",
                "--server",
                "localhost",
                "--out",
                out.to_str().unwrap(),
            ],
        );
    }
    pki(&scene, &["issue", "--client", "backend"]);
    let path = |file: &str| scene.path("pki").join(file).to_str().unwrap().to_owned();
    let mut environment = vec![(
        "WAXSEAL_VERIFIER__LISTEN__PLAIN_HTTP_ON_LOOPBACK".to_owned(),
        "false".to_owned(),
    )];
    for (section, stem) in [
        ("TLS_PUBLIC", "public"),
        ("TLS_CONSOLE", "console"),
        ("TLS_PRIVATE", "private"),
    ] {
        for (option, end) in [("CERT", "crt"), ("KEY", "key")] {
            let name = format!("WAXSEAL_VERIFIER__{section}__{option}");
            environment.push((name, path(&format!("{stem}.{end}"))));
        }
    }
    for (option, file) in [("CLIENT_CA", "ca.crt"), ("CRL", "ca.crl")] {
        let name = format!("WAXSEAL_VERIFIER__TLS_PRIVATE__{option}");
        environment.push((name, path(file)));
    }
    let environment: Vec<_> = environment
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let add = [&ADD_SHOP[..], &["--certificate-name", "dns:backend"]].concat();
    let server = Server::start_in(scene, &add, &environment);
    let (certificate, key) = (
        server.scene.path("pki").join("backend.crt"),
        server.scene.path("pki").join("backend.key"),
    );
    let with_certificate = [
        "-cert",
        certificate.to_str().unwrap(),
        "-key",
        key.to_str().unwrap(),
    ];

    assert_eq!(ask(&server, "public", "/healthz", &[]).unwrap(), "200");
    assert_eq!(ask(&server, "console", "/v1/keys", &[]).unwrap(), "401");
    assert_eq!(
        ask(&server, "private", "/v1/cards", &with_certificate).unwrap(),
        "200"
    );
    let refused = ask(&server, "private", "/healthz", &[]).unwrap_err();
    assert!(refused.contains("certificate required"), "{refused}");
    let refused = ask(&server, "public", "/healthz", &["-tls1_2"]).unwrap_err();
    assert!(refused.contains("protocol version"), "{refused}");
    let reasons = |reason: &str| format!("\"listener\":\"private\",\"reason\":\"{reason}\"");
    assert!(
        server.log().contains(&reasons("certificate_missing")),
        "{}",
        server.log()
    );

    // By itself, within seconds.
    pki(&server.scene, &["revoke", certificate.to_str().unwrap()]);
    await_events(&server, "certificates_reloaded", 1);
    let refused = ask(&server, "private", "/healthz", &with_certificate).unwrap_err();
    assert!(refused.contains("certificate revoked"), "{refused}");
    assert!(server.log().contains(&reasons("certificate_revoked")));

    // A file that is no good is said, once, and the old certificate goes on.
    let private_key = server.scene.path("pki").join("private.key");
    let whole = std::fs::read(&private_key).unwrap();
    std::fs::write(&private_key, b"no key").unwrap();
    hang_up(&server);
    await_events(&server, "certificates_not_reloaded", 1);
    pki(&server.scene, &["issue", "--client", "next"]);
    assert_eq!(ask(&server, "public", "/healthz", &[]).unwrap(), "200");
    std::fs::write(&private_key, whole).unwrap();
    hang_up(&server);
    await_events(&server, "certificates_reloaded", 2);
    let errors = server.log().matches("certificates_not_reloaded").count();
    assert_eq!(errors, 1, "{}", server.log());
    let log = server.log();
    let error = log
        .lines()
        .find(|line| line.contains("certificates_not_reloaded"))
        .unwrap();
    let error: Value = serde_json::from_str(error).unwrap();
    assert!(
        error["error"]
            .as_str()
            .unwrap()
            .contains("holds no private key")
    );

    // Options are those of the start.
    assert!(!server.log().contains("configuration_changed"));
    let file = server.scene.path("waxseal.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n# changed\n")).unwrap();
    hang_up(&server);
    await_events(&server, "configuration_changed", 1);
    assert!(server.log().contains("restart to use it"));
}

fn hang_up(server: &Server) {
    let pid = server.pid().to_string();
    let told = Command::new("kill").args(["-HUP", &pid]).status();
    assert!(told.unwrap().success());
}
