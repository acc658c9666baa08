//! Proofs that a request comes from who holds a key: DPoP (RFC 9449).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use url::Url;
use waxseal_protocol::seal::thumbprint;

use crate::{clock::Timestamp, lengths::LengthPrefixed};

/// Seconds that a proof is good for, and by which its maker's clock may be ahead.
const WINDOW_S: u64 = 60;
/// Longest proof, in bytes.
const MOST: usize = 2048;

/// What a proof has to be of.
#[derive(Clone, Copy, Debug)]
pub struct ProofOf<'r> {
    /// The request's method.
    pub method: &'r str,
    /// The request's path, as it was sent.
    pub path: &'r str,
    /// Origins under which the verifier is reached.
    pub origins: &'r [String],
    /// The access token that comes with it, but at the token endpoint.
    pub token: Option<&'r str>,
}

/// A proof that is good, unless it was used before.
#[derive(Clone, Debug)]
pub struct Proof {
    /// RFC 7638 thumbprint of the key.
    pub jkt: String,
    /// Stands for key and `jti`.
    pub digest: [u8; 32],
    /// Second after which it is refused for its age.
    pub until_s: u64,
}

/// Why a proof is refused, from a fixed list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProofError(pub &'static str);

/// Nothing else may be in it: a private key least of all (section 4.3, step 7).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofHeader {
    typ: String,
    alg: String,
    jwk: ProofKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofKey {
    kty: String,
    crv: String,
    x: String,
    y: String,
    #[serde(rename = "kid")]
    _kid: Option<String>,
    #[serde(rename = "use")]
    _usage: Option<String>,
    #[serde(rename = "alg")]
    _alg: Option<String>,
    #[serde(rename = "key_ops")]
    _operations: Option<Vec<String>>,
    #[serde(rename = "ext")]
    _extractable: Option<bool>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: u64,
    ath: Option<String>,
}

impl Proof {
    /// Checks a proof as section 4.3 says, but for whether it was used before.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(proof: &str, of: ProofOf<'_>, now: Timestamp) -> Result<Self, ProofError> {
        let key = key(proof)?;
        let verifying = DecodingKey::from_ec_components(&key.x, &key.y);
        let verifying = verifying.map_err(|_| ProofError("dpop_key"))?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = decode::<Claims>(proof, &verifying, &validation)
            .map_err(|_| ProofError("dpop_signature"))?
            .claims;
        if claims.jti.is_empty() || claims.jti.len() > 256 {
            return Err(ProofError("dpop_jti"));
        }
        if claims.htm != of.method {
            return Err(ProofError("dpop_method"));
        }
        if !is_to_us(&claims.htu, of) {
            return Err(ProofError("dpop_uri"));
        }
        let now = now.seconds();
        let until_s = claims.iat.saturating_add(WINDOW_S);
        if until_s < now || claims.iat > now + WINDOW_S {
            return Err(ProofError("dpop_time"));
        }
        if let Some(token) = of.token {
            let wanted = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
            if claims.ath.as_deref() != Some(&wanted) {
                return Err(ProofError("dpop_token"));
            }
        }
        let jkt = thumbprint(&key.x, &key.y);
        let named = LengthPrefixed::default()
            .part(b"dpop")
            .part(jkt.as_bytes())
            .part(claims.jti.as_bytes());
        let mut stands_for = [0; 32];
        stands_for.copy_from_slice(digest(&SHA256, &named.into_bytes()).as_ref());
        Ok(Self {
            jkt,
            digest: stands_for,
            until_s,
        })
    }
}

/// The key in the header, if all of the header is as it has to be.
fn key(proof: &str) -> Result<ProofKey, ProofError> {
    let malformed = ProofError("dpop_malformed");
    if proof.len() > MOST {
        return Err(malformed);
    }
    let header = proof.split('.').next().ok_or(malformed)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| malformed)?;
    let header: ProofHeader = serde_json::from_slice(&header).map_err(|_| malformed)?;
    let key = header.jwk;
    let is_right = header.typ == "dpop+jwt"
        && header.alg == "ES256"
        && key.kty == "EC"
        && key.crv == "P-256"
        && [&key.x, &key.y].iter().all(|part| part.len() == 43);
    is_right.then_some(key).ok_or(malformed)
}

/// Query and fragment do not count (section 4.3, step 9).
fn is_to_us(htu: &str, of: ProofOf<'_>) -> bool {
    let Ok(claimed) = Url::parse(htu) else {
        return false;
    };
    let origin = claimed.origin().ascii_serialization();
    let own = of.origins.iter().find(|own| **own == origin);
    let sent = own.and_then(|own| Url::parse(&format!("{own}{}", of.path)).ok());
    sent.is_some_and(|sent| sent.path() == claimed.path())
}
