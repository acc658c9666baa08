//! Signed roots: a JWS (RFC 7515, ES256) over the Merkle tree hash of all heads.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::{Deserialize, Serialize};

use super::merkle;
use crate::{
    clock::Timestamp,
    keys::{Keyring, TokenJwks, open_signed},
    mode::Mode,
    store::{
        Store, StoreError,
        audit::{
            chain::Hash,
            roots::{self, Head, Root},
        },
    },
};

const TYP: &str = "waxseal-audit-root+jwt";
const VERSION: u8 = 1;

/// What is signed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    /// Of this format.
    pub(super) v: u8,
    /// From 1, without gaps.
    pub(super) number: u64,
    /// Milliseconds since 1970.
    pub(super) at: i64,
    /// SHA-256 of the JWS before, base64url; none in the first.
    pub(super) previous: Option<String>,
    /// Number of chains.
    pub(super) chains: u64,
    /// The tree's hash, base64url.
    pub(super) root: String,
}

/// Public keys that roots are checked with, by their ids.
pub struct RootKeys(HashMap<String, DecodingKey>);

impl RootKeys {
    /// Those of a keyring.
    pub fn of(keyring: &Keyring) -> Self {
        let keys = keyring.of(Mode::Live).audit_root_keys().iter();
        Self(
            keys.map(|key| (key.kid().to_owned(), key.verifying().clone()))
                .collect(),
        )
    }

    /// Those of a JWK set as `verifier audit keys` prints it.
    ///
    /// # Errors
    /// When it is none, or a key is not on P-256.
    pub fn parse(jwks: &str) -> Result<Self, String> {
        let set: TokenJwks = serde_json::from_str(jwks).map_err(|error| error.to_string())?;
        let keys = set.keys.iter().map(|key| {
            let decoding = DecodingKey::from_ec_components(key.x(), key.y());
            Ok((
                key.kid().to_owned(),
                decoding.map_err(|error| error.to_string())?,
            ))
        });
        keys.collect::<Result<_, String>>().map(Self)
    }

    /// When a root was signed, if it was signed by one of these.
    pub fn signed_at(&self, signed: &str) -> Option<Timestamp> {
        let claims = self.open(signed)?;
        Some(Timestamp::from_millis(claims.at))
    }

    /// What a root says, if it was signed by one of these.
    pub(super) fn open(&self, signed: &str) -> Option<Claims> {
        let claims = open_signed::<Claims>(signed, TYP, |kid| self.0.get(kid))?;
        (claims.v == VERSION).then_some(claims)
    }
}

/// Signs a root over all heads, unless none has moved since the last one or another verifier was first.
///
/// # Errors
/// When there is no key, signing or the store fails.
pub async fn make_root(
    store: &Store,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<Option<Root>, StoreError> {
    let read = store.read(|connection| Ok((roots::last(connection)?, roots::chains(connection)?)));
    let (last, chains) = read.await?;
    let moved = chains
        .iter()
        .filter(|chain| chain.head.place.seq > chain.rooted_seq)
        .map(|chain| chain.head);
    let moved: Vec<Head> = moved.collect();
    if moved.is_empty() {
        return Ok(None);
    }
    let key = keyring.of(Mode::Live).audit_root_keys().first();
    let key = key.ok_or(StoreError::Damaged("the key of audit roots"))?;
    let claims = Claims {
        v: VERSION,
        number: last.as_ref().map_or(0, |(number, _)| *number) + 1,
        at: now.millis(),
        previous: last.map(|(_, signed)| URL_SAFE_NO_PAD.encode(hash_of(&signed))),
        chains: chains.len() as u64,
        root: tree_text(chains.iter().map(|chain| chain.head)),
    };
    let header = Header {
        typ: Some(TYP.to_owned()),
        kid: Some(key.kid().to_owned()),
        ..Header::new(Algorithm::ES256)
    };
    let signed = key.sign(&header, &claims);
    let root = Root {
        number: claims.number,
        at: now,
        kid: key.kid().to_owned(),
        signed: signed.map_err(|_| StoreError::Damaged("the key of audit roots"))?,
        moved,
    };
    let kept = root.clone();
    let is_first = store.write("audit_root", move |tx| roots::insert(tx, &kept));
    Ok(is_first.await?.then_some(root))
}

pub(super) fn tree_text(heads: impl IntoIterator<Item = Head>) -> String {
    URL_SAFE_NO_PAD.encode(merkle::root(heads))
}

pub(super) fn hash_of(signed: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, signed.as_bytes()).as_ref());
    hash
}
