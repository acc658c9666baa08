//! Ids as they lie in rows: sixteen bytes instead of a prefix and 26 characters, so that rows and indexes
//! are narrow.

use ulid::Ulid;

use super::{
    StoreError,
    value::{FromValue, ToValue, Value},
};
use crate::{clock::Timestamp, mode::Mode};

/// Of a ULID's 48 bits of time the highest is 0 for some thousand years: here it tells the mode.
const IS_TEST: u8 = 0x80;

/// `card_test_01k…` without `card_`, which the column tells: a ULID (48 bits of time, 80 random bits) whose
/// highest bit is the mode's. Ordered as the text is: by mode, then by time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RowId([u8; 16]);

impl RowId {
    /// Before every id.
    pub const LEAST: Self = Self([0; 16]);
    /// Behind every id.
    pub const GREATEST: Self = Self([0xff; 16]);

    /// Of `kind_mode_ulid`, and of nothing that is written in any other way.
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        let (mode, ulid) = id.strip_prefix(kind)?.strip_prefix('_')?.split_once('_')?;
        let mut bytes = ulid_bytes(ulid)?;
        bytes[0] |= bit(Mode::parse(mode)?);
        Some(Self(bytes))
    }

    /// Of `req_ulid`: a request has no mode.
    pub fn of_request(id: &str) -> Option<Self> {
        ulid_bytes(id.strip_prefix("req_")?).map(Self)
    }

    /// Of an id to be written.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it is none of that kind.
    pub fn of(kind: &'static str, id: &str) -> Result<Self, StoreError> {
        Self::parse(kind, id).ok_or(StoreError::Damaged(kind))
    }

    /// Of an id to look for: what is none of that kind is found nowhere.
    pub fn sought(kind: &str, id: &str) -> Self {
        Self::parse(kind, id).unwrap_or(Self::LEAST)
    }

    /// Of an id to go on behind; from the first on where it is empty. Behind what is none of that kind
    /// there is nothing.
    pub fn behind(kind: &str, id: &str) -> Self {
        match id {
            "" => Self::LEAST,
            id => Self::parse(kind, id).unwrap_or(Self::GREATEST),
        }
    }

    /// The smallest id of a mode that could be made at `at`.
    pub fn first(mode: Mode, at: Timestamp) -> Self {
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        let mut bytes = Ulid::from_parts(millis, 0).to_bytes();
        bytes[0] |= bit(mode);
        Self(bytes)
    }

    /// The smallest and the greatest id of a mode that there can be.
    pub const fn all(mode: Mode) -> (Self, Self) {
        let (mut first, mut last) = ([0; 16], [0xff; 16]);
        first[0] = bit(mode);
        last[0] = 0x7f | bit(mode);
        (Self(first), Self(last))
    }

    /// As callers know it.
    pub fn text(self, kind: &str) -> String {
        let mut bytes = self.0;
        let mode = match bytes[0] & IS_TEST {
            0 => Mode::Live,
            _ => Mode::Test,
        };
        bytes[0] &= !IS_TEST;
        let mut text = Ulid::from_bytes(bytes).to_string();
        text.make_ascii_lowercase();
        format!("{kind}_{}_{text}", mode.as_str())
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Of a ULID in lower case, canonical, of the next thousand years.
fn ulid_bytes(text: &str) -> Option<[u8; 16]> {
    let made = Ulid::from_string(text).ok()?;
    let bytes = made.to_bytes();
    let is_canonical = made.to_string().to_ascii_lowercase() == text;
    (is_canonical && bytes[0] & IS_TEST == 0).then_some(bytes)
}

const fn bit(mode: Mode) -> u8 {
    match mode {
        Mode::Live => 0,
        Mode::Test => IS_TEST,
    }
}

impl From<[u8; 16]> for RowId {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl ToValue for RowId {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(&self.0)
    }
}

impl FromValue for RowId {
    fn from_value(value: Value<'_>) -> Option<Self> {
        FromValue::from_value(value).map(Self)
    }
}

/// Whether a text may be an id at all. What may not is asked of no engine: PostgreSQL takes no text with a NUL.
pub fn may_be_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, SystemRng};

    #[test]
    fn an_id_comes_back_as_it_was() {
        let rng: &dyn Rng = &SystemRng::default();
        for mode in Mode::ALL {
            let now = Timestamp::from_millis(1_764_000_000_000);
            let id = rng.id(&mode.id_prefix("card"), now).unwrap();
            let row_id = RowId::parse("card", &id).unwrap();
            assert_eq!(row_id.text("card"), id);
            assert!(RowId::first(mode, now) <= row_id);
            assert!(row_id < RowId::first(mode, now.plus_seconds(1)));
        }
    }

    #[test]
    fn pinned() {
        let live = RowId::parse("cs", "cs_live_01m8q4t1p0zzzzzzzzzzzzzzzz").unwrap();
        assert_eq!(live.as_bytes()[..6], [0x01, 0xa2, 0x2e, 0x4d, 0x06, 0xc0]);
        let test = RowId::parse("cs", "cs_test_01m8q4t1p0zzzzzzzzzzzzzzzz").unwrap();
        assert_eq!(test.as_bytes()[..6], [0x81, 0xa2, 0x2e, 0x4d, 0x06, 0xc0]);
        assert_eq!(test.as_bytes()[1..], live.as_bytes()[1..]);
        let request = RowId::of_request("req_01m8q4t1p0zzzzzzzzzzzzzzzz");
        assert_eq!(request, Some(live));
        assert_eq!(RowId::of_request("req_none"), None);
    }

    #[test]
    fn whatever_is_written_otherwise_is_no_id() {
        for other in [
            "",
            "card",
            "card_test_",
            "card_test_01m8q4t1p0zzzzzzzzzzzzzzz",
            "card_test_01m8q4t1p0zzzzzzzzzzzzzzzzz",
            "card_test_01M8Q4T1P0ZZZZZZZZZZZZZZZZ",
            "card_test_0im8q4t1p0zzzzzzzzzzzzzzzz",
            "card_test_4zzzzzzzzzzzzzzzzzzzzzzzzz",
            "card_test_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "card_none_01m8q4t1p0zzzzzzzzzzzzzzzz",
            "cs_test_01m8q4t1p0zzzzzzzzzzzzzzzz",
            "card_test_01m8q4t1p0zzzzzzzzzzzzzzz\u{e9}",
        ] {
            assert_eq!(RowId::parse("card", other), None, "{other}");
        }
        assert_eq!(RowId::behind("card", ""), RowId::LEAST);
        assert_eq!(RowId::behind("card", "x"), RowId::GREATEST);
    }
}
