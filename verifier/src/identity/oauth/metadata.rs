//! What programs are told of the server (RFC 8414).

use serde::Serialize;

use super::{AuthorizationServer, client_assertion::ALGORITHMS};
use crate::identity::{OperatorScope, Permission, Scope};

/// The metadata document.
#[derive(Serialize)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    token_endpoint_auth_methods_supported: [&'static str; 6],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 6],
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    dpop_signing_alg_values_supported: [&'static str; 1],
    mtls_endpoint_aliases: Aliases,
    tls_client_certificate_bound_access_tokens: bool,
    authorization_response_iss_parameter_supported: bool,
}

/// Where connections have a client's certificate (RFC 8705 section 5): the private listener.
#[derive(Serialize)]
struct Aliases {
    token_endpoint: String,
    revocation_endpoint: String,
}

const AUTH_METHODS: [&str; 6] = [
    "client_secret_basic",
    "client_secret_post",
    "none",
    "private_key_jwt",
    "self_signed_tls_client_auth",
    "tls_client_auth",
];

impl AuthorizationServer {
    /// The metadata document.
    pub fn metadata(&self) -> Metadata {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let servers = Scope::NAMES.iter().map(|(_, name)| *name);
        let operators = OperatorScope::NAMES.iter().map(|(_, name)| *name);
        Metadata {
            issuer: self.issuer.clone(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            revocation_endpoint: at("/oauth/revoke"),
            jwks_uri: at("/oauth/jwks.json"),
            scopes_supported: servers.chain(operators).collect(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "client_credentials", "refresh_token"],
            token_endpoint_auth_methods_supported: AUTH_METHODS,
            token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            revocation_endpoint_auth_methods_supported: AUTH_METHODS,
            revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            code_challenge_methods_supported: ["S256"],
            dpop_signing_alg_values_supported: ["ES256"],
            mtls_endpoint_aliases: Aliases {
                token_endpoint: format!("{}/oauth/token", self.private_origin),
                revocation_endpoint: format!("{}/oauth/revoke", self.private_origin),
            },
            tls_client_certificate_bound_access_tokens: true,
            authorization_response_iss_parameter_supported: true,
        }
    }
}
