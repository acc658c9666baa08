//! Signed roots: a JWS (RFC 7515, ES256) over the Merkle tree hash of all heads.

use std::{
    collections::HashMap,
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

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
        RowId, Store, StoreError,
        audit::{
            chain::{Hash, Place},
            roots::{self, Head, Root},
        },
    },
};

const TYP: &str = "waxseal-audit-root+jwt";
const VERSION: u8 = 1;
/// Bytes of a file of roots that are read at first: a line is mostly shorter.
const TAIL: u64 = 64 * 1024;

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

/// A root as a line of a file: JSON.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    number: u64,
    signed: String,
    moved: Vec<(String, u8, u64, String)>,
}

/// A file of roots, a line each.
pub struct RootFile;

impl RootFile {
    /// Appends every root that the file at `path` does not have yet, and returns when they are on the disk. A line that
    /// was cut off while it was written is written again.
    ///
    /// # Errors
    /// When the store fails, or the file cannot be written.
    pub async fn follow(path: &Path, store: &Store) -> Result<(), StoreError> {
        let failed = |error: io::Error| StoreError::File(path.to_owned(), error.kind());
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let (whole, last) = last_line(&mut file).map_err(failed)?;
        let last = str::from_utf8(&last).ok().and_then(parse_line);
        let number = last.map_or(0, |root| root.number);
        let roots = store.read(move |connection| roots::behind(connection, number));
        let mut lines = String::new();
        for root in roots.await? {
            lines.push_str(&Self::line(&root));
            lines.push('\n');
        }
        if lines.is_empty() {
            return Ok(());
        }
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        file.write_all(lines.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    /// A root as its line, without the line's end.
    pub fn line(root: &Root) -> String {
        let moved = root.moved.iter().map(|head| {
            (
                URL_SAFE_NO_PAD.encode(head.place.merchant.as_bytes()),
                head.place.chain,
                head.place.seq,
                URL_SAFE_NO_PAD.encode(head.hash),
            )
        });
        let line = Line {
            number: root.number,
            signed: root.signed.clone(),
            moved: moved.collect(),
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// The roots of a file's text. A last line without an end was cut off while it was written, and is none.
    ///
    /// # Errors
    /// The number of a line that is none.
    pub fn parse(text: &str) -> Result<Vec<Root>, usize> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .enumerate()
            .map(|(at, line)| parse_line(line).ok_or(at + 1))
            .collect()
    }
}

/// Where the whole lines of a file end, and the last of them. Of the file no more is read than that takes: it grows for
/// ever.
fn last_line(file: &mut (impl Read + Seek)) -> io::Result<(u64, Vec<u8>)> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut most = TAIL;
    loop {
        let from = length.saturating_sub(most);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.by_ref().take(length - from).read_to_end(&mut tail)?;
        let is_end = |byte: &u8| *byte == b'\n';
        if let Some(end) = tail.iter().rposition(is_end) {
            let begin = tail[..end].iter().rposition(is_end).map(|at| at + 1);
            if let Some(begin) = begin.or_else(|| (from == 0).then_some(0)) {
                return Ok((from + end as u64 + 1, tail[begin..end].to_vec()));
            }
        } else if from == 0 {
            return Ok((0, Vec::new()));
        }
        most = most.saturating_mul(4);
    }
}

fn parse_line(line: &str) -> Option<Root> {
    let Line {
        number,
        signed,
        moved,
    } = serde_json::from_str(line).ok()?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let head = |(merchant, chain, seq, hash): &(String, u8, u64, String)| {
        let merchant: [u8; 16] = bytes(merchant)?.try_into().ok()?;
        Some(Head {
            place: Place {
                merchant: RowId::from(merchant),
                chain: *chain,
                seq: *seq,
            },
            hash: bytes(hash)?.try_into().ok()?,
        })
    };
    Some(Root {
        number,
        // What is signed says it.
        at: Timestamp::from_millis(0),
        kid: String::new(),
        moved: moved.iter().map(head).collect::<Option<_>>()?,
        signed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_line_is_found_from_the_end_however_long_it_is() {
        let long = "a".repeat(3 * 64 * 1024);
        for (text, whole, last) in [
            (String::new(), 0, ""),
            ("cut off".to_owned(), 0, ""),
            ("one\n".to_owned(), 4, "one"),
            ("one\ntwo\nth".to_owned(), 8, "two"),
            (
                format!("{long}\n{long}\nx"),
                2 * long.len() + 2,
                long.as_str(),
            ),
            (format!("one\n{long}"), 4, "one"),
        ] {
            let found = last_line(&mut io::Cursor::new(text)).unwrap();
            assert_eq!(found, (whole as u64, last.as_bytes().to_vec()));
        }
    }
}
