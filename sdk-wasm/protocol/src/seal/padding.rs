//! Padding to one length: JSON, then spaces, which JSON ignores.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::{EnvelopeError, PLAINTEXT_LEN, SealError, suite::TAG_LEN};

/// `json` followed by spaces, [`PLAINTEXT_LEN`] bytes in all, in a buffer that has room for the tag
/// and therefore need not move.
///
/// # Errors
/// [`SealError::Plaintext`] when `json` is longer.
pub fn pad(json: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if json.len() > PLAINTEXT_LEN {
        return Err(SealError::Plaintext);
    }
    let mut padded = Zeroizing::new(Vec::with_capacity(PLAINTEXT_LEN + TAG_LEN));
    padded.extend_from_slice(json);
    padded.resize(PLAINTEXT_LEN, b' ');
    Ok(padded)
}

/// The JSON before the padding.
///
/// # Errors
/// [`EnvelopeError::Plaintext`] when the plaintext is of another length.
pub fn unpad(plaintext: &[u8]) -> Result<&[u8], EnvelopeError> {
    if plaintext.len() != PLAINTEXT_LEN {
        return Err(EnvelopeError::Plaintext);
    }
    let len = plaintext
        .iter()
        .rposition(|&byte| byte != b' ')
        .map_or(0, |last| last + 1);
    Ok(&plaintext[..len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_that_fits_comes_back() {
        for len in 0..=PLAINTEXT_LEN {
            let json = vec![b'x'; len];
            let padded = pad(&json).unwrap();
            assert_eq!(padded.len(), PLAINTEXT_LEN);
            assert_eq!(unpad(&padded).unwrap(), json);
        }
        assert_eq!(
            pad(&[b'x'; PLAINTEXT_LEN + 1]).unwrap_err(),
            SealError::Plaintext
        );
    }

    #[test]
    fn another_length_is_refused() {
        for len in [0, PLAINTEXT_LEN - 1, PLAINTEXT_LEN + 1] {
            assert_eq!(unpad(&vec![b' '; len]), Err(EnvelopeError::Plaintext));
        }
    }
}
