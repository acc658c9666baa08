//! What the client token says, as far as the frame needs it before it asks the verifier.

use alloc::string::String;

use waxseal_protocol::ErrorCode;

/// The claims of a client token (a JWT, RFC 7519) that the frame compares.
///
/// They are not verified here: the verifier does that with every request. The frame reads them to
/// refuse a mix-up before it shows a field.
#[derive(Debug)]
pub struct Claims {
    /// Session id.
    pub sub: String,
    /// The only origin that may mount the frame.
    pub org: String,
    /// Thumbprint of the key to seal to.
    pub kid: String,
}

/// The payload of a JWT in plain base64, as browsers decode it; nothing if it has no three parts.
pub fn payload(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let plain = |c| match c {
        '-' => '+',
        '_' => '/',
        c => c,
    };
    Some(payload.chars().map(plain).collect())
}

impl Claims {
    /// Whether the page at `origin` may mount the frame of `session`.
    ///
    /// # Errors
    /// [`ErrorCode::OriginMismatch`] or [`ErrorCode::SessionMismatch`].
    pub fn check(&self, origin: &str, session: &str) -> Result<(), ErrorCode> {
        if self.org != origin {
            return Err(ErrorCode::OriginMismatch);
        }
        if self.sub != session {
            return Err(ErrorCode::SessionMismatch);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_and_session_are_compared_exactly() {
        let claims = Claims {
            sub: "cs_1".to_owned(),
            org: "https://shop.example".to_owned(),
            kid: "k".to_owned(),
        };
        assert_eq!(claims.check("https://shop.example", "cs_1"), Ok(()));
        for origin in [
            "https://shop.example:8443",
            "http://shop.example",
            "null",
            "",
        ] {
            assert_eq!(
                claims.check(origin, "cs_1"),
                Err(ErrorCode::OriginMismatch),
                "{origin}"
            );
        }
        let other = claims.check("https://shop.example", "cs_2");
        assert_eq!(other, Err(ErrorCode::SessionMismatch));
    }

    #[test]
    fn the_payload_is_the_second_of_three_parts() {
        assert_eq!(payload("a.b-_c.d").as_deref(), Some("b+/c"));
        for text in ["", "a.b", "a.b.c.d"] {
            assert_eq!(payload(text), None, "{text}");
        }
    }
}
