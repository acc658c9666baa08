//! A code for an ID token (OpenID Connect Core section 3.1.3).

use axum::http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use super::metadata::{BOUNDS, Metadata};
use crate::outbound::{Call, Outbound};

/// What a code is redeemed with.
pub(super) struct Redemption<'r> {
    pub(super) client_id: &'r str,
    pub(super) secret: &'r str,
    pub(super) redirect_uri: &'r str,
    pub(super) code: &'r str,
    pub(super) verifier: &'r str,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Zeroizing<String>,
}

impl Redemption<'_> {
    /// Redeems the code; gives the ID token, unchecked.
    ///
    /// # Errors
    /// Why there is none, from a fixed list.
    pub(super) async fn redeem(
        &self,
        outbound: &Outbound,
        metadata: &Metadata,
    ) -> Result<Zeroizing<String>, &'static str> {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let body = self.body(metadata.posts_secret).into_bytes();
        let mut call = Call::post(metadata.token_endpoint.clone(), kind, body);
        if !metadata.posts_secret {
            call = call.with_header(AUTHORIZATION, self.basic()?);
        }
        let answer = outbound.call(call, BOUNDS).await;
        let answer = answer.map_err(|_| "provider_unreachable")?;
        if answer.status != StatusCode::OK {
            return Err("provider_token");
        }
        let tokens = serde_json::from_slice::<Tokens>(&answer.body);
        tokens
            .map(|tokens| tokens.id_token)
            .map_err(|_| "provider_token")
    }

    fn body(&self, posts_secret: bool) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("code_verifier", self.verifier);
        if posts_secret {
            form.append_pair("client_id", self.client_id)
                .append_pair("client_secret", self.secret);
        }
        form.finish()
    }

    /// Both halves are encoded first (RFC 6749 section 2.3.1).
    fn basic(&self) -> Result<HeaderValue, &'static str> {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(self.client_id), encoded(self.secret));
        let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)));
        let mut value = value.map_err(|_| "provider_token")?;
        value.set_sensitive(true);
        Ok(value)
    }
}
