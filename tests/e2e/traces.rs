//! What fifty purchases leave behind in files and in memory: no PAN and no CVC, in no form.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use waxseal_tests::{
    AT_MOST, PURCHASES, Planted, Traces, ValkeyServer, assert_folders_clean, card, excess,
    process_memory,
};
use zeroize::Zeroizing;

use crate::server::Server;

const EXPIRES_WITHIN: Duration = Duration::from_secs(20);

fn buy_all(planted: &Planted, server: &Server) {
    for (number, (pan, cvc)) in planted.pans.iter().zip(&planted.cvcs).enumerate() {
        let mut fields = card(pan);
        fields.cvc = Some(Zeroizing::new(cvc.clone()));
        let answer = server.submit(&format!("{}-{number}", planted.order), fields);
        assert_eq!(answer["status"], "accepted", "{answer}");
    }
}

#[test]
fn fifty_purchases_leave_no_pan_and_no_cvc_in_any_file() {
    let mut server = Server::start(&[]);
    let planted = Planted::new();
    buy_all(&planted, &server);
    assert_folders_clean("files while it runs", &planted, &[&server.scene.path("")]);
    server.stop();
    assert_folders_clean(
        "files after it has stopped",
        &planted,
        &[&server.scene.path("")],
    );
}

#[test]
fn fifty_purchases_leave_no_pan_and_no_cvc_in_memory_once_the_codes_are_gone() {
    let server = Server::start(&[("WAXSEAL_VERIFIER__CVC__HOLD_S", "1")]);
    let planted = Planted::new();
    buy_all(&planted, &server);
    let gone = format!("waxseal_cvc_total{{outcome=\"expired\"}} {PURCHASES}");
    let started = Instant::now();
    while !server.metrics().contains(&gone) {
        assert!(started.elapsed() < EXPIRES_WITHIN, "{}", server.metrics());
        sleep(Duration::from_millis(100));
    }
    let mut traces = Traces::of(&planted);
    let bytes = process_memory(server.pid(), |name, bytes| traces.look(name, bytes));
    assert!(bytes > 1 << 20, "{bytes}");
    traces.assert_none("memory");
}

#[test]
fn a_code_that_is_held_is_in_memory_so_the_search_would_see_one_that_stayed() {
    let server = Server::start(&[]);
    let planted = Planted::new();
    buy_all(&planted, &server);
    let mut traces = Traces::of(&planted);
    process_memory(server.pid(), |name, bytes| traces.look(name, bytes));
    let typed = traces.codes.of(&planted.cvcs);
    let never = traces.codes.of(&planted.never);
    let [_, alone] = [0, 1].map(|kind| excess(&typed[kind], &never[kind]));
    assert!(alone > AT_MOST, "{alone}");
}

#[test]
fn codes_that_valkey_holds_are_in_no_process_and_in_no_file() {
    let valkey = ValkeyServer::start();
    let server = Server::start(&[("WAXSEAL_VERIFIER__CVC__URL", &valkey.url())]);
    let planted = Planted::new();
    buy_all(&planted, &server);
    let held = format!("waxseal_cvc_total{{outcome=\"held\"}} {PURCHASES}");
    assert!(server.metrics().contains(&held), "{}", server.metrics());
    let mut traces = Traces::of(&planted);
    for pid in [server.pid(), valkey.pid()] {
        process_memory(pid, |name, bytes| traces.look(name, bytes));
    }
    traces.assert_none("memory of verifier and Valkey");
    assert_folders_clean(
        "files",
        &planted,
        &[&server.scene.path(""), valkey.folder()],
    );
}
