//! Who somebody is at an issuer of OpenID Connect, as whoever runs the verifier says.

use super::account::{entry, sign_out};
use crate::{
    clock::Timestamp,
    store::{
        Store, StoreError, audit,
        identity_bindings::{self, IdentityBinding},
        users::User,
    },
};

/// Lets somebody sign in as `subject` at `issuer`; `false` when that is somebody already.
///
/// # Errors
/// When the store fails.
pub async fn bind(
    store: &Store,
    user: &User,
    issuer: String,
    subject: String,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let entry = entry("user.bound", user);
    let binding = IdentityBinding {
        issuer,
        subject,
        user_id: user.id.clone(),
        created_at: now,
    };
    let bound = store.write("bind_user", move |tx| {
        if identity_bindings::user_of(tx, &binding.issuer, &binding.subject)?.is_some() {
            return Ok(false);
        }
        identity_bindings::insert(tx, &binding)?;
        audit::append(tx, &entry, now)?;
        Ok(true)
    });
    bound.await
}

/// Takes that back, and whatever the person began and granted, however they signed in; `false` when they are
/// not that subject.
///
/// # Errors
/// When the store fails.
pub async fn unbind(
    store: &Store,
    user: &User,
    issuer: String,
    subject: String,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (id, entry) = (user.id.clone(), entry("user.unbound", user));
    let unbound = store.write("unbind_user", move |tx| {
        if !identity_bindings::delete(tx, &id, &issuer, &subject)? {
            return Ok(false);
        }
        sign_out(tx, &id, now)?;
        audit::append(tx, &entry, now)?;
        Ok(true)
    });
    unbound.await
}
