//! `verifier pki` and `clients`, and a `serve` whose certificates are not as they should be.

use std::{os::unix::fs::PermissionsExt, process::Output};

use serde_json::Value;

use crate::{
    command::FREE,
    scene::{ADD_SHOP, Scene, binary, text},
};

fn pki(scene: &Scene, args: &[&str]) -> Output {
    std::process::Command::new(binary())
        .arg("pki")
        .args(args)
        .arg("--dir")
        .arg(scene.path("pki"))
        .output()
        .unwrap()
}

#[track_caller]
fn succeeds(scene: &Scene, args: &[&str]) -> String {
    let output = pki(scene, args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[track_caller]
fn fails(scene: &Scene, args: &[&str], wanted: &str) {
    let output = pki(scene, args);
    let said = text(&output.stderr);
    assert!(
        !output.status.success() && said.contains(wanted),
        "{args:?}: {said}"
    );
}

/// Where a listener's certificates are, for `serve`.
fn files<'s>(cert: &'s str, key: &'s str) -> Vec<(&'s str, &'s str)> {
    let mut all = FREE.to_vec();
    all.push(("WAXSEAL_VERIFIER__TLS_PRIVATE__CERT", cert));
    all.push(("WAXSEAL_VERIFIER__TLS_PRIVATE__KEY", key));
    all
}

#[test]
fn an_authority_issues_renews_and_revokes() {
    let scene = Scene::new();
    fails(
        &scene,
        &["issue", "--client", "backend"],
        "verifier pki init",
    );
    succeeds(&scene, &["init"]);
    fails(&scene, &["init"], "already");
    succeeds(&scene, &["issue", "--client", "backend"]);
    succeeds(
        &scene,
        &["issue", "--server", "localhost", "--server", "127.0.0.1"],
    );
    fails(&scene, &["issue", "--client", "backend"], "already");
    fails(&scene, &["issue", "--client", "../x"], "host name");
    fails(&scene, &["issue"], "--server");
    for key in ["ca.key", "backend.key", "localhost.key"] {
        let mode = std::fs::metadata(scene.path("pki").join(key)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{key}");
    }

    let path = |file: &str| scene.path("pki").join(file);
    let certificate = path("backend.crt");
    let certificate = certificate.to_str().unwrap();
    let read = |file: &str| std::fs::read(path(file)).unwrap();
    let before = (read("backend.crt"), read("backend.key"));
    let kept = succeeds(&scene, &["renew", certificate, "--within-days", "30"]);
    assert!(kept.contains("99 days are left"), "{kept}");
    assert_eq!((read("backend.crt"), read("backend.key")), before);
    succeeds(&scene, &["renew", certificate, "--keep-key"]);
    assert_ne!(read("backend.crt"), before.0);
    assert_eq!(read("backend.key"), before.1);
    succeeds(&scene, &["renew", certificate]);
    assert_ne!(read("backend.key"), before.1);

    // What another program reads from it.
    let openssl = |args: &[&str]| {
        let output = std::process::Command::new("openssl")
            .args(args)
            .current_dir(scene.path("pki"))
            .output()
            .unwrap();
        (
            output.status.success(),
            text(&[output.stdout, output.stderr].concat()),
        )
    };
    let verify = [
        "verify",
        "-CAfile",
        "ca.crt",
        "-CRLfile",
        "ca.crl",
        "-crl_check",
        "-x509_strict",
    ];
    for (file, purpose) in [("backend.crt", "sslclient"), ("localhost.crt", "sslserver")] {
        let (is_good, said) = openssl(&[&verify[..], &["-purpose", purpose, file]].concat());
        assert!(is_good, "{said}");
    }
    let revoked = succeeds(&scene, &["revoke", certificate]);
    assert!(revoked.contains("is revoked"), "{revoked}");
    let again = succeeds(&scene, &["revoke", certificate]);
    assert!(again.contains("already"), "{again}");
    let (is_good, said) = openssl(&[&verify[..], &["backend.crt"]].concat());
    assert!(!is_good && said.contains("certificate revoked"), "{said}");
    let (is_good, said) = openssl(&[&verify[..], &["localhost.crt"]].concat());
    assert!(is_good, "{said}");
    let other = Scene::new();
    succeeds(&other, &["init"]);
    fails(&other, &["revoke", certificate], "of this authority");
    fails(&other, &["renew", certificate], "of this authority");
}

#[test]
fn certificates_that_cannot_be_used_are_one_line_each() {
    let scene = Scene::new();
    succeeds(&scene, &["init"]);
    for name in ["one", "two"] {
        succeeds(&scene, &["issue", "--server", name]);
    }
    let path = |file: &str| scene.path("pki").join(file).to_str().unwrap().to_owned();
    let [cert, key, other, none] = ["one.crt", "one.key", "two.key", "none.key"].map(path);
    scene.refuses_to_serve(&files(&cert, &none), "tls_private.key");
    scene.refuses_to_serve(&files(&none, &key), "verifier pki");
    scene.refuses_to_serve(&files(&cert, &other), "is not the key of the certificate");
    scene.refuses_to_serve(&files(&key, &key), "holds no certificate");
    scene.refuses_to_serve(&files(&cert, &cert), "private key");
    let mut without_authority = files(&cert, &key);
    let crl = path("ca.crl");
    without_authority.push(("WAXSEAL_VERIFIER__TLS_PRIVATE__CRL", &crl));
    scene.refuses_to_serve(&without_authority, "client_ca");
    let doctor = text(&scene.run(&["doctor"], &files(&cert, &other)).stdout);
    assert!(
        doctor.contains("fail  certificate: tls_private.key"),
        "{doctor}"
    );
    let doctor = text(&scene.run(&["doctor"], &files(&cert, &key)).stdout);
    assert!(
        doctor.contains("pass  certificate: private cert: 99 days are left"),
        "{doctor}"
    );
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    scene.refuses_to_serve(&files(&cert, &key), "chmod 600");
}

#[test]
fn a_listener_without_certificates_is_for_loopback_or_proxies() {
    let scene = Scene::new();
    let public = "WAXSEAL_VERIFIER__LISTEN__PUBLIC";
    let from_proxies = ("WAXSEAL_VERIFIER__LISTEN__PLAIN_HTTP_FROM_PROXIES", "true");
    let proxies = (
        "WAXSEAL_VERIFIER__LISTEN__TRUSTED_PROXIES",
        "[\"192.0.2.0/24\"]",
    );
    let everywhere = [FREE[1], (public, "0.0.0.0:0")];
    let with = |more: &[(&'static str, &'static str)]| [&everywhere[..], more].concat();
    scene.refuses_to_serve(&with(&[]), "only a loopback address");
    scene.refuses_to_serve(&with(&[proxies]), "only a loopback address");
    scene.refuses_to_serve(&with(&[from_proxies]), "listen.trusted_proxies");
    // Nothing but the build output is missing then.
    scene.refuses_to_serve(&with(&[from_proxies, proxies]), "build the SDK first");
    for listener in ["PRIVATE", "CONSOLE"] {
        let name = format!("WAXSEAL_VERIFIER__LISTEN__{listener}");
        let environment = [&FREE[..], &[from_proxies, proxies, (&name, "0.0.0.0:0")]].concat();
        scene.refuses_to_serve(&environment, "only a loopback address");
    }
    let no_flag = [
        FREE[0],
        FREE[1],
        ("WAXSEAL_VERIFIER__LISTEN__PLAIN_HTTP_ON_LOOPBACK", "false"),
    ];
    scene.refuses_to_serve(&no_flag, "plain_http_on_loopback");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story")]
fn clients_are_known_by_certificates_and_shown_no_secret_then() {
    let scene = Scene::new();
    succeeds(&scene, &["init"]);
    succeeds(&scene, &["issue", "--client", "backend"]);
    let certificate = scene.path("pki").join("backend.crt");
    let certificate = certificate.to_str().unwrap();
    let json = |args: &[&str]| -> Value {
        let output = scene.run(args, &[]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let added = json(&[&ADD_SHOP[..], &["--certificate-name", "dns:Backend"]].concat());
    assert!(added.get("client_secret").is_none());
    let (merchant, first) = (added["merchant_id"].as_str().unwrap(), &added["client_id"]);
    let add = [
        "clients",
        "add",
        "--json",
        "--merchant",
        merchant,
        "--scope",
        "cards:read",
    ];
    let second = json(
        &[
            &add[..],
            &["--certificate", certificate, "--allow", "192.0.2.0/24"],
        ]
        .concat(),
    );
    assert!(second.get("client_secret").is_none());
    let third = json(&add);
    assert!(third["client_secret"].as_str().unwrap().starts_with("wxs_"));
    let listed = || {
        let lines = text(&scene.run(&["clients", "list", "--json"], &[]).stdout);
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<Value>>()
    };
    let all = listed();
    assert_eq!(all[0]["id"], *first);
    assert_eq!(all[0]["certificates"], serde_json::json!(["dns:backend"]));
    assert_eq!(all[1]["scopes"], serde_json::json!(["cards:read"]));
    assert_eq!(all[1]["networks"], serde_json::json!(["192.0.2.0/24"]));
    let pin = all[1]["certificates"][0].as_str().unwrap();
    assert!(pin.starts_with("spki:") && pin.len() == 5 + 43);

    let id = third["client_id"].as_str().unwrap();
    let run = |args: &[&str]| scene.run(args, &[]);
    let taken = run(&["clients", "bind", id, "--certificate", certificate]);
    assert!(text(&taken.stderr).contains("another client"));
    let second = second["client_id"].as_str().unwrap();
    let unbind = |rest: &[&str]| run(&[&["clients", "unbind", second], rest].concat());
    let unknown = unbind(&["dns:unknown"]);
    assert!(text(&unknown.stderr).contains("not known by that"));
    let last = unbind(&[pin]);
    assert!(text(&last.stderr).contains("--allow-secret"));
    assert_eq!(listed()[1]["certificates"], serde_json::json!([pin]));
    assert!(unbind(&[pin, "--allow-secret"]).status.success());
    for _ in 0..2 {
        assert!(
            run(&["clients", "bind", id, "--certificate", certificate])
                .status
                .success()
        );
    }
    assert!(
        run(&["clients", "allow", id, "192.0.2.0/24", "2001:db8::/32"])
            .status
            .success()
    );
    let all = listed();
    assert_eq!(all[2]["certificates"], serde_json::json!([pin]));
    assert_eq!(
        all[2]["networks"],
        serde_json::json!(["192.0.2.0/24", "2001:db8::/32"])
    );
    assert!(all[1]["certificates"].as_array().unwrap().is_empty());
    for wrong in [
        &["clients", "bind", "cli_none", "--certificate-name", "dns:a"][..],
        &["clients", "bind", id],
        &["clients", "bind", id, "--certificate-name", "email:a"],
        &["clients", "allow", id, "everywhere"],
        &["clients", "allow", id, "192.0.2.7/24"],
        &[
            "clients",
            "add",
            "--merchant",
            "mch_none",
            "--role",
            "backend",
        ],
        &["clients", "add", "--merchant", merchant],
        &["clients", "add", "--merchant", merchant, "--role", "all"],
        &[
            "clients",
            "add",
            "--merchant",
            merchant,
            "--role",
            "support",
            "--scope",
            "cards:read",
        ],
        &["clients", "rotate", "cli_none"],
        &["clients", "revoke", "cli_none"],
    ] {
        assert!(!run(wrong).status.success(), "{wrong:?}");
    }
}

#[test]
fn a_client_of_a_role_gets_another_secret_and_is_revoked() {
    let scene = Scene::new();
    let run = |args: &[&str]| {
        let output = scene.run(args, &[]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let shop: Value = serde_json::from_str(&run(&ADD_SHOP)).unwrap();
    let merchant = shop["merchant_id"].as_str().unwrap();
    let add = [
        "clients",
        "add",
        "--json",
        "--merchant",
        merchant,
        "--name",
        "Desk",
    ];
    let added: Value =
        serde_json::from_str(&run(&[&add[..], &["--role", "support"]].concat())).unwrap();
    let (id, secret) = (&added["client_id"], &added["client_secret"]);
    let (id, secret) = (id.as_str().unwrap(), secret.as_str().unwrap());
    run(&["clients", "allow", id, "127.0.0.1"]);
    let listed = || -> Value {
        let lines = run(&["clients", "list", "--json"]);
        let line = lines.lines().find(|line| line.contains(id)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    assert_eq!(
        listed()["scopes"],
        serde_json::json!(["cards:read", "sessions:read"])
    );
    assert_eq!(listed()["name"], "Desk");
    assert_eq!(listed()["networks"], serde_json::json!(["127.0.0.1/32"]));
    let rotated = run(&["clients", "rotate", id]);
    assert!(rotated.contains("wxs_") && !rotated.contains(secret));
    assert!(listed()["revoked_at"].is_null());
    run(&["clients", "revoke", id]);
    assert!(listed()["revoked_at"].is_string());
    for again in ["rotate", "revoke"] {
        let refused = scene.run(&["clients", again, id], &[]);
        assert!(text(&refused.stderr).contains("is revoked"), "{again}");
    }
}

#[test]
fn a_servers_certificate_is_registered_as_file_or_as_openssl_prints_it() {
    let scene = Scene::new();
    succeeds(&scene, &["init"]);
    succeeds(&scene, &["issue", "--client", "backend"]);
    let certificate = scene.path("pki").join("backend.crt");
    let certificate = certificate.to_str().unwrap();
    let added = text(&scene.run(&ADD_SHOP, &[]).stdout);
    let added: Value = serde_json::from_str(&added).unwrap();
    let id = added["client_id"].as_str().unwrap();
    let fingerprint = std::process::Command::new("openssl")
        .args([
            "x509",
            "-noout",
            "-fingerprint",
            "-sha256",
            "-in",
            certificate,
        ])
        .output()
        .unwrap();
    let fingerprint = text(&fingerprint.stdout);
    let fingerprint = fingerprint.trim().split_once('=').unwrap().1;
    for (option, value) in [
        ("--certificate", certificate),
        ("--certificate-digest", fingerprint),
    ] {
        let output = scene.run(&["client-auth", id, option, value], &[]);
        assert!(
            text(&output.stdout).contains("secret is of no use"),
            "{option}"
        );
    }
    let listed = text(&scene.run(&["clients", "list"], &[]).stdout);
    assert!(listed.contains("self_signed_tls_client_auth"), "{listed}");
    let output = scene.run(&["client-auth", id, "--certificate-digest", "00"], &[]);
    assert!(!output.status.success());
}
