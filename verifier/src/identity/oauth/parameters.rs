//! Parameters of a request: `application/x-www-form-urlencoded` (RFC 6749 appendix B).

use zeroize::Zeroizing;

use super::OAuthError;

/// Most parameters of a request.
const MOST: usize = 32;

/// Parameters with their names, each at most once. One without a value counts as left out (RFC 6749
/// section 3.1), one that is not known is ignored, as the same section asks.
pub struct Parameters(Vec<(String, Zeroizing<String>)>);

impl Parameters {
    /// Reads a query or a body.
    ///
    /// # Errors
    /// [`OAuthError::InvalidRequest`] when a name is there twice, or something is not UTF-8.
    pub fn parse(encoded: &[u8]) -> Result<Self, OAuthError> {
        let mut read: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            let is_there = read.iter().any(|(other, _)| *other == name);
            let is_text = !name.contains('\u{fffd}') && !value.contains('\u{fffd}');
            // No database takes a NUL in a text, and no parameter of ours has a control character.
            let is_plain = !value.contains(|c: char| c.is_control());
            if is_there || !is_text || !is_plain || read.len() == MOST {
                return Err(OAuthError::InvalidRequest);
            }
            read.push((name.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(read))
    }

    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name)?;
        (!found.1.is_empty()).then_some(found.1.as_str())
    }

    /// The parameter of that name, which has to be there.
    ///
    /// # Errors
    /// [`OAuthError::InvalidRequest`].
    pub fn need(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::InvalidRequest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_once_and_an_empty_value_counts_as_none() {
        let read = Parameters::parse(b"a=1&b=&c=x+y%26").ok().unwrap();
        assert_eq!(read.get("a"), Some("1"));
        assert_eq!(read.get("b"), None);
        assert_eq!(read.get("c"), Some("x y&"));
        for bad in [
            &b"a=1&a=1"[..],
            b"a=1&b=2&a=",
            b"a=%ff",
            b"a=%00",
            b"a=%0d%0a",
        ] {
            assert!(Parameters::parse(bad).is_err(), "{bad:?}");
        }
    }
}
