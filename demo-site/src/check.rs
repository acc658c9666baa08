//! `waxseal-demo check`: one purchase from end to end, without a browser.
//!
//! It goes where the browser goes (shop, frame, verifier) and seals with the protocol crate, as the
//! frame's wasm does. Nothing on the way is replaced.

use std::fmt;

use axum::http::header::{AUTHORIZATION, CONTENT_SECURITY_POLICY, COOKIE, SET_COOKIE};
use hyper::{
    Method, StatusCode,
    header::{HeaderName, HeaderValue},
};
use rand_core::UnwrapErr;
use serde::{Deserialize, de::DeserializeOwned};
use waxseal_protocol::{
    card::{Brand, TEST_CARDS},
    message::{SealingJwks, SessionStatus, SessionView, SubmitRequest, SubmitResponse},
    seal::{self, BrowserData, CardFields, Header, SealedCard, SealingKey},
    signal::Signals,
};
use zeroize::Zeroizing;

use crate::{
    cli::CheckOptions,
    http_client::{Answer, Body, HttpClient, HttpError},
    sdk_manifest::SdkManifest,
    verifier::SessionRecord,
    wire::Exchange,
};

const BRAND: Brand = Brand::Visa;
const CVC: &str = "737";
const YEARS_AHEAD: u64 = 3;

/// What failed, in one line.
#[derive(Debug)]
pub struct CheckError(String);

/// Buys something with a test card from the shop that is running.
///
/// # Errors
/// With the first step that did not go as it should.
pub async fn run(options: &CheckOptions) -> Result<(), CheckError> {
    let mut shopper = Shopper {
        http: HttpClient::plain(),
        shop: options.shop.trim_end_matches('/').to_owned(),
        cookie: None,
    };
    shopper.fill_cart().await?;
    let checkout = shopper.check_out().await?;
    done("the shop opened a checkout session");

    let verifier = Frame {
        http: shopper.http.clone(),
        origin: checkout.verifier_origin,
        token: bearer(&checkout.client_token)?,
    };
    let view = verifier.session().await?;
    verifier.expect_frame_for(&view).await?;
    done("the verifier serves frame and SDK for it");

    let number = test_number()?;
    let envelope = verifier.seal(&view, number).await?;
    let answer = verifier.submit(envelope).await?;
    let last4 = &number[number.len() - 4..];
    expect(
        answer.status == SessionStatus::Accepted
            && answer.brand == BRAND
            && answer.last4.as_deref() == Some(last4),
        || format!("the verifier answered {answer:?}"),
    )?;
    done("the sealed card was opened and accepted");

    shopper.expect_order(number).await?;
    done("the shop shows the result, and nowhere the card number");
    Ok(())
}

/// The browser's part on the shop's pages.
struct Shopper {
    http: HttpClient,
    shop: String,
    cookie: Option<HeaderValue>,
}

#[derive(Deserialize)]
struct OpenCheckout {
    client_token: String,
    verifier_origin: String,
}

#[derive(Deserialize)]
struct Panel {
    has_relay: bool,
    exchanges: Vec<Exchange>,
    session: SessionRecord,
}

impl Shopper {
    async fn fill_cart(&mut self) -> Result<(), CheckError> {
        let form = Body::form("product=wax&quantity=2");
        let answer = self.ask(Method::POST, "/cart", form).await?;
        expect(answer.status == StatusCode::SEE_OTHER, || {
            format!("POST {}/cart answered {}", self.shop, answer.status)
        })?;
        // The pair before the attributes is what a browser sends back.
        let cookie = answer
            .headers
            .get(SET_COOKIE)
            .and_then(|cookie| cookie.to_str().ok());
        let pair = cookie.and_then(|cookie| cookie.split(';').next());
        self.cookie = pair.and_then(|pair| HeaderValue::from_str(pair).ok());
        expect(self.cookie.is_some(), || {
            "the shop set no session cookie".into()
        })
    }

    async fn check_out(&self) -> Result<OpenCheckout, CheckError> {
        read(
            &self.ask(Method::POST, "/api/checkout", Body::EMPTY).await?,
            "POST /api/checkout",
        )
    }

    async fn expect_order(&self, number: &str) -> Result<(), CheckError> {
        let page = self.ask(Method::GET, "/order", Body::EMPTY).await?;
        let text = String::from_utf8_lossy(&page.body);
        let last4 = &number[number.len() - 4..];
        expect(
            page.status == StatusCode::OK && text.contains(last4),
            || {
                format!(
                    "GET /order answered {} without the card's last four digits",
                    page.status
                )
            },
        )?;
        let answer = self
            .ask(Method::GET, "/api/panel/order", Body::EMPTY)
            .await?;
        for body in [&page.body, &answer.body] {
            let leaks = String::from_utf8_lossy(body).contains(number);
            expect(!leaks, || "the shop knows the card number".into())?;
        }
        let panel: Panel = read(&answer, "GET /api/panel/order")?;
        let decision = panel.session.decision.as_ref();
        expect(panel.session.card.is_some() && decision.is_some(), || {
            "the shop's backend got no masked card or no decision".into()
        })?;
        let sealed = panel
            .exchanges
            .iter()
            .all(|exchange| exchange.envelope.sealed_bytes == seal::CIPHERTEXT_LEN);
        expect(
            !panel.has_relay || (panel.exchanges.len() == 1 && sealed),
            || "the relay did not see exactly one sealed card of the one size".into(),
        )
    }

    async fn ask(&self, method: Method, path: &str, body: Body) -> Result<Answer, CheckError> {
        let cookie = self
            .cookie
            .iter()
            .map(|cookie| (COOKIE, cookie.clone()))
            .collect::<Vec<_>>();
        Ok(self
            .http
            .send(method, &format!("{}{path}", self.shop), &cookie, body)
            .await?)
    }
}

/// The frame's part.
struct Frame {
    http: HttpClient,
    origin: String,
    token: HeaderValue,
}

impl Frame {
    async fn session(&self) -> Result<SessionView, CheckError> {
        let headers = [(AUTHORIZATION, self.token.clone())];
        read(
            &self
                .ask(Method::GET, "/v1/session", &headers, Body::EMPTY)
                .await?,
            "GET /v1/session",
        )
    }

    async fn expect_frame_for(&self, view: &SessionView) -> Result<(), CheckError> {
        let path = format!("/frame/v1?s={}", view.id);
        let answer = self.ask(Method::GET, &path, &[], Body::EMPTY).await?;
        let policy = answer.headers.get(CONTENT_SECURITY_POLICY);
        let policy = policy
            .and_then(|policy| policy.to_str().ok())
            .unwrap_or_default();
        let ancestors = format!("frame-ancestors {}", view.origin);
        expect(
            answer.status == StatusCode::OK && policy.contains(&ancestors),
            || {
                format!(
                    "the frame answered {} with the policy {policy:?}",
                    answer.status
                )
            },
        )?;
        let loader = self
            .ask(Method::GET, &sdk_path("waxseal.js"), &[], Body::EMPTY)
            .await?;
        expect(loader.status == StatusCode::OK, || {
            format!("the SDK's loader answered {}", loader.status)
        })
    }

    async fn seal(&self, view: &SessionView, number: &str) -> Result<String, CheckError> {
        let path = sdk_path("manifest.json");
        let manifest: SdkManifest = read(
            &self.ask(Method::GET, &path, &[], Body::EMPTY).await?,
            "the SDK's manifest",
        )?;
        let path = "/.well-known/jwks.json";
        let jwks: SealingJwks = read(&self.ask(Method::GET, path, &[], Body::EMPTY).await?, path)?;
        let jwk = jwks.keys.iter().find(|jwk| jwk.kid == view.kid);
        let jwk = jwk.ok_or_else(|| CheckError(format!("{path} lacks the session's key")))?;
        let key = SealingKey::from_jwk(jwk, &view.kid)
            .map_err(|error| CheckError(format!("the published key is refused: {error:?}")))?;

        let mut rng = UnwrapErr(getrandom::SysRng);
        let header = Header {
            kid: view.kid.clone(),
            sid: view.id.clone(),
            rev: view.rev,
            org: view.origin.clone(),
            iat: view.now,
            jti: seal::make_jti(&mut rng),
            bld: manifest.bld,
        };
        seal::seal(&key, &header, &card(number, view.now), &mut rng)
            .map_err(|error| CheckError(format!("the card could not be sealed: {error:?}")))
    }

    async fn submit(&self, envelope: String) -> Result<SubmitResponse, CheckError> {
        let path = "/v1/session/card";
        let headers = [(AUTHORIZATION, self.token.clone())];
        let body = Body::json(&SubmitRequest {
            envelope,
            challenge: None,
        })?;
        read(&self.ask(Method::POST, path, &headers, body).await?, path)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Body,
    ) -> Result<Answer, CheckError> {
        Ok(self
            .http
            .send(method, &format!("{}{path}", self.origin), headers, body)
            .await?)
    }
}

fn card(number: &str, now_s: u64) -> SealedCard {
    const YEAR_S: u64 = 31_556_952;
    let year = 1970 + now_s / YEAR_S + YEARS_AHEAD;
    let card = CardFields {
        number: Zeroizing::new(number.to_owned()),
        exp_month: 12,
        exp_year: u16::try_from(year).unwrap_or(u16::MAX),
        cvc: Some(Zeroizing::new(CVC.to_owned())),
        name: Some(Zeroizing::new("Check Without Browser".to_owned())),
        postal_code: Some(Zeroizing::new("10115".to_owned())),
        network: None,
    };
    let browser = BrowserData {
        accept_language: "en".into(),
        javascript_enabled: true,
        language: "en".into(),
        color_depth: 24,
        screen_height: 720,
        screen_width: 1280,
        user_agent: concat!("waxseal-demo/", env!("CARGO_PKG_VERSION")).into(),
        ..BrowserData::default()
    };
    SealedCard::new(card, browser, Signals::new())
}

fn test_number() -> Result<&'static str, CheckError> {
    let card = TEST_CARDS.iter().find(|card| card.brand == BRAND);
    card.map(|card| card.number)
        .ok_or_else(|| CheckError("there is no Visa test card".into()))
}

fn sdk_path(file: &str) -> String {
    format!("/sdk/v{}/{file}", env!("CARGO_PKG_VERSION"))
}

fn bearer(token: &str) -> Result<HeaderValue, CheckError> {
    HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| CheckError("the client token is no header value".into()))
}

/// The answer's JSON, or what the answer said instead.
fn read<T: DeserializeOwned>(answer: &Answer, what: &str) -> Result<T, CheckError> {
    if answer.status.is_success() {
        return serde_json::from_slice(&answer.body)
            .map_err(|error| CheckError(format!("{what}: the answer is not understood: {error}")));
    }
    let said = String::from_utf8_lossy(&answer.body);
    Err(CheckError(format!(
        "{what} answered {}: {said}",
        answer.status
    )))
}

fn expect(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), CheckError> {
    if is_so {
        Ok(())
    } else {
        Err(CheckError(otherwise()))
    }
}

#[allow(clippy::print_stdout, reason = "the command's output")]
fn done(step: &str) {
    println!("check: {step}");
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "check failed: {}", self.0)
    }
}

impl From<HttpError> for CheckError {
    fn from(error: HttpError) -> Self {
        Self(error.to_string())
    }
}
