//! A key as operators see it: everything but the key.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    mode::Mode,
    store::{key_state::KeyState, keys::KeyRow},
};

/// A key without its bytes, wrapped or not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyView {
    /// 16 hexadecimal digits.
    pub id: String,
    /// What it is for.
    pub purpose: String,
    /// Test or live.
    pub mode: Mode,
    /// Counts up within a purpose and mode.
    pub version: u32,
    /// Where it stands.
    pub state: KeyState,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub activated_at: Option<String>,
    /// RFC 3339.
    pub retired_at: Option<String>,
    /// RFC 3339.
    pub destroyed_at: Option<String>,
}

impl From<&KeyRow> for KeyView {
    fn from(row: &KeyRow) -> Self {
        Self {
            id: row.id.clone(),
            purpose: row.purpose.clone(),
            mode: row.mode,
            version: row.version,
            state: row.state,
            created_at: row.created_at.rfc3339(),
            activated_at: row.activated_at.map(Timestamp::rfc3339),
            retired_at: row.retired_at.map(Timestamp::rfc3339),
            destroyed_at: row.destroyed_at.map(Timestamp::rfc3339),
        }
    }
}
