//! A person's browser on the console: it keeps cookies and sends forms.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};
use waxseal_verifier::clock::Clock;

use crate::{Answer, DpopKey, PASSWORD, Person, Program, TestVerifier};

/// A browser.
#[derive(Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
}

/// What a program asks for, parameter by parameter, to change.
pub struct Consent {
    /// The parameters of the request.
    pub parameters: Vec<(String, String)>,
    /// What the challenge is made of.
    pub verifier: String,
}

impl Consent {
    /// A request of `program` that is as it has to be.
    pub fn of(program: &Program, scope: &str) -> Self {
        let verifier = "v".repeat(43);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let parameters = [
            ("response_type", "code"),
            ("client_id", &program.id),
            ("redirect_uri", &program.redirect_uri),
            ("scope", scope),
            ("state", "the state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            parameters: parameters.to_vec(),
            verifier,
        }
    }

    /// With one parameter changed, added, or, where there is no value, left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.parameters.retain(|(other, _)| other != name);
        if let Some(value) = value {
            self.parameters.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Where the program sends the browser.
    pub fn path(&self) -> String {
        format!("/oauth/authorize?{}", form_encoded(&self.parameters))
    }

    /// What the program sends for its tokens.
    pub fn redemption(&self, program: &Program, code: &str) -> Vec<(String, String)> {
        [
            ("grant_type", "authorization_code"),
            ("client_id", &program.id),
            ("redirect_uri", &program.redirect_uri),
            ("code", code),
            ("code_verifier", &self.verifier),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}

impl Browser {
    /// Follows a link of a page of ours.
    pub async fn get(&mut self, verifier: &TestVerifier, path: &str) -> Answer {
        let request = Request::builder()
            .uri(path)
            .header(header::COOKIE, self.cookie_header());
        let request = request.body(Body::empty()).expect("a request");
        self.keep(verifier.console(request).await)
    }

    /// Sends the form that a page of ours shows, with what a person adds to it.
    pub async fn submit(
        &mut self,
        verifier: &TestVerifier,
        page: &Answer,
        typed: &[(&str, &str)],
    ) -> Answer {
        let (path, csrf) = form_of(page);
        let mut fields = vec![("csrf", csrf.as_str())];
        fields.extend_from_slice(typed);
        self.post(verifier, &path, &fields).await
    }

    /// Sends a form with these fields and no others.
    pub async fn post(
        &mut self,
        verifier: &TestVerifier,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header(header::COOKIE, self.cookie_header())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(form_encoded(fields));
        let request = request.body(body).expect("a request");
        self.keep(verifier.console(request).await)
    }

    /// Signs somebody in on the page that a program's request leads to; gives what comes next.
    pub async fn sign_in(
        &mut self,
        verifier: &TestVerifier,
        person: &Person,
        path: &str,
    ) -> Answer {
        let page = self.get(verifier, path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let code = person.code(verifier.clock.now());
        let typed = [
            ("step", "sign_in"),
            ("name", &person.name),
            ("password", PASSWORD),
            ("code", &code),
        ];
        let answer = self.submit(verifier, &page, &typed).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.get(verifier, location(&answer)).await
    }

    /// Has somebody sign in and say yes; gives the code that the program gets.
    pub async fn consent(
        &mut self,
        verifier: &TestVerifier,
        person: &Person,
        consent: &Consent,
    ) -> String {
        let page = self.sign_in(verifier, person, &consent.path()).await;
        let answer = self.submit(verifier, &page, &[("step", "allow")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        query_of(&answer).remove("code").expect("a code")
    }

    /// The cookies, to look at or to steal.
    pub const fn cookies(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.cookies
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("ASCII");
            let (pair, attributes) = cookie.split_once("; ").expect("attributes");
            let (name, value) = pair.split_once('=').expect("a value");
            assert!(name.starts_with("__Host-"), "{name}");
            let is_over = attributes.ends_with("; Max-Age=0");
            let attributes = attributes.trim_end_matches("; Max-Age=0");
            // Another site sends the browser back with this one.
            let site = match name {
                "__Host-waxseal-departed" => "Lax",
                _ => "Strict",
            };
            let wanted = format!("Path=/; Secure; HttpOnly; SameSite={site}");
            assert_eq!(attributes, wanted);
            match is_over {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }
}

impl TestVerifier {
    /// Asks the console for tokens, with a proof of `key` if there is one.
    pub async fn ask_for_token<N: AsRef<str>, V: AsRef<str>>(
        &self,
        fields: &[(N, V)],
        key: Option<&DpopKey>,
    ) -> Answer {
        let uri = format!("{}/oauth/token", crate::CONSOLE_ORIGIN);
        let mut request = Request::builder()
            .method("POST")
            .uri("/oauth/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(key) = key {
            let proof = key.prove("POST", &uri, None, self.clock.now().seconds());
            request = request.header("dpop", proof);
        }
        let body = Body::from(form_encoded(fields));
        self.console(request.body(body).expect("a request")).await
    }

    /// Sends a request with a token that is bound to `key` to the private listener.
    pub async fn call_with_proof(
        &self,
        key: &DpopKey,
        token: &str,
        method: &str,
        path: &str,
    ) -> Answer {
        let bare = path.split('?').next().expect("a path");
        let uri = format!("http://127.0.0.1:8788{bare}");
        let proof = key.prove(method, &uri, Some(token), self.clock.now().seconds());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof);
        self.private(request.body(Body::empty()).expect("a request"))
            .await
    }
}

/// `application/x-www-form-urlencoded`
pub fn form_encoded<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

/// The parameters with which a browser is sent back to a program.
pub fn query_of(answer: &Answer) -> BTreeMap<String, String> {
    let uri = Url::parse(location(answer)).expect("a URI");
    let pairs = uri.query_pairs();
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn location(answer: &Answer) -> &str {
    answer.headers[header::LOCATION].to_str().expect("ASCII")
}

/// Where a page's form is sent, and what it holds.
fn form_of(page: &Answer) -> (String, String) {
    let between = |before: &str| {
        let (_, rest) = page.text.split_once(before).expect("a form");
        let (value, _) = rest.split_once('"').expect("a value");
        value.replace("&amp;", "&").replace("&#38;", "&")
    };
    let path = between("<form method=\"post\" action=\"");
    (path, between("name=\"csrf\" value=\""))
}
