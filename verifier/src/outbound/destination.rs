//! Where a call goes to.

use axum::http::Uri;
use url::{Host, Url};

use super::CallError;

/// Longest URL, in bytes.
const MAX_LENGTH: usize = 2048;

/// A URL that may be called: `https` (`http` is refused later, unless it is allowed and its address is
/// loopback), with a host, without user and password. Its fragment is left out.
#[derive(Clone, Eq, PartialEq)]
pub struct Destination {
    url: Url,
    uri: Uri,
}

impl Destination {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`CallError::UrlRefused`] when it may not be called.
    pub fn parse(text: &str) -> Result<Self, CallError> {
        if text.len() > MAX_LENGTH {
            return Err(CallError::UrlRefused);
        }
        let mut url = Url::parse(text).map_err(|_| CallError::UrlRefused)?;
        url.set_fragment(None);
        let is_web = matches!(url.scheme(), "https" | "http");
        let is_bare = url.username().is_empty() && url.password().is_none();
        let has_host = match url.host() {
            // A name that the resolver would take for a path or an option is none.
            Some(Host::Domain(name)) => name
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_')),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => url.port() != Some(0),
            None => false,
        };
        let uri = url.as_str().parse().map_err(|_| CallError::UrlRefused)?;
        match is_web && is_bare && has_host && url.port() != Some(0) {
            true => Ok(Self { url, uri }),
            false => Err(CallError::UrlRefused),
        }
    }

    /// Its scheme, host and port, as they may be shown and logged.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The URL in its one serialization.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    pub(super) fn uri(&self) -> Uri {
        self.uri.clone()
    }

    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// Path and query may hold what is nobody's business.
impl std::fmt::Debug for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Destination({})", self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_the_web_are_called() {
        for good in [
            "https://a.example",
            "https://a.example:8443/b?c=d",
            "https://[2001:db8::1]/",
            "http://127.0.0.1:1/",
        ] {
            assert!(Destination::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "/a",
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "data:text/plain,x",
            "https://",
            "https://a@b.example/",
            "https://a:b@c.example/",
            "https://a.example:0/",
            "https://*.example/",
            "https://a b.example/",
        ] {
            assert!(Destination::parse(bad).is_err(), "{bad}");
        }
        let long = format!("https://a.example/{}", "a".repeat(MAX_LENGTH));
        assert!(Destination::parse(&long).is_err());
    }

    #[test]
    fn addresses_have_one_form() {
        for odd in ["https://0x7f.1/", "https://2130706433/", "https://127.1/"] {
            let destination = Destination::parse(odd).unwrap();
            assert_eq!(destination.origin(), "https://127.0.0.1", "{odd}");
        }
    }

    #[test]
    fn path_and_query_are_not_shown() {
        let destination = Destination::parse("https://a.example/s3cret?t=s3cret#s3cret").unwrap();
        assert_eq!(format!("{destination:?}"), "Destination(https://a.example)");
        assert_eq!(destination.as_str(), "https://a.example/s3cret?t=s3cret");
    }
}
