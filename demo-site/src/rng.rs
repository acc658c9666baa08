//! Random ids from the operating system's generator.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The generator failed: no id can be made, and none may be guessed at.
#[derive(Debug)]
pub struct RngError;

/// 256 random bits as base64url: a shopper's session id.
///
/// # Errors
/// When the generator fails.
pub fn session_id() -> Result<String, RngError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// An order number for people, such as `FS-7K2M9QXA`: letters and digits that are not mistaken for
/// each other. It is no secret and opens nothing.
///
/// # Errors
/// When the generator fails.
pub fn order_number() -> Result<String, RngError> {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letters = random::<8>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    Ok(format!("FS-{}", String::from_iter(letters)))
}

fn random<const N: usize>() -> Result<[u8; N], RngError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| RngError)?;
    Ok(bytes)
}
