//! The client's address behind proxies.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;
use waxseal_protocol::ErrorCode;

use super::Problem;
use crate::app::App;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Takes the client's address from `X-Forwarded-For` where the connection is a trusted proxy's. From
/// anybody else the header is ignored: whoever connects could write what they like into it.
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
        match client(request.headers(), proxy, &app.trusted_proxies) {
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

/// The last address that no trusted proxy has; each proxy appended the one that it saw.
fn client(headers: &HeaderMap, proxy: IpAddr, trusted: &[IpNet]) -> Option<IpAddr> {
    let lines = headers.get_all(X_FORWARDED_FOR);
    let mut seen = vec![];
    for line in lines {
        for entry in line.to_str().ok()?.split(',') {
            seen.push(entry.trim());
        }
    }
    let mut client = proxy;
    for entry in seen.into_iter().rev() {
        client = address(entry)?;
        if !is_in(trusted, client) {
            return Some(client);
        }
    }
    // Nobody but proxies of ours, such as a monitor of the operator's own, if anybody at all.
    headers.contains_key(X_FORWARDED_FOR).then_some(client)
}

/// An address, or one with a port as some proxies write it.
fn address(entry: &str) -> Option<IpAddr> {
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
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap());
        let proxy = [127, 0, 0, 1].into();
        client(&headers, proxy, &trusted).map(|ip| ip.to_string())
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
