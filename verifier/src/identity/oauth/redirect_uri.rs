//! Where a program is answered (RFC 9700 section 2.1, RFC 8252 section 7).

use url::{Host, Url};

/// Longest URI, in bytes.
const MOST: usize = 512;

/// A URI that may be registered: `https`, `http` on this machine (`localhost`, `127.0.0.1`), or a scheme of the
/// program's own that has a dot in it. Not `[::1]`, nor another address of IPv6: the consent page's policy has to
/// name where its form leads, and no CSP source can (CSP3 section 2.3.1, `host-char`). No fragment, no credentials, and written as it would be written again. `None` for any other.
pub fn parse_redirect_uri(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    let is_nameable = !matches!(url.host(), Some(Host::Ipv6(_)));
    let may_be = match url.scheme() {
        "https" => url.host_str().is_some() && is_nameable,
        "http" => is_local,
        scheme => scheme.contains('.'),
    };
    let is_plain = url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        // What is compared byte by byte has one form.
        && url.as_str() == text
        && text.len() <= MOST
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"';,<>\\^`{|}".contains(&byte));
    (may_be && is_plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leads_to_the_program_alone_is_registered() {
        for good in [
            "https://console.example/callback",
            "https://console.example/callback?a=b",
            "http://127.0.0.1:8123/callback",
            "http://localhost:8123/callback",
            "com.example.app:/callback",
        ] {
            assert!(parse_redirect_uri(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "http://console.example/callback",
            "http://[::1]:8123/callback",
            "https://[2001:db8::1]/callback",
            "https://console.example/callback#x",
            "https://a@console.example/",
            "https://console.example",
            "https://Console.example/",
            "https://console.example/a b",
            "https://console.example/;b",
            "https://*.example/'",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/callback",
        ] {
            assert!(parse_redirect_uri(bad).is_none(), "{bad}");
        }
    }
}
