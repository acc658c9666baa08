//! Digests by which a merchant's submissions are told to have something in common.

use zeroize::Zeroizing;

use super::submit::Attempt;
use crate::store::RowId;

/// Keyed digest of what may be guessed, such as a device's token, for its merchant alone; `name` says what it is of.
pub(super) fn pseudonym(attempt: &Attempt, merchant: RowId, name: &str, value: &[u8]) -> [u8; 16] {
    let parts = [merchant.as_bytes(), name.as_bytes(), b"\0", value];
    let text = Zeroizing::new(parts.concat());
    attempt.app.pseudonym(attempt.token.mode, &text)
}
