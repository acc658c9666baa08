//! The session cookie (RFC 6265).

use hyper::{
    HeaderMap,
    header::{COOKIE, HeaderValue},
};

/// Base64url of 256 bits.
const ID_CHARS: usize = 43;
const MAX_AGE_S: u32 = 7 * 24 * 3600;

/// Name and attributes of the cookie.
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    /// Whether the shop is served over HTTPS.
    secure: bool,
}

impl SessionCookie {
    /// For a shop whose pages are at `public_url`.
    pub fn for_shop(public_url: &str) -> Self {
        Self {
            secure: public_url.starts_with("https:"),
        }
    }

    /// `__Host-` makes browsers insist on `Secure`, no `Domain` and `Path=/`; it needs HTTPS.
    const fn name(self) -> &'static str {
        if self.secure {
            "__Host-shop_session"
        } else {
            "shop_session"
        }
    }

    /// The value for `Set-Cookie`. `Lax`, not `Strict`: who comes back from a bank's page must still
    /// be known. `None` when `id` is no header value.
    pub fn issue(self, id: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!(
            "{}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE_S}{secure}",
            self.name()
        );
        let mut value = HeaderValue::try_from(cookie).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The id in a request, if it has the form of one.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(name, id)| *name == self.name() && is_id(id))
            .map(|(_, id)| id)
    }
}

fn is_id(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == ID_CHARS && text.bytes().all(is_base64url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;

    fn request(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap())])
    }

    #[test]
    fn what_is_issued_is_read_again() {
        let cookie = SessionCookie::for_shop("http://localhost:8080");
        let id = rng::session_id().unwrap();
        let issued = cookie.issue(&id).unwrap().to_str().unwrap().to_owned();
        let (pair, attributes) = issued.split_once("; ").unwrap();
        assert_eq!(
            cookie.read(&request(&format!("a=b; {pair}; c=d"))),
            Some(id.as_str())
        );
        assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_the_host() {
        let cookie = SessionCookie::for_shop("https://shop.example");
        let issued = cookie
            .issue(&"A".repeat(ID_CHARS))
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        assert!(issued.starts_with("__Host-shop_session=") && issued.ends_with("; Secure"));
    }

    #[test]
    fn other_values_are_no_ids() {
        let cookie = SessionCookie::for_shop("http://localhost:8080");
        let short = "A".repeat(ID_CHARS - 1);
        for value in ["", &short, &format!("{short}!"), &"A".repeat(ID_CHARS + 1)] {
            assert_eq!(
                cookie.read(&request(&format!("shop_session={value}"))),
                None,
                "{value}"
            );
        }
        assert_eq!(cookie.read(&request(&format!("other={short}A"))), None);
        assert_eq!(cookie.read(&HeaderMap::new()), None);
    }
}
