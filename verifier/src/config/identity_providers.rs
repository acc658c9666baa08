//! Where people may sign in instead of here.

use std::{collections::HashSet, path::PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::ConfigError;

/// Longest name.
const MAX_NAME: usize = 40;

/// `[[identity_providers]]`: an issuer of OpenID Connect at which people may sign in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityProvider {
    /// What the button says, and the end of the redirect URI to register there,
    /// `CONSOLE_ORIGIN/oauth/callback/NAME`: letters, digits, `-`, `.` and `_`.
    pub name: String,
    /// Its issuer identifier, under which `/.well-known/openid-configuration` is.
    pub issuer: String,
    /// What the verifier is called there.
    pub client_id: String,
    /// The file with the secret that the verifier proves itself with there.
    pub client_secret_file: PathBuf,
    /// Ways of signing in (`amr`, RFC 8176) of which an ID token has to name one: a second factor.
    #[serde(default = "second_factors")]
    pub require_amr: Vec<String>,
}

pub(super) fn check(providers: &[IdentityProvider], has_console: bool) -> Result<(), ConfigError> {
    let mut names = HashSet::new();
    for provider in providers {
        let name = &provider.name;
        let fault = |what: &str| ConfigError::new(format!("identity_providers: {name:?}: {what}"));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let has_form = (1..=MAX_NAME).contains(&name.len()) && name.chars().all(is_plain);
        if !has_form || name.starts_with('.') {
            return Err(fault("name: give letters, digits, -, . and _, 40 at most"));
        }
        if !names.insert(name) {
            return Err(fault("name: is there twice"));
        }
        if !is_issuer(&provider.issuer) {
            return Err(fault(
                "issuer: give an https URL without user, query and fragment",
            ));
        }
        if provider.client_id.is_empty() {
            return Err(fault("client_id: give what the issuer calls the verifier"));
        }
        if provider.require_amr.is_empty() {
            return Err(fault("require_amr: give one way at least"));
        }
        if !has_console {
            return Err(fault(
                "people sign in on the console: give listen.console_origin",
            ));
        }
    }
    Ok(())
}

/// OpenID Connect Discovery section 3; `http` is refused by each call that `outbound` does not allow.
fn is_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_bare = url.username().is_empty() && url.password().is_none();
    let is_whole = url.query().is_none() && url.fragment().is_none();
    matches!(url.scheme(), "http" | "https") && is_bare && is_whole && url.has_host()
}

fn second_factors() -> Vec<String> {
    ["mfa", "otp", "hwk", "swk"].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_could_sign_in_with_is_refused() {
        let good = IdentityProvider {
            name: "Example".to_owned(),
            issuer: "https://id.example/realm".to_owned(),
            client_id: "waxseal".to_owned(),
            client_secret_file: PathBuf::from("secret"),
            require_amr: second_factors(),
        };
        assert!(check(std::slice::from_ref(&good), true).is_ok());
        assert!(check(std::slice::from_ref(&good), false).is_err());
        assert!(check(&[good.clone(), good.clone()], true).is_err());
        for change in [
            (|one| one.name = String::new()) as fn(&mut IdentityProvider),
            |one| one.name = "..".to_owned(),
            |one| one.name = "a/b".to_owned(),
            |one| one.issuer = "id.example".to_owned(),
            |one| one.issuer = "ftp://id.example".to_owned(),
            |one| one.issuer = "https://a:b@id.example".to_owned(),
            |one| one.issuer = "https://id.example/?a=b".to_owned(),
            |one| one.client_id = String::new(),
            |one| one.require_amr = vec![],
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(check(&[bad], true).is_err());
        }
    }
}
