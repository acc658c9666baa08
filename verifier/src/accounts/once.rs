//! What is made once for each idempotency key.

use waxseal_protocol::ErrorCode;

use crate::{
    keys::Occasion,
    store::{
        StoreError, Tx,
        operator_requests::{self, Before},
    },
};

/// What the request made that was sent under the same key before; if there was none, makes it and notes
/// that its id is `id`. What is refused may be asked again.
pub(super) fn once<T>(
    tx: &Tx<'_>,
    occasion: &Occasion,
    id: &str,
    again: impl FnOnce(&str) -> Result<Option<T>, StoreError>,
    make: impl FnOnce() -> Result<Result<T, ErrorCode>, StoreError>,
) -> Result<Result<T, ErrorCode>, StoreError> {
    let Some(request) = &occasion.request else {
        return make();
    };
    match operator_requests::before(tx, request)? {
        Before::Answered(id) => Ok(again(&id)?.ok_or(ErrorCode::IdempotencyConflict)),
        Before::Conflict => Ok(Err(ErrorCode::IdempotencyConflict)),
        Before::Never => {
            let answer = make()?;
            if answer.is_ok() {
                operator_requests::note(tx, request, id, occasion.at)?;
            }
            Ok(answer)
        }
    }
}
