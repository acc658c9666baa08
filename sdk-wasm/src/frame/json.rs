//! Reads JSON that the browser has parsed.
//!
//! Not serde: its deserializers would be most of what a customer's browser has to load. The answers
//! come from the frame's own origin; a member that is missing or of another type refuses the whole.

use alloc::string::String;

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;
use waxseal_protocol::{
    ErrorCode,
    card::Brand,
    message::{SealingJwk, SessionStatus, SessionView, SignalLevel, SubmitResponse},
};

use crate::bridge::claims::Claims;

/// A parsed object.
pub(super) struct Json(pub(super) JsValue);

impl Json {
    /// Parses a text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// The claims of a client token.
    pub(super) fn claims(&self) -> Option<Claims> {
        Some(Claims {
            sub: self.text("sub")?,
            org: self.text("org")?,
            kid: self.text("kid")?,
        })
    }

    /// The body of `GET /v1/session`.
    pub(super) fn session(&self) -> Option<SessionView> {
        let [id, merchant_name, origin, currency, kid, signals, status] = self.texts([
            "id",
            "merchant_name",
            "origin",
            "currency",
            "kid",
            "signals",
            "status",
        ])?;
        let brands = self.member("accepted_brands")?;
        Some(SessionView {
            id,
            merchant_name,
            origin,
            amount: self.whole("amount")?,
            currency,
            currency_exponent: u8::try_from(self.whole("currency_exponent")?).ok()?,
            rev: u32::try_from(self.whole("rev")?).ok()?,
            // Brands of a newer verifier that this build does not know are left out.
            accepted_brands: Array::from(&brands)
                .iter()
                .filter_map(|name| brand(&name))
                .collect(),
            locale: self.text("locale"),
            signals: SignalLevel::parse(&signals)?,
            // A verifier of the first release does not say.
            signals_under_gpc: self
                .text("signals_under_gpc")
                .and_then(|level| SignalLevel::parse(&level))
                .unwrap_or_default(),
            status: SessionStatus::parse(&status)?,
            kid,
            now: self.whole("now")?,
        })
    }

    /// The key of that id in the body of `/.well-known/jwks.json`.
    pub(super) fn sealing_jwk(&self, kid: &str) -> Option<SealingJwk> {
        let keys = Array::from(&self.member("keys")?);
        let key = keys
            .iter()
            .map(Json)
            .find(|key| key.text("kid").as_deref() == Some(kid))?;
        let [kty, crv, x, y, usage, alg, kid, state] =
            key.texts(["kty", "crv", "x", "y", "use", "alg", "kid", "state"])?;
        Some(SealingJwk {
            kty,
            crv,
            x,
            y,
            usage,
            alg,
            kid,
            state,
            // The verifier says which key is to be used; how old it is does not matter here.
            created_at: String::new(),
            activated_at: None,
            retired_at: None,
        })
    }

    /// The body of a successful `POST /v1/session/card`.
    pub(super) fn answer(&self) -> Option<SubmitResponse> {
        Some(SubmitResponse {
            status: SessionStatus::parse(&self.text("status")?)?,
            brand: brand(&self.member("brand")?)?,
            last4: self.text("last4"),
        })
    }

    /// The `code` of a problem details object (RFC 9457).
    pub(super) fn problem(&self) -> Option<ErrorCode> {
        let code = self.text("code")?;
        ErrorCode::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == code)
    }

    fn member(&self, name: &str) -> Option<JsValue> {
        Reflect::get(&self.0, &name.into()).ok()
    }

    /// Several text members at once: one way out for all of them is less code than one for each.
    fn texts<const N: usize>(&self, names: [&str; N]) -> Option<[String; N]> {
        let mut texts = [const { String::new() }; N];
        for (text, name) in texts.iter_mut().zip(names) {
            *text = self.text(name)?;
        }
        Some(texts)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.member(name)?.as_string()
    }

    /// A whole number that a double holds exactly: amounts are bounded far below.
    fn whole(&self, name: &str) -> Option<u64> {
        const LARGEST: f64 = 9_007_199_254_740_991.0;
        let number = self.member(name)?.as_f64()?;
        // Within these bounds nothing but a fraction is lost.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (0.0..=LARGEST).contains(&number).then_some(number as u64)
    }
}

fn brand(name: &JsValue) -> Option<Brand> {
    let name = name.as_string()?;
    Brand::ALL.into_iter().find(|brand| brand.as_str() == name)
}
