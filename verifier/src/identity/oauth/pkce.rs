//! Proof Key for Code Exchange (RFC 7636), S256 alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use crate::identity::secret::secret_digest;

/// `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (section 4.2): 43 characters.
pub(super) fn parse_challenge(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Whether the challenge was made of this verifier: 43 to 128 unreserved characters (section 4.1).
pub(super) fn matches(verifier: &str, challenge: &[u8; 32]) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let has_form = (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved);
    let made: bool = secret_digest(verifier).ct_eq(challenge).into();
    has_form && made
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_rfcs_verifier_fits_its_challenge_and_no_other_does() {
        let challenge = parse_challenge(CHALLENGE).unwrap();
        assert!(matches(VERIFIER, &challenge));
        for other in [
            "",
            CHALLENGE,
            &VERIFIER[1..],
            &format!("{VERIFIER}A"),
            &VERIFIER.replace('d', "e"),
        ] {
            assert!(!matches(other, &challenge), "{other}");
        }
        // Its own plain text is no challenge of a short verifier either.
        assert!(!matches("short", &secret_digest("short")));
        for bad in ["", "plain", &CHALLENGE[1..], &format!("{CHALLENGE}=")] {
            assert!(parse_challenge(bad).is_none(), "{bad}");
        }
    }
}
