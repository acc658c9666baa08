//! Signing in to the console, over the wire: sessions that somebody else has chosen, and names told by time.

use std::time::{Duration, Instant};

use waxseal_tests::{PASSWORD, Person};
use waxseal_verifier::clock::{Clock, SystemClock};

use crate::{
    interface::percent_encoded,
    target::{Target, text},
    wire::{Reply, ask, request},
};

const SESSION: &str = "__Host-waxseal-session";
const FORM: &str = "__Host-waxseal-form";
const REDIRECT_URI: &str = "http://127.0.0.1:8123/callback";

/// The console's page as a browser has it: where it is, its cookies, and the value that its forms hold.
struct Page {
    path: String,
    cookies: String,
    /// The cookie of somebody who has not signed in.
    form: String,
    csrf: String,
}

impl Page {
    /// The first one, with cookies that the browser had before.
    fn open(target: &Target, path: &str, cookies: &str) -> Self {
        let reply = get(target, path, cookies);
        assert_eq!(reply.status, 200, "{}", reply.body);
        let form = cookie(&reply, FORM).unwrap();
        Self {
            path: path.to_owned(),
            cookies: format!("{cookies}; {FORM}={form}"),
            form,
            csrf: csrf(&reply),
        }
    }

    fn sign_in(&self, target: &Target, name: &str, password: &str, code: &str) -> Reply {
        let typed = [
            ("step", "sign_in"),
            ("name", name),
            ("password", password),
            ("code", code),
        ];
        post(target, &self.path, &self.cookies, &self.csrf, &typed)
    }
}

fn get(target: &Target, path: &str, cookies: &str) -> Reply {
    ask(
        target.console,
        &request("GET", path, &[("cookie", cookies)], ""),
    )
}

fn post(target: &Target, path: &str, cookies: &str, csrf: &str, fields: &[(&str, &str)]) -> Reply {
    let fields = [&[("csrf", csrf)], fields].concat();
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", percent_encoded(value)));
    let body = fields.collect::<Vec<_>>().join("&");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("cookie", cookies), form];
    ask(target.console, &request("POST", path, &headers, body))
}

fn csrf(reply: &Reply) -> String {
    let (_, after) = reply.body.split_once("name=\"csrf\" value=\"").unwrap();
    after.split('"').next().unwrap().to_owned()
}

fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let start = format!("set-cookie: {name}=");
    let line = reply
        .head
        .lines()
        .find_map(|line| line.strip_prefix(&start));
    line.map(|rest| rest.split(';').next().unwrap().to_owned())
}

fn add_person(target: &Target, name: &str) -> Person {
    let args = [
        "users",
        "add",
        "--name",
        name,
        "--scope",
        "keys:read",
        "--json",
    ];
    let added = target.run_with_input(&args, &format!("{PASSWORD}\n"));
    Person {
        id: text(&added, "user_id"),
        name: name.to_owned(),
        factor_uri: text(&added, "second_factor"),
    }
}

/// What a program sends a browser to.
fn consent_path(target: &Target) -> String {
    let args = [
        "programs",
        "add",
        "--name",
        "Back office",
        "--redirect-uri",
        REDIRECT_URI,
        "--scope",
        "keys:read",
        "--json",
    ];
    let added = target.run_with_input(&args, "");
    // RFC 7636 appendix B.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri={}&scope=keys%3Aread&state=s\
         &code_challenge={challenge}&code_challenge_method=S256",
        text(&added, "client_id"),
        percent_encoded(REDIRECT_URI)
    )
}

#[test]
fn nothing_that_a_browser_had_before_signing_in_is_worth_anything_after() {
    let target = Target::start();
    let (ann, mallory) = (add_person(&target, "ann"), add_person(&target, "mallory"));
    let path = consent_path(&target);
    let code = |person: &Person| person.code(SystemClock.now());

    // Whoever goes on in a session that was planted is shown whose it is.
    let page = Page::open(&target, &path, "");
    let own = page.sign_in(&target, "mallory", PASSWORD, &code(&mallory));
    let own = cookie(&own, SESSION).unwrap();
    let shown = get(&target, &path, &format!("{SESSION}={own}"));
    assert!(shown.body.contains("mallory"), "{}", shown.body);

    let planted = "lgn_1.planted";
    let page = Page::open(&target, &path, &format!("{SESSION}={planted}"));
    let signed_in = page.sign_in(&target, "ann", PASSWORD, &code(&ann));
    assert_eq!(signed_in.status, 303, "{}", signed_in.body);
    let given = cookie(&signed_in, SESSION).unwrap();
    assert_ne!(given, planted);
    let is_in = |session: &str| {
        let shown = get(&target, &path, &format!("{SESSION}={session}"));
        shown.body.contains("Allow Back office?")
    };
    assert!(is_in(&given));
    assert!(!is_in(planted));
    // What its forms held before is not what they hold now.
    let (alone, both) = (
        format!("{SESSION}={given}"),
        format!("{SESSION}={given}; {FORM}={}", page.form),
    );
    for cookies in [alone, both] {
        for step in ["allow", "deny", "sign_out"] {
            let before = post(&target, &path, &cookies, &page.csrf, &[("step", step)]);
            assert_eq!(before.code(), "form_expired", "{step}: {}", before.body);
        }
    }
    assert!(is_in(&given), "it is still open");
}

/// How long a refusal takes at most, of the quicker half: of nobody's name, a wrong password, a locked name.
fn refusals(target: &Target, page: &Page, people: &[String], locked: &str) -> [Duration; 3] {
    let mut times: [Vec<Duration>; 3] = Default::default();
    for person in people {
        // In turns: what slows the machine down slows all.
        for (of, name) in [
            (0, format!("no-{person}")),
            (1, person.clone()),
            (2, locked.to_owned()),
        ] {
            let started = Instant::now();
            let reply = page.sign_in(target, &name, "wrong horse battery staple", "000000");
            times[of].push(started.elapsed());
            assert_eq!(reply.status, 422, "{}", reply.body);
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

#[test]
fn nobodys_name_is_refused_in_the_time_of_a_wrong_password_and_of_a_locked_name() {
    let target = Target::start();
    let people: Vec<_> = (0..6).map(|number| format!("person-{number}")).collect();
    for name in people.iter().map(String::as_str).chain(["locked"]) {
        add_person(&target, name);
    }
    let page = Page::open(&target, &consent_path(&target), "");
    for _ in 0..6 {
        page.sign_in(&target, "locked", "wrong horse battery staple", "000000");
    }
    // Each name has four tries before it waits; what differs by itself differs each time.
    let rounds: Vec<_> = (0..4)
        .map(|_| refusals(&target, &page, &people, "locked"))
        .collect();
    let reasons = target.installation.database().texts(
        "SELECT reason || ' ' || count(*) FROM audit WHERE action = 'auth.failed' GROUP BY reason ORDER BY reason",
    );
    // Else it was not measured what is said here.
    assert_eq!(
        reasons,
        ["password 29", "user_locked 25", "user_unknown 24"]
    );
    let is_alike = |[unknown, known, locked]: &[Duration; 3]| {
        *unknown * 2 > *known
            && *known * 2 > *unknown
            && *locked * 2 > *known
            && *known * 2 > *locked
    };
    assert!(rounds.iter().any(is_alike), "{rounds:?}");
}
