//! A CVC as Valkey holds it: encrypted under a key that it never has, bound to its submission and deadline.
//!
//! A Valkey that lies can lose a code or give it twice before the deadline. It cannot read one, give it to
//! another submission, or keep it for longer.

use waxseal_protocol::card::Cvc;
use zeroize::Zeroizing;

use crate::{
    clock::Timestamp,
    store::{StoreError, crypter::Place},
    vault::cvc::Surroundings,
};

/// Of every code, so that the value does not tell how long it is.
const PADDED_LEN: usize = 4;
const PADDING: u8 = b' ';
const DEADLINE_LEN: usize = 8;

/// `deadline in milliseconds(8) || AES-256-GCM as columns have it`
pub(super) fn encrypt(
    at: Surroundings<'_>,
    submission: &str,
    deadline: Timestamp,
    cvc: &Cvc,
) -> Result<Vec<u8>, StoreError> {
    let mut padded = Zeroizing::new([PADDING; PADDED_LEN]);
    // EXPOSE: into the ciphertext.
    for (place, digit) in padded.iter_mut().zip(cvc.digits().bytes()) {
        *place = digit;
    }
    let bytes = deadline.millis().to_be_bytes();
    let look_ups = [deadline.millis().to_string()];
    let look_ups = look_ups.each_ref().map(String::as_str);
    let sealed = at
        .keys
        .cvc
        .encrypt(place(submission, &look_ups), &*padded, at.rng)?;
    Ok([&bytes[..], &sealed].concat())
}

/// The reverse of [`encrypt`], before the deadline.
pub(super) fn decrypt(
    at: Surroundings<'_>,
    submission: &str,
    value: &[u8],
) -> Option<(Timestamp, Cvc)> {
    let (deadline, sealed) = value.split_first_chunk::<DEADLINE_LEN>()?;
    let deadline = Timestamp::from_millis(i64::from_be_bytes(*deadline));
    if deadline <= at.now {
        return None;
    }
    let look_ups = [deadline.millis().to_string()];
    let look_ups = look_ups.each_ref().map(String::as_str);
    let padded = at
        .keys
        .cvc
        .decrypt(place(submission, &look_ups), sealed)
        .ok()?;
    let text = std::str::from_utf8(&padded).ok()?;
    let cvc = Cvc::parse_kept(text.trim_end_matches(char::from(PADDING))).ok()?;
    Some((deadline, cvc))
}

const fn place<'p>(submission: &'p str, look_ups: &'p [&'p str]) -> Place<'p> {
    Place {
        table: "valkey",
        column: "cvc",
        row: submission,
        // A submission's id is nobody else's.
        merchant: "",
        look_ups,
    }
}
