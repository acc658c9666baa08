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

/// File descriptors that are not connections: database, log, libraries' own.
const OTHER_FILES: u64 = 128;
/// Connections that the console's listener takes: operators are few.
pub const CONSOLE_PLACES: u32 = 64;

/// Bounds of one listener.
#[derive(Clone, Debug)]
pub struct Connections {
    /// At once.
    pub most: u32,
    /// At once from one address.
    pub most_per_address: u32,
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
    by_address: HashMap<IpAddr, u32>,
}

impl Gate {
    pub(super) fn new(bounds: Connections) -> Self {
        Self {
            bounds,
            taken: Arc::default(),
        }
    }

    fn enter(&self, ip: IpAddr) -> Option<Place> {
        let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&ip));
        if !self.bounds.only_from.is_empty() && !is_in(&self.bounds.only_from) {
            return None;
        }
        let is_shared = is_in(&self.bounds.shared);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = taken.by_address.get(&ip).copied().unwrap_or(0);
        let is_greedy = !is_shared && of_address >= self.bounds.most_per_address;
        if taken.all >= self.bounds.most || is_greedy {
            return None;
        }
        taken.all += 1;
        metrics::gauge!("waxseal_connections").increment(1.0);
        taken.by_address.insert(ip, of_address + 1);
        Some(Place {
            ip,
            taken: Arc::clone(&self.taken),
        })
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Connection;
    type Service = S;
    type Future = Ready<io::Result<(Connection, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = stream.peer_addr().and_then(|peer: SocketAddr| {
            let full = io::Error::other("no place for a further connection");
            self.enter(peer.ip().to_canonical()).ok_or(full)
        });
        if place.is_err() {
            metrics::counter!("waxseal_connections_refused_total").increment(1);
        }
        ready(place.and_then(|place| {
            stream.set_nodelay(true)?;
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(self.bounds.write_timeout));
            let connection = Connection {
                stream: Box::pin(stream),
                _place: place,
            };
            Ok((connection, service))
        }))
    }
}

/// A place that is free again when dropped.
struct Place {
    ip: IpAddr,
    taken: Arc<Mutex<Taken>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        metrics::gauge!("waxseal_connections").decrement(1.0);
        if let Some(count) = taken.by_address.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.ip);
            }
        }
    }
}

/// A connection in its place.
pub(super) struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    _place: Place,
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
            shared: vec!["10.0.0.0/8".parse().unwrap()],
            only_from: vec![],
            write_timeout: Duration::from_secs(1),
        });
        let [a, b, proxy] = [[192, 0, 2, 1], [192, 0, 2, 2], [10, 0, 0, 1]].map(IpAddr::from);
        let mut held = vec![gate.enter(a).unwrap(), gate.enter(a).unwrap()];
        assert!(gate.enter(a).is_none(), "one address has had its share");
        held.extend([gate.enter(proxy), gate.enter(proxy), gate.enter(proxy)].map(Option::unwrap));
        assert!(gate.enter(b).is_none(), "all places are taken");
        held.remove(0);
        held.push(gate.enter(b).unwrap());
        held.clear();
        let taken = gate.taken.lock().unwrap();
        assert!(taken.all == 0 && taken.by_address.is_empty());
    }

    #[test]
    fn where_networks_are_given_nobody_else_is_let_in() {
        let gate = Gate::new(Connections {
            most: 5,
            most_per_address: 5,
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
            assert_eq!(gate.enter(ip.parse().unwrap()).is_some(), is_let_in, "{ip}");
        }
    }
}
