//! How many connections a listener takes, and how long each may keep it waiting.
//!
//! Every connection holds a file descriptor, and a caller that does not read its answer holds its
//! buffers too. Each listener has places of its own, so that the public one, full, leaves the private
//! one alone.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum_server::accept::Accept;
use ipnet::IpNet;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_io_timeout::TimeoutStream;

use crate::limits::CallerKey;

/// File descriptors that are not connections: database, log, libraries' own.
const OTHER_FILES: u64 = 128;
/// Connections that the console's listener takes: operators are few.
pub const CONSOLE_PLACES: u32 = 64;

/// Bounds of one listener.
#[derive(Clone, Debug)]
pub struct Connections {
    /// At once.
    pub most: u32,
    /// At once from one address, IPv6 by its network of 64 bits.
    pub most_per_address: u32,
    /// Of these, how many may be in a TLS handshake: what it costs to begin one is a single packet.
    pub most_handshakes_per_address: u32,
    /// Addresses that many callers share.
    pub shared: Vec<IpNet>,
    /// Addresses that alone are let in; where there are none, all are.
    pub only_from: Vec<IpNet>,
    /// How long a caller may take nothing of its answer.
    pub write_timeout: Duration,
}

/// Raises the process's limit of open files as far as it goes; gives how many connections public
/// and private listener may then have each, `wanted` at most.
pub fn open_file_places(wanted: u32) -> u32 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised,
        Err(_) => limit,
    };
    let files = limit.current.unwrap_or(u64::MAX);
    u32::try_from(files.saturating_sub(OTHER_FILES + u64::from(CONSOLE_PLACES)) / 2)
        .map_or(wanted, |places| places.min(wanted))
}

/// Takes a connection if there is a place for it, and closes it at once if not.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    bounds: Connections,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: u32,
    by_address: HashMap<CallerKey, OfAddress>,
}

#[derive(Clone, Copy, Debug, Default)]
struct OfAddress {
    all: u32,
    in_handshake: u32,
}

impl Gate {
    pub(super) fn new(bounds: Connections) -> Self {
        Self {
            bounds,
            taken: Arc::default(),
        }
    }

    /// A place for a connection that begins with a TLS handshake.
    pub(super) fn accept_handshake<S>(
        &self,
        stream: TcpStream,
        service: S,
    ) -> io::Result<(Connection, S)> {
        self.admit(stream, service, true)
    }

    fn enter(&self, ip: IpAddr, in_handshake: bool) -> Option<Place> {
        let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&ip));
        if !self.bounds.only_from.is_empty() && !is_in(&self.bounds.only_from) {
            return None;
        }
        let is_shared = is_in(&self.bounds.shared);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let address = CallerKey::of_address(ip);
        let mut of_address = taken.by_address.get(&address).copied().unwrap_or_default();
        let has_share = of_address.all >= self.bounds.most_per_address
            || in_handshake && of_address.in_handshake >= self.bounds.most_handshakes_per_address;
        if taken.all >= self.bounds.most || has_share && !is_shared {
            return None;
        }
        taken.all += 1;
        metrics::gauge!("waxseal_connections").increment(1.0);
        of_address.all += 1;
        of_address.in_handshake += u32::from(in_handshake);
        taken.by_address.insert(address, of_address);
        Some(Place {
            address,
            in_handshake,
            taken: Arc::clone(&self.taken),
        })
    }

    fn admit<S>(
        &self,
        stream: TcpStream,
        service: S,
        in_handshake: bool,
    ) -> io::Result<(Connection, S)> {
        let peer: SocketAddr = stream.peer_addr()?;
        let Some(place) = self.enter(peer.ip().to_canonical(), in_handshake) else {
            metrics::counter!("waxseal_connections_refused_total").increment(1);
            return Err(io::Error::other("no place for a further connection"));
        };
        stream.set_nodelay(true)?;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.bounds.write_timeout));
        let connection = Connection {
            stream: Box::pin(stream),
            place,
        };
        Ok((connection, service))
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Connection;
    type Service = S;
    type Future = Ready<io::Result<(Connection, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream, service, false))
    }
}

/// A place that is free again when dropped.
struct Place {
    address: CallerKey,
    in_handshake: bool,
    taken: Arc<Mutex<Taken>>,
}

impl Place {
    fn end_handshake(&mut self) {
        if std::mem::take(&mut self.in_handshake) {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(of_address) = taken.by_address.get_mut(&self.address) {
                of_address.in_handshake -= 1;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        metrics::gauge!("waxseal_connections").decrement(1.0);
        if let Some(of_address) = taken.by_address.get_mut(&self.address) {
            of_address.all -= 1;
            of_address.in_handshake -= u32::from(self.in_handshake);
            if of_address.all == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// A connection in its place.
pub(super) struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    place: Place,
}

impl Connection {
    /// The handshake is done: it counts as one no longer.
    pub(super) fn end_handshake(&mut self) {
        self.place.end_handshake();
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> std::task::Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}

impl Connection {
    /// Waits for its first byte, and leaves it there.
    pub(super) async fn first_byte(&self) -> io::Result<u8> {
        let mut first = [0];
        match self.stream.get_ref().peek(&mut first).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(first[0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_by_address_and_in_all_and_freed() {
        let gate = Gate::new(Connections {
            most: 5,
            most_per_address: 2,
            most_handshakes_per_address: 2,
            shared: vec!["10.0.0.0/8".parse().unwrap()],
            only_from: vec![],
            write_timeout: Duration::from_secs(1),
        });
        let [a, b, proxy] = [[192, 0, 2, 1], [192, 0, 2, 2], [10, 0, 0, 1]].map(IpAddr::from);
        let mut held = vec![gate.enter(a, false).unwrap(), gate.enter(a, false).unwrap()];
        assert!(
            gate.enter(a, false).is_none(),
            "one address has had its share"
        );
        held.extend(
            [
                gate.enter(proxy, false),
                gate.enter(proxy, false),
                gate.enter(proxy, false),
            ]
            .map(Option::unwrap),
        );
        assert!(gate.enter(b, false).is_none(), "all places are taken");
        held.remove(0);
        held.push(gate.enter(b, false).unwrap());
        held.clear();
        let taken = gate.taken.lock().unwrap();
        assert!(taken.all == 0 && taken.by_address.is_empty());
    }

    #[test]
    fn a_network_of_64_bits_is_one_address() {
        let gate = Gate::new(Connections {
            most: 5,
            most_per_address: 2,
            most_handshakes_per_address: 2,
            shared: vec![],
            only_from: vec![],
            write_timeout: Duration::from_secs(1),
        });
        let enter = |ip: &str| gate.enter(ip.parse().unwrap(), false);
        let held = [enter("2001:db8:1:2::1"), enter("2001:db8:1:2::2")];
        assert!(held.iter().all(Option::is_some));
        assert!(enter("2001:db8:1:2:ffff::3").is_none());
        assert!(enter("2001:db8:1:3::1").is_some());
    }

    #[test]
    fn handshakes_have_a_smaller_share_until_they_are_done() {
        let gate = Gate::new(Connections {
            most: 9,
            most_per_address: 4,
            most_handshakes_per_address: 2,
            shared: vec![],
            only_from: vec![],
            write_timeout: Duration::from_secs(1),
        });
        let begin = || gate.enter([192, 0, 2, 1].into(), true);
        let mut held = vec![begin().unwrap(), begin().unwrap()];
        assert!(begin().is_none(), "two are in their handshake");
        held[0].end_handshake();
        held[0].end_handshake();
        held.push(begin().unwrap());
        assert!(begin().is_none());
        held[1].end_handshake();
        held.push(begin().unwrap());
        held[2].end_handshake();
        held[3].end_handshake();
        assert!(begin().is_none(), "the address has had its share");
        held.clear();
        assert!(gate.taken.lock().unwrap().by_address.is_empty());
    }

    #[test]
    fn where_networks_are_given_nobody_else_is_let_in() {
        let gate = Gate::new(Connections {
            most: 5,
            most_per_address: 5,
            most_handshakes_per_address: 5,
            shared: vec![],
            only_from: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
            write_timeout: Duration::from_secs(1),
        });
        for (ip, is_let_in) in [
            ("10.1.2.3", true),
            ("fd00::1", true),
            ("11.1.2.3", false),
            ("::1", false),
        ] {
            assert_eq!(
                gate.enter(ip.parse().unwrap(), false).is_some(),
                is_let_in,
                "{ip}"
            );
        }
    }
}
