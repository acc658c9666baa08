//! The protected header: what a record is bound to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use waxseal_protocol::{object::object, seal::HPKE_7};

use super::{RecordError, TYP};
use crate::rng::{Rng, RngError};

/// The members of the protected header, but `alg`, `typ` and `v`, which are constants.
///
/// All members are required, unknown ones refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// RFC 7638 thumbprint of the vault key.
    pub kid: String,
    /// The merchant at the vault that opens it: 1 to 64 of `A-Z a-z 0-9 _ . -`.
    pub mid: String,
    /// The batch: 128 random bits, base64url.
    pub bid: String,
    /// Number of the record within its batch, from 1: the number of its line.
    pub num: u64,
    /// Whether the batch ends with it: a file that was cut short is found out.
    pub last: bool,
}

/// The header as it is written, in this order.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written<Text> {
    alg: Text,
    typ: Text,
    v: u8,
    kid: Text,
    mid: Text,
    bid: Text,
    num: u64,
    last: bool,
}

const VERSION: u8 = 1;

/// Twice what the longest members need: other programs may write spaces.
pub(super) const MAX_JSON_LEN: usize = 512;

const MAX_MID_LEN: usize = 64;

impl Header {
    /// BASE64URL(protected header); nothing when a member is not of its form.
    pub(super) fn protect(&self) -> Option<String> {
        let written = Written {
            alg: HPKE_7.alg,
            typ: TYP,
            v: VERSION,
            kid: &self.kid,
            mid: &self.mid,
            bid: &self.bid,
            num: self.num,
            last: self.last,
        };
        let json = serde_json::to_vec(&written).ok()?;
        self.is_well_formed().then(|| URL_SAFE_NO_PAD.encode(&json))
    }

    /// Reads the JSON of a protected header.
    pub(super) fn parse(json: &[u8]) -> Result<Self, RecordError> {
        let malformed = RecordError::Malformed;
        if json.len() > MAX_JSON_LEN {
            return Err(malformed);
        }
        let mut reader = serde_json::Deserializer::from_slice(json);
        let written: Written<String> = object(&mut reader).map_err(|_| malformed)?;
        reader.end().map_err(|_| malformed)?;
        let is_ours = written.alg == HPKE_7.alg && written.typ == TYP && written.v == VERSION;
        let header = Self {
            kid: written.kid,
            mid: written.mid,
            bid: written.bid,
            num: written.num,
            last: written.last,
        };
        (is_ours && header.is_well_formed())
            .then_some(header)
            .ok_or(malformed)
    }

    fn is_well_formed(&self) -> bool {
        is_base64url_of(&self.kid, 32)
            && is_base64url_of(&self.bid, 16)
            && is_merchant(&self.mid)
            && self.num > 0
    }
}

/// A new random `bid`.
pub(super) fn make_batch_id(rng: &dyn Rng) -> Result<String, RngError> {
    Ok(URL_SAFE_NO_PAD.encode(rng.array::<16>()?))
}

/// Whether that could be a merchant's id, at this vault or another one.
pub(super) fn is_merchant(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-');
    (1..=MAX_MID_LEN).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_base64url_of(text: &str, len: usize) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == len)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn members() -> Value {
        json!({
            "alg": "HPKE-7", "typ": TYP, "v": 1, "kid": URL_SAFE_NO_PAD.encode([1; 32]),
            "mid": "mch_test_1", "bid": URL_SAFE_NO_PAD.encode([2; 16]), "num": 1, "last": false,
        })
    }

    fn parse(members: &Value) -> Result<Header, RecordError> {
        Header::parse(members.to_string().as_bytes())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let header = parse(&members()).unwrap();
        let json = URL_SAFE_NO_PAD.decode(header.protect().unwrap()).unwrap();
        assert_eq!(Header::parse(&json), Ok(header));
        assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), members());
    }

    #[test]
    fn each_member_must_be_there_and_of_its_form() {
        let wrong = [
            ("alg", json!("HPKE-0")),
            ("typ", json!(waxseal_protocol::seal::TYP)),
            ("v", json!(2)),
            ("kid", json!("AAAA")),
            ("mid", json!("")),
            ("mid", json!("a b")),
            ("mid", json!("x".repeat(65))),
            ("bid", json!("AAAA")),
            ("num", json!(0)),
            ("num", json!("1")),
            ("last", json!(1)),
            ("other", json!(1)),
        ];
        for (name, value) in wrong {
            let mut changed = members();
            changed[name] = value;
            assert_eq!(parse(&changed), Err(RecordError::Malformed), "{name}");
        }
        for name in ["alg", "typ", "v", "kid", "mid", "bid", "num", "last"] {
            let mut without = members();
            without.as_object_mut().unwrap().remove(name);
            assert_eq!(parse(&without), Err(RecordError::Malformed), "{name}");
        }
        let spaces = " ".repeat(MAX_JSON_LEN);
        let text = format!("{}{spaces}", members());
        assert!(Header::parse(text.as_bytes()).is_err());
    }
}
