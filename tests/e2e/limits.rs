//! Limits that verifiers share, as an operator meets them.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use waxseal_tests::ValkeyServer;

use crate::{
    flood::ask,
    hostile::status,
    scene::{Scene, text},
    server::Server,
};

const URL: &str = "WAXSEAL_VERIFIER__LIMITS__URL";
const WITHIN: Duration = Duration::from_secs(10);

#[test]
fn a_valkey_that_does_not_take_the_password_is_one_line_and_so_is_it_in_the_report() {
    let scene = Scene::new();
    let mut valkey = ValkeyServer::start_with(&["--requirepass", "other"]);
    let url = |password: &str| {
        valkey
            .url()
            .replace("redis://", &format!("redis://:{password}@"))
    };
    let (right, wrong) = (url("other"), url("s3cret"));
    scene.refuses_to_serve(&[(URL, &wrong)], "limits.url: Valkey at ");
    let report = |environment: &[(&str, &str)]| text(&scene.run(&["doctor"], environment).stdout);
    assert!(report(&[]).contains("pass  limits: counted in this process's memory"));
    let place = valkey
        .url()
        .replace("redis://", "pass  limits: counted in Valkey at ");
    assert!(report(&[(URL, &right)]).contains(&place));
    let said = report(&[(URL, &wrong)]);
    assert!(
        said.contains("fail  limits: limits.url: Valkey at ") && !said.contains("s3cret"),
        "{said}"
    );
    valkey.kill();
    assert!(report(&[(URL, &right)]).contains("does not answer"));
}

#[test]
fn that_valkey_goes_and_comes_is_logged_once_each() {
    let mut valkey = ValkeyServer::start();
    let mut server = Server::start(&[(URL, &valkey.url())]);
    let events = |server: &Server| {
        ["limits_not_shared", "limits_shared"].map(|event| {
            let event = format!("\"event\":\"{event}\"");
            server.log().matches(&event).count()
        })
    };
    let answers = |server: &Server| {
        for _ in 0..20 {
            assert_eq!(status(&ask(server.public)), "200");
        }
    };
    answers(&server);
    assert_eq!(events(&server), [0, 0]);
    for round in 1..=2 {
        valkey.kill();
        let started = Instant::now();
        // Longer than the pause between two tries to connect.
        while started.elapsed() < Duration::from_secs(3) {
            answers(&server);
        }
        assert_eq!(events(&server), [round, round - 1]);
        valkey.restart_with(&[]);
        let started = Instant::now();
        while events(&server) != [round, round] {
            answers(&server);
            assert!(started.elapsed() < WITHIN, "{:?}", events(&server));
            sleep(Duration::from_millis(50));
        }
    }
    let metrics = server.metrics();
    for by in ["all", "share"] {
        assert!(metrics.contains(&format!("waxseal_limits_shared_total{{by=\"{by}\"}}")));
    }
    server.stop();
}

#[test]
fn a_verifier_starts_without_valkey_and_says_so() {
    let mut valkey = ValkeyServer::start();
    valkey.kill();
    let server = Server::start(&[(URL, &valkey.url())]);
    assert_eq!(
        server
            .log()
            .matches("\"event\":\"limits_not_shared\"")
            .count(),
        1
    );
    assert_eq!(status(&ask(server.public)), "200");
}
