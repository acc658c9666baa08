//! What fifty purchases leave behind in files and in memory: no PAN and no CVC, in no form.

use std::{
    collections::BTreeSet,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use waxseal_tests::{
    Codes, Hit, Needle, Search, ValkeyServer, card, cvc_forms, excess, folder_files, pan_encodings,
    process_memory,
};
use waxseal_verifier::rng::{Rng, SystemRng};
use zeroize::Zeroizing;

use crate::server::Server;

const PURCHASES: usize = 50;
/// Standard deviations: by chance alone one run in three hundred thousand has more.
const AT_MOST: f64 = 4.5;
const EXPIRES_WITHIN: Duration = Duration::from_secs(20);

/// What was typed, and what could have been but was not.
struct Planted {
    pans: Vec<String>,
    cvcs: Vec<String>,
    never: Vec<String>,
    /// Something that is no secret, to see that the search sees.
    order: String,
}

impl Planted {
    fn new() -> Self {
        let rng = SystemRng::default();
        let pans: Vec<String> = (0..PURCHASES).map(|_| amex(&rng)).collect();
        let mut codes: Vec<String> = Vec::new();
        while codes.len() < 2 * PURCHASES {
            let code = digits(&rng, 4);
            // Last fours are kept, and rightly so.
            if !codes.contains(&code) && pans.iter().all(|pan| !pan.ends_with(&code)) {
                codes.push(code);
            }
        }
        let never = codes.split_off(PURCHASES);
        let order = format!("order-{}", digits(&rng, 12));
        Self {
            pans,
            cvcs: codes,
            never,
            order,
        }
    }

    fn buy_all(&self, server: &Server) {
        for (number, (pan, cvc)) in self.pans.iter().zip(&self.cvcs).enumerate() {
            let mut fields = card(pan);
            fields.cvc = Some(Zeroizing::new(cvc.clone()));
            let answer = server.submit(&format!("{}-{number}", self.order), fields);
            assert_eq!(answer["status"], "accepted", "{answer}");
        }
    }
}

/// What was found of everything that was planted.
struct Traces<'p> {
    planted: &'p Planted,
    pans: Search,
    cvcs: Search,
    order: Search,
    hits: BTreeSet<Hit>,
    codes: Codes,
    has_order: bool,
}

impl<'p> Traces<'p> {
    fn of(planted: &'p Planted) -> Self {
        let all = |values: &[String], forms: fn(&str) -> Vec<Needle>| {
            Search::new(values.iter().map(|value| forms(value)).collect::<Vec<_>>())
        };
        Self {
            planted,
            pans: all(&planted.pans, pan_encodings),
            cvcs: all(&planted.cvcs, cvc_forms),
            order: all(std::slice::from_ref(&planted.order), plain),
            hits: BTreeSet::new(),
            codes: Codes::default(),
            has_order: false,
        }
    }

    fn look(&mut self, place: &str, bytes: &[u8]) {
        self.hits.extend(self.pans.hits(place, bytes));
        self.hits.extend(self.cvcs.hits(place, bytes));
        self.codes.count(bytes);
        self.has_order |= !self.order.hits(place, bytes).is_empty();
    }

    /// Never prints a value, only its form and place.
    #[track_caller]
    fn assert_none(&self, what: &str) {
        assert!(self.has_order, "{what}: the search sees nothing");
        let forms: BTreeSet<_> = self
            .hits
            .iter()
            .map(|hit| format!("{} in {}", hit.form, hit.place))
            .collect();
        assert!(forms.is_empty(), "{what}: {forms:#?}");
        let typed = self.codes.of(&self.planted.cvcs);
        let never = self.codes.of(&self.planted.never);
        for (kind, (typed, never)) in ["within digits", "alone"]
            .iter()
            .zip(typed.iter().zip(&never))
        {
            let excess = excess(typed, never);
            let sum = |counts: &[u32]| counts.iter().sum::<u32>();
            println!(
                "{what}, {kind}: {} typed, {} never typed, excess {excess:.2}",
                sum(typed),
                sum(never)
            );
            assert!(excess < AT_MOST, "{what}, {kind}: {excess}");
        }
    }
}

#[test]
fn fifty_purchases_leave_no_pan_and_no_cvc_in_any_file() {
    let mut server = Server::start(&[]);
    let planted = Planted::new();
    planted.buy_all(&server);
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
    planted.buy_all(&server);
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
    planted.buy_all(&server);
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
    planted.buy_all(&server);
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

fn assert_folders_clean(what: &str, planted: &Planted, folders: &[&Path]) {
    let mut traces = Traces::of(planted);
    for (path, bytes) in folder_files(folders) {
        traces.look(&path.display().to_string(), &bytes);
    }
    traces.assert_none(what);
}

fn plain(text: &str) -> Vec<Needle> {
    let bytes = text.as_bytes().to_vec();
    vec![Needle {
        form: "as it is",
        bytes,
    }]
}

/// An American Express number: those have codes of four digits.
fn amex(rng: &dyn Rng) -> String {
    let body = format!("37{}", digits(rng, 12));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let doubled = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn digits(rng: &dyn Rng, count: usize) -> String {
    let digit = |_| char::from(b'0' + rng.array::<1>().unwrap()[0] % 10);
    (0..count).map(digit).collect()
}
