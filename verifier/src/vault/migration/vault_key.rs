//! The other vault's public key.

use serde_json::Value;
use waxseal_protocol::{
    message::SealingJwk,
    seal::{HPKE_7, SealingKey, thumbprint},
};

/// Why a file holds no key to seal to, in one line that says what to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VaultKeyError {
    /// Another kind of key, or one that is not for this.
    NotAVaultKey,
    /// It holds the private half too.
    Private,
}

impl std::fmt::Display for VaultKeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAVaultKey => {
                "no public P-256 key (JWK) to seal to: ask for the one that \
                 `verifier vault-key show` prints"
            }
            Self::Private => {
                "it holds a private key: ask for the public one, and for a new key, since that one \
                 has left its vault"
            }
        })
    }
}

impl std::error::Error for VaultKeyError {}

/// Reads a public JWK (RFC 7517): `kty`, `crv`, `x` and `y`; where it says what it is for or how it is
/// called, that has to fit.
///
/// # Errors
/// [`VaultKeyError`].
pub fn parse_vault_key(json: &str) -> Result<SealingKey, VaultKeyError> {
    let jwk: Value = serde_json::from_str(json).map_err(|_| VaultKeyError::NotAVaultKey)?;
    if jwk.get("d").is_some() {
        return Err(VaultKeyError::Private);
    }
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let required = |name| text(name).ok_or(VaultKeyError::NotAVaultKey);
    let (x, y) = (required("x")?, required("y")?);
    let kid = thumbprint(x, y);
    let or = |name: &str, usual: &str| match jwk.get(name) {
        Some(given) => given.as_str().unwrap_or_default().to_owned(),
        None => usual.to_owned(),
    };
    let jwk = SealingJwk {
        kty: required("kty")?.to_owned(),
        crv: required("crv")?.to_owned(),
        x: x.to_owned(),
        y: y.to_owned(),
        usage: or("use", "enc"),
        alg: or("alg", HPKE_7.alg),
        kid: or("kid", &kid),
        state: String::new(),
        created_at: String::new(),
        activated_at: None,
        retired_at: None,
    };
    SealingKey::from_jwk(&jwk, &kid).map_err(|_| VaultKeyError::NotAVaultKey)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Of the JOSE draft's HPKE-7 example.
    fn published() -> Value {
        let text = include_str!("../../../../tests/vectors/jose-hpke/examples_jwks_HPKE-7.json");
        let mut jwk: Value = serde_json::from_str(text).unwrap();
        jwk.as_object_mut().unwrap().remove("d");
        jwk
    }

    #[test]
    fn a_bare_key_is_enough_and_is_called_by_its_thumbprint() {
        let jwk = published();
        let bare = json!({"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"]});
        let key = parse_vault_key(&bare.to_string()).unwrap();
        assert_eq!(key.kid(), jwk["kid"]);
    }

    #[test]
    fn what_is_no_public_key_for_this_is_refused() {
        for (name, value) in [
            ("kty", json!("OKP")),
            ("crv", json!("P-384")),
            ("x", json!("AAAA")),
            ("y", json!(1)),
            ("use", json!("sig")),
            ("alg", json!("ECDH-ES")),
            ("alg", json!(7)),
            ("kid", json!("mine")),
        ] {
            let mut jwk = published();
            jwk[name] = value;
            let refused = parse_vault_key(&jwk.to_string()).unwrap_err();
            assert_eq!(refused, VaultKeyError::NotAVaultKey, "{name}");
        }
        let mut private = published();
        private["d"] = json!("AAAA");
        assert_eq!(
            parse_vault_key(&private.to_string()).unwrap_err(),
            VaultKeyError::Private
        );
        assert!(parse_vault_key("").is_err() && parse_vault_key("[]").is_err());
    }
}
