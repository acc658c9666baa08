//! What an issuer says of itself (OpenID Connect Discovery 1.0 sections 3 and 4).

use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;
use url::Url;

use crate::outbound::{Bounds, Call, Destination, Outbound};

/// What a call to an issuer may cost.
pub(super) const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(10),
    answer_bytes: 256 * 1024,
};

/// Where an issuer is called, and how.
#[derive(Clone)]
pub(super) struct Metadata {
    /// Where people are sent.
    pub(super) authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub(super) token_endpoint: Destination,
    /// Where its keys are.
    pub(super) jwks_uri: Destination,
    /// Whether it takes the secret in the body alone.
    pub(super) posts_secret: bool,
    /// Whether its answers name it (RFC 9207 section 3).
    pub(super) names_itself: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Fetches it.
///
/// # Errors
/// Why not, from a fixed list.
pub(super) async fn fetch(outbound: &Outbound, issuer: &str) -> Result<Metadata, &'static str> {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let uri = format!("{base}/.well-known/openid-configuration");
    let uri = Destination::parse(&uri).map_err(|_| "provider_metadata")?;
    let answer = outbound.call(Call::get(uri), BOUNDS).await;
    let answer = answer.map_err(|_| "provider_unreachable")?;
    if answer.status != StatusCode::OK {
        return Err("provider_metadata");
    }
    read(&answer.body, issuer).ok_or("provider_metadata")
}

fn read(body: &[u8], issuer: &str) -> Option<Metadata> {
    let document: Document = serde_json::from_slice(body).ok()?;
    // Section 4.3: what speaks for another issuer is not read.
    if document.issuer != issuer {
        return None;
    }
    let is_encrypted = issuer.starts_with("https:");
    let parse = |text: &str| {
        let uri = Destination::parse(text).ok()?;
        (!is_encrypted || uri.as_str().starts_with("https:")).then_some(uri)
    };
    let authorization_endpoint = parse(&document.authorization_endpoint)?;
    let methods = document.token_endpoint_auth_methods_supported;
    // `client_secret_basic` unless it says otherwise (section 3).
    let posts_secret = methods.is_some_and(|methods| {
        let takes = |name: &str| methods.iter().any(|method| method == name);
        !takes("client_secret_basic") && takes("client_secret_post")
    });
    Some(Metadata {
        authorization_endpoint: Url::parse(authorization_endpoint.as_str()).ok()?,
        token_endpoint: parse(&document.token_endpoint)?,
        jwks_uri: parse(&document.jwks_uri)?,
        posts_secret,
        names_itself: document.authorization_response_iss_parameter_supported,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/authorize?tenant=1",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://keys.id.example/jwks",
        })
    }

    #[test]
    fn an_issuer_speaks_for_itself_alone_and_over_tls() {
        let read_with = |name: &str, value: Value| {
            let mut document = document();
            document[name] = value;
            read(document.to_string().as_bytes(), "https://id.example")
        };
        let read_as_it_is = read_with("other", json!(1)).unwrap();
        assert!(!read_as_it_is.posts_secret && !read_as_it_is.names_itself);
        for (name, value) in [
            ("issuer", json!("https://id.example/")),
            ("issuer", json!("https://other.example")),
            (
                "authorization_endpoint",
                json!("http://id.example/authorize"),
            ),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("token_endpoint", json!("http://id.example/token")),
            ("jwks_uri", json!("/jwks")),
            ("jwks_uri", json!(null)),
        ] {
            assert!(read_with(name, value.clone()).is_none(), "{name} {value}");
        }
    }

    #[test]
    fn the_secret_goes_into_the_body_where_nothing_else_is_taken() {
        for (methods, posts) in [
            (json!(["client_secret_post"]), true),
            (json!(["client_secret_post", "client_secret_basic"]), false),
            (json!(["private_key_jwt"]), false),
            (json!(null), false),
        ] {
            let mut document = document();
            document["token_endpoint_auth_methods_supported"] = methods.clone();
            let metadata = read(document.to_string().as_bytes(), "https://id.example").unwrap();
            assert_eq!(metadata.posts_secret, posts, "{methods}");
        }
    }
}
