//! Signing in: three things at once, few tries, and forms that nobody else can send.

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Answer, Browser, Consent, PASSWORD, Program, TestVerifier, form_encoded, get};
use waxseal_verifier::{
    clock::Clock,
    limits::{Limit, Rate},
};

use super::Scene;

const SESSION: &str = "__Host-waxseal-session";

impl Scene {
    fn path(&self) -> String {
        Consent::of(&self.program, "keys:read").path()
    }

    /// Tries to sign in, in a browser of its own.
    pub(super) async fn try_with(&self, name: &str, password: &str, code: &str) -> Answer {
        let mut browser = Browser::default();
        let page = browser.get(&self.verifier, &self.path()).await;
        let typed = [
            ("step", "sign_in"),
            ("name", name),
            ("password", password),
            ("code", code),
        ];
        browser.submit(&self.verifier, &page, &typed).await
    }

    fn right_code(&self) -> String {
        self.person.code(self.verifier.clock.now())
    }
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let scene = Scene::open().await;
    let code = scene.right_code();
    let wrong_code = if code == "000000" { "000001" } else { "000000" };
    let mut answers = Vec::new();
    for (name, password, code) in [
        ("nobody", PASSWORD, code.as_str()),
        ("ann", "wrong horse battery staple", &code),
        ("ann", PASSWORD, wrong_code),
        ("ann", PASSWORD, ""),
        ("", "", ""),
    ] {
        let answer = scene.try_with(name, password, code).await;
        assert_eq!(answer.status, 422);
        let set = answer.headers.get_all("set-cookie").iter();
        let mut names = set.map(|cookie| cookie.to_str().unwrap().split('=').next().unwrap());
        assert!(names.all(|name| name != SESSION));
        let told = answer.text.split("role=\"alert\"").nth(1).unwrap();
        answers.push(told.split("</p>").next().unwrap().to_owned());
    }
    assert!(answers.iter().all(|told| *told == answers[0]));
    assert_eq!(
        scene.failures(),
        [
            "user_unknown",
            "password",
            "second_factor",
            "second_factor",
            "user_unknown"
        ]
    );
    let whose = scene.verifier.database.number(
        "SELECT count(*) FROM audit WHERE action = 'auth.failed' AND operator_id LIKE 'usr_%'",
    );
    assert_eq!(whose, 3);
    assert_eq!(scene.try_with("ann", PASSWORD, &code).await.status, 303);
}

#[tokio::test]
async fn each_code_is_taken_once() {
    let scene = Scene::open().await;
    let code = scene.right_code();
    assert_eq!(scene.try_with("ann", PASSWORD, &code).await.status, 303);
    assert_eq!(scene.try_with("ann", PASSWORD, &code).await.status, 422);
    assert_eq!(scene.failures(), ["second_factor_reused"]);
    scene.verifier.clock.advance_millis(30_000);
    let next = scene.right_code();
    assert_eq!(scene.try_with("ann", PASSWORD, &next).await.status, 303);
}

#[tokio::test]
async fn after_four_failures_each_try_waits_longer() {
    let scene = Scene::open().await;
    let fail = async || {
        scene
            .try_with("ann", "wrong horse battery staple", "000000")
            .await
    };
    let succeed = async || {
        let code = scene.right_code();
        scene.try_with("ann", PASSWORD, &code).await.status.as_u16()
    };
    for _ in 0..4 {
        fail().await;
    }
    // The fifth is still looked at, and the next one has to wait.
    fail().await;
    for wait_s in [30, 60, 120] {
        scene.verifier.clock.advance_millis(wait_s * 1000 - 1);
        assert_eq!(succeed().await, 422, "the right ones, too early");
        scene.verifier.clock.advance_millis(1);
        fail().await;
    }
    let locked = scene
        .failures()
        .iter()
        .filter(|reason| *reason == "user_locked")
        .count();
    assert_eq!(locked, 3);
    scene.verifier.clock.advance_millis(240_000);
    assert_eq!(succeed().await, 303);
    // A success ends it: four more are free.
    for _ in 0..4 {
        fail().await;
    }
    scene.verifier.clock.advance_millis(30_000);
    assert_eq!(succeed().await, 303);
}

#[tokio::test]
async fn many_at_once_have_no_more_tries() {
    let scene = Scene::open().await;
    let tries = (0..12).map(|_| scene.try_with("ann", "wrong horse battery staple", "000000"));
    futures_util::future::join_all(tries).await;
    let looked_at = scene
        .failures()
        .iter()
        .filter(|reason| *reason == "password")
        .count();
    assert_eq!(looked_at, 5);
    scene.verifier.look().await;
    let raised = scene
        .verifier
        .database
        .texts("SELECT subject_kind FROM alert WHERE kind = 'auth_failures' ORDER BY subject_kind");
    assert_eq!(raised, ["address", "user"]);
}

#[tokio::test]
async fn an_address_has_so_many_tries_whoevers_names_it_gives() {
    let rate = Rate::per_second(2, 20);
    let verifier = TestVerifier::start_with(|config| {
        config.limits.rates.set(Limit::SignIn, rate);
    });
    let verifier = verifier.await;
    let program = Program::add(&verifier, "keys:read").await;
    let path = Consent::of(&program, "keys:read").path();
    let mut browser = Browser::default();
    let page = browser.get(&verifier, &path).await;
    for number in 0..20 {
        let name = format!("person-{number}");
        let typed = [
            ("step", "sign_in"),
            ("name", name.as_str()),
            ("password", PASSWORD),
            ("code", "000000"),
        ];
        let answer = browser.submit(&verifier, &page, &typed).await;
        assert_eq!(answer.status, 422, "{name}");
    }
    let typed = [("step", "sign_in"), ("name", "person-20")];
    let answer = browser.submit(&verifier, &page, &typed).await;
    assert_eq!(answer.problem(), "rate_limited");
    let tried = "SELECT count(*) FROM audit WHERE action = 'auth.failed'";
    assert_eq!(verifier.database.number(tried), 20);
    let other = verifier.console(get("/oauth/jwks.json", None)).await;
    assert_eq!(other.status, 200);
    verifier.clock.advance_millis(500);
    let answer = browser.submit(&verifier, &page, &typed).await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn a_session_ends_after_fifteen_idle_minutes_and_twelve_hours() {
    let mut scene = Scene::open().await;
    let path = scene.path();
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    browser.sign_in(verifier, &scene.person, &path).await;
    verifier.clock.advance_millis(15 * 60_000 - 1);
    assert!(
        browser
            .get(verifier, &path)
            .await
            .text
            .contains("Allow Console?")
    );
    let mut minutes = 15;
    loop {
        verifier.clock.advance_millis(14 * 60_000);
        minutes += 14;
        if !browser
            .get(verifier, &path)
            .await
            .text
            .contains("Allow Console?")
        {
            break;
        }
    }
    assert_eq!(
        minutes,
        12 * 60 + 1 + 8,
        "the first time that it is asked after twelve hours"
    );
    scene.verifier.clock.advance_millis(30_000);
    let mut browser = Browser::default();
    browser.sign_in(&scene.verifier, &scene.person, &path).await;
    scene.verifier.clock.advance_millis(15 * 60_000);
    let idle = browser.get(&scene.verifier, &path).await;
    assert!(idle.text.contains("Sign in"));
}

#[tokio::test]
async fn fifteen_idle_minutes_begin_with_the_last_request_however_soon_it_came() {
    let mut scene = Scene::open().await;
    let path = scene.path();
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    browser.sign_in(verifier, &scene.person, &path).await;
    for (pause_ms, is_signed_in) in [
        (59_000, true),
        (15 * 60_000 - 1, true),
        (15 * 60_000, false),
    ] {
        verifier.clock.advance_millis(pause_ms);
        let page = browser.get(verifier, &path).await;
        assert_eq!(page.text.contains("Allow Console?"), is_signed_in);
    }
}

#[tokio::test]
async fn a_form_that_is_not_ours_changes_nothing() {
    let mut scene = Scene::open().await;
    let path = scene.path();
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    let page = browser.sign_in(verifier, &scene.person, &path).await;
    let mut other = Browser::default();
    let others = other.get(verifier, &path).await;
    let (_, foreign) = others.text.split_once("name=\"csrf\" value=\"").unwrap();
    let foreign = foreign.split('"').next().unwrap();
    for csrf in [None, Some(""), Some("x"), Some(foreign)] {
        let mut fields = vec![("step", "allow")];
        fields.extend(csrf.map(|csrf| ("csrf", csrf)));
        let answer = browser.post(verifier, &path, &fields).await;
        assert_eq!(answer.problem(), "form_expired", "{csrf:?}");
    }
    // Whoever signs a person in as somebody else sees what they do next.
    let right = scene.person.code(verifier.clock.now());
    let typed = [
        ("step", "sign_in"),
        ("name", "ann"),
        ("password", PASSWORD),
        ("code", &right),
    ];
    let mut victim = Browser::default();
    victim.get(verifier, &path).await;
    assert_eq!(
        victim.post(verifier, &path, &typed).await.problem(),
        "form_expired"
    );
    // What the browser says of the page that sent it.
    let (_, own) = page.text.split_once("name=\"csrf\" value=\"").unwrap();
    let own = own.split('"').next().unwrap();
    let cookies = browser.cookies().iter();
    let cookies: Vec<_> = cookies
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let send = async |site: Option<&str>, cookies: &str| {
        let mut request = Request::builder()
            .method("POST")
            .uri(&path)
            .header(header::COOKIE, cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let body = Body::from(form_encoded(&[("step", "deny"), ("csrf", own)]));
        verifier.console(request.body(body).unwrap()).await
    };
    let cookies = cookies.join("; ");
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(
            send(Some(site), &cookies).await.problem(),
            "form_expired",
            "{site}"
        );
    }
    // Two of a cookie: one of them is not ours.
    let doubled = format!("{cookies}; {cookies}");
    assert_eq!(send(None, &doubled).await.headers["location"], *path);
    for site in [Some("same-origin"), None] {
        assert_eq!(send(site, &cookies).await.status, 303);
    }
}

#[tokio::test]
async fn a_session_is_a_new_one_after_signing_in_and_a_made_up_one_is_none() {
    let mut scene = Scene::open().await;
    let path = scene.path();
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    let name = SESSION;
    browser
        .cookies()
        .insert(name.to_owned(), "lgn_1.planted".to_owned());
    browser.sign_in(verifier, &scene.person, &path).await;
    let given = browser.cookies()[name].clone();
    assert_ne!(given, "lgn_1.planted");
    let (id, secret) = given.split_once('.').unwrap();
    for made_up in [
        String::new(),
        format!("{id}."),
        format!("{id}.{}", "A".repeat(secret.len())),
        format!("lgn_1.{secret}"),
        given.to_ascii_uppercase(),
    ] {
        browser.cookies().insert(name.to_owned(), made_up);
        let page = browser.get(verifier, &path).await;
        assert!(page.text.contains("Sign in"));
    }
    browser.cookies().insert(name.to_owned(), given);
    let page = browser.get(verifier, &path).await;
    assert!(page.text.contains("Allow Console?"));
}

#[tokio::test]
async fn pages_run_nothing_and_are_framed_by_nobody() {
    let mut scene = Scene::open().await;
    let path = scene.path();
    let (browser, verifier) = (&mut scene.browser, &scene.verifier);
    let sign_in = browser.get(verifier, &path).await;
    let consent = browser.sign_in(verifier, &scene.person, &path).await;
    let nothing = browser.get(verifier, "/oauth/authorize").await;
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    for (page, beyond) in [
        (&sign_in, ""),
        (&consent, " https://console.example"),
        (&nothing, ""),
    ] {
        assert_eq!(
            page.headers["content-security-policy"],
            format!("{policy}{beyond}")
        );
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        for inline in ["<script", "style=", " onload", "javascript:"] {
            assert!(!page.text.contains(inline), "{inline}");
        }
    }
    // A page says again what a program has sent, as text.
    let hostile = format!("{path}&x=\"><script>alert(1)</script>").replace(['"', '<', '>'], "%22");
    let page = browser.get(verifier, &hostile).await;
    assert!(!page.text.contains("<script"));
    verifier
        .database
        .run(&["UPDATE public_client SET name = '<script>alert(1)</script>'"]);
    let page = browser.get(verifier, &path).await;
    assert!(!page.text.contains("<script"));
    assert!(page.text.contains("&#60;script&#62;"));
    let style = browser.get(verifier, "/oauth/style.css").await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
}
