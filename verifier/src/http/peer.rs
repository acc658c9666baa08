//! Where a request came from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, request::Parts},
};

use super::RequestId;

/// The client's address and the request's id, for the audit and the risk facts.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The connection's address; an IPv4 address in IPv6 clothing is taken out of it.
    pub ip: IpAddr,
    /// `req_…`
    pub request_id: String,
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let ip = address(&parts.extensions);
        let request_id = parts.extensions.get::<RequestId>();
        let request_id = request_id.map_or_else(String::new, |id| id.0.clone());
        Ok(Self { ip, request_id })
    }
}

/// Where a request comes from: an IPv4 address in IPv6 clothing is taken out of it.
pub(super) fn address(extensions: &Extensions) -> IpAddr {
    let address = extensions.get::<ConnectInfo<SocketAddr>>();
    address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| {
        info.0.ip().to_canonical()
    })
}
