//! The authorization server as a whole: its names, and what it remembers of tokens it has checked.

use super::token_cache::TokenCache;

/// The authorization server, shared by all requests.
pub struct AuthorizationServer {
    /// Its issuer identifier (RFC 8414 section 2), which is the origin of its console too.
    pub issuer: String,
    /// Every origin under which the verifier takes tokens and proofs.
    pub origins: Vec<String>,
    pub(super) private_origin: String,
    pub(super) checked: TokenCache,
}

impl AuthorizationServer {
    /// Under its issuer identifier, and the origin under which servers reach the private listener.
    pub fn new(issuer: String, private_origin: String) -> Self {
        Self {
            origins: vec![issuer.clone(), private_origin.clone()],
            issuer,
            private_origin,
            checked: TokenCache::default(),
        }
    }

    /// What a client may address an assertion to: the server, or its token endpoint.
    pub(super) fn assertion_audiences(&self) -> Vec<String> {
        let endpoints = self
            .origins
            .iter()
            .map(|origin| format!("{origin}/oauth/token"));
        std::iter::once(self.issuer.clone())
            .chain(endpoints)
            .collect()
    }

    /// Has every token looked at anew: something was revoked.
    pub fn forget_checked(&self) {
        self.checked.clear();
    }
}
