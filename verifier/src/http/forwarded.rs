//! The client's address behind proxies.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;
use waxseal_protocol::ErrorCode;

use super::{Problem, forwarded_elements};
use crate::{app::App, config::ProxyHeader};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Takes the client's address from the proxies' header where the connection is a trusted proxy's. From
/// anybody else it is ignored: whoever connects could write what they like into it. So is the one of the
/// two headers that the proxies do not write.
///
/// A proxy that says nothing, or nothing that can be read, is refused: every customer would count as
/// one, the block list would match none of them and the velocity rule all.
pub async fn forwarded_for(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let connection = connection.map(|info| info.0.ip().to_canonical());
    if let Some(proxy) = connection.filter(|ip| is_in(&app.trusted_proxies, *ip)) {
        let seen = said_by_proxies(request.headers(), app.proxy_header);
        match seen.and_then(|seen| client(seen, proxy, &app.trusted_proxies)) {
            Some(ip) => {
                let client = ConnectInfo(SocketAddr::new(ip, 0));
                request.extensions_mut().insert(client);
            }
            None if is_health(&request) => {}
            None => return Problem::from(ErrorCode::RequestInvalid).into_response(),
        }
    }
    next.run(request).await
}

/// Proxies ask these of their own accord, for nobody.
fn is_health(request: &Request) -> bool {
    matches!(request.uri().path(), "/healthz" | "/readyz")
}

/// What each proxy appended, in order; `None` where the header is missing or no text, or not of its form.
fn said_by_proxies(headers: &HeaderMap, header: ProxyHeader) -> Option<Vec<String>> {
    let name = match header {
        ProxyHeader::Forwarded => header::FORWARDED,
        ProxyHeader::XForwardedFor => X_FORWARDED_FOR,
    };
    let mut seen = vec![];
    for line in headers.get_all(&name) {
        let line = line.to_str().ok()?;
        match header {
            ProxyHeader::Forwarded => seen.extend(forwarded_elements::nodes(line)?),
            ProxyHeader::XForwardedFor => {
                seen.extend(line.split(',').map(|entry| entry.trim().to_owned()));
            }
        }
    }
    headers.contains_key(&name).then_some(seen)
}

/// The last address that no trusted proxy has; each proxy appended the one that it saw. Where there are
/// none but proxies of ours the first of them, such as a monitor of the operator's own.
fn client(seen: Vec<String>, proxy: IpAddr, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut client = proxy;
    for entry in seen.into_iter().rev() {
        client = address(&entry)?;
        if !is_in(trusted, client) {
            break;
        }
    }
    Some(client)
}

/// An address, or one with a port as some proxies write it, or an IPv6 address in brackets (RFC 7239).
fn address(entry: &str) -> Option<IpAddr> {
    let in_brackets = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(inside) = in_brackets {
        let ip = inside.parse().ok().map(IpAddr::V6);
        return ip.map(|ip| ip.to_canonical());
    }
    let ip = entry
        .parse()
        .or_else(|_| entry.parse().map(|socket: SocketAddr| socket.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

fn is_in(networks: &[IpNet], ip: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&ip))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn from(lines: &[&str]) -> Option<String> {
        from_header(ProxyHeader::XForwardedFor, &X_FORWARDED_FOR, lines)
    }

    fn from_header(kind: ProxyHeader, name: &HeaderName, lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let trusted = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap());
        let proxy = [127, 0, 0, 1].into();
        let seen = said_by_proxies(&headers, kind)?;
        client(seen, proxy, &trusted).map(|ip| ip.to_string())
    }

    #[test]
    fn the_standard_header_says_the_same() {
        for (lines, wanted) in [
            (&["for=203.0.113.9"][..], Some("203.0.113.9")),
            (
                &["for=198.51.100.1, for=203.0.113.9;proto=https"],
                Some("203.0.113.9"),
            ),
            (
                &["for=198.51.100.1", "For=203.0.113.9 , by=_x;for=10.1.2.3"],
                Some("203.0.113.9"),
            ),
            (&[r#"for="203.0.113.9:4711""#], Some("203.0.113.9")),
            (
                &[r#"for="[2001:db8::9]:4711";host="a,b""#],
                Some("2001:db8::9"),
            ),
            (
                &[r#"for="[2001:db8::9]", for="[fd00::1]""#],
                Some("2001:db8::9"),
            ),
            (&[r#"for="[::ffff:203.0.113.9]""#], Some("203.0.113.9")),
            (
                &[r#"for=203.0.113.9, for="[::ffff:10.1.2.3]""#],
                Some("203.0.113.9"),
            ),
            (&["for=unknown, for=203.0.113.9"], Some("203.0.113.9")),
            (&["for=10.1.2.3"], Some("10.1.2.3")),
            // What does not name the last address, or nothing readable.
            (&[][..], None),
            (&[""], None),
            (&["for=unknown"], None),
            (&["for=203.0.113.9, for=_hidden"], None),
            (&["for=203.0.113.9, proto=https"], None),
            (&["for=203.0.113.9,"], None),
            (&[r#"for="203.0.113.9"#], None),
            (&["for=203.0.113.9;for=198.51.100.1"], None),
            (&["203.0.113.9"], None),
        ] {
            let found = from_header(ProxyHeader::Forwarded, &header::FORWARDED, lines);
            assert_eq!(found.as_deref(), wanted, "{lines:?}");
        }
    }

    #[test]
    fn the_header_that_the_proxies_do_not_write_is_not_read() {
        for (kind, name, line) in [
            (ProxyHeader::Forwarded, X_FORWARDED_FOR, "203.0.113.9"),
            (
                ProxyHeader::XForwardedFor,
                header::FORWARDED,
                "for=203.0.113.9",
            ),
        ] {
            assert_eq!(from_header(kind, &name, &[line]), None);
        }
    }

    #[test]
    fn the_last_address_that_is_no_proxys_counts() {
        for (lines, wanted) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            (&["198.51.100.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            (&["198.51.100.1", "203.0.113.9,10.1.2.3"], "203.0.113.9"),
            (&["not an address, 203.0.113.9"], "203.0.113.9"),
            (&["203.0.113.9:4711"], "203.0.113.9"),
            (&["2001:db8::9"], "2001:db8::9"),
            (&["[2001:db8::9]:443, fd00::1"], "2001:db8::9"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
            (&["10.1.2.3"], "10.1.2.3"),
        ] {
            assert_eq!(from(lines).as_deref(), Some(wanted), "{lines:?}");
        }
    }

    #[test]
    fn a_proxy_that_says_nothing_readable_is_refused() {
        for lines in [
            &[][..],
            &[""],
            &["unknown"],
            &["203.0.113.9, unknown"],
            &["203.0.113.9,"],
            &["203.0.113.9, _hidden, 10.1.2.3"],
            &["203.0.113.999"],
        ] {
            assert_eq!(from(lines), None, "{lines:?}");
        }
    }
}
