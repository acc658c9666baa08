//! Second factors: a seed that is shown once, and kept encrypted.

use zeroize::Zeroizing;

use super::totp::{SEED_LEN, base32};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    mode::Mode,
    rng::Rng,
    store::{
        StoreError,
        users::{SecondFactor, seed_place},
    },
};

/// A second factor and its seed, which is shown once and never again.
pub struct NewFactor {
    /// The row to store.
    pub factor: SecondFactor,
    /// What an authenticator takes: `otpauth://totp/…`.
    pub uri: Zeroizing<String>,
}

/// Makes a second factor for the person of that id and name.
///
/// # Errors
/// When the generator fails.
pub fn make_factor(
    user_id: &str,
    name: &str,
    keyring: &Keyring,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<NewFactor, StoreError> {
    let seed = Zeroizing::new(rng.array::<SEED_LEN>()?);
    // People have no mode: what is theirs is under the live keys.
    let deks = &keyring.of(Mode::Live).deks;
    let label = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    let label = label.replace('+', "%20");
    Ok(NewFactor {
        uri: Zeroizing::new(format!(
            "otpauth://totp/Waxseal:{label}?secret={}&issuer=Waxseal",
            // EXPOSE: the seed is shown here, once.
            *Zeroizing::new(base32(&*seed))
        )),
        factor: SecondFactor {
            user_id: user_id.to_owned(),
            seed_enc: deks.encrypt(seed_place(user_id), &*seed, rng)?,
            last_step: 0,
            created_at: now,
        },
    })
}
