//! Connections: how many there are, and how long each may keep the server waiting.
//!
//! actix-web ends a connection whose *first* head doesn't come, and one that is idle between requests. What it leaves
//! open is ended here: a body that doesn't come ([`arriving`]), an answer that nobody takes (the kernel counts that, see
//! [`Connections::open`]), half a head after a request that was answered, and whatever else keeps a connection without a
//! request at hand ([`Connections::end_idle`]).
//!
//! | module | what is there |
//! |---|---|
//! | `limits` | the numbers |
//! | `arriving` | bodies as they come, and for how long they are waited for |
//! | `attend` | what each request has to do with its connection |
//!
//! **Invariant:** nobody waits for a client without an end, whatever it sends or doesn't take.
//! **Invariant:** one network never has all connections.

mod arriving;
mod attend;
mod limits;

use std::{
    any::Any,
    collections::{HashMap, hash_map::Entry},
    io,
    net::TcpListener,
    os::fd::{AsFd as _, OwnedFd},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{dev::Extensions, rt::net::TcpStream};
use lectern_domain::throttling::Network;
use rustix::net::{Shutdown, listen, shutdown, sockopt};
use tokio::time::{MissedTickBehavior, interval};

pub(crate) use attend::{attend, turn_away};
pub use limits::ConnectionLimits;

use crate::extract::TrustedProxies;

/// How often it is looked for connections that do nothing.
const ROUND: Duration = Duration::from_secs(1);

/// How many connections may wait to be taken, if the kernel allows as many (`net.core.somaxconn`). The standard library asks
/// for 128, which a burst of clients fills; who finds no room tries again only after a second.
const QUEUE: i32 = 4096;

/// Has more connections wait to be taken.
pub(crate) fn widen_queue(listener: &TcpListener) -> io::Result<()> {
    Ok(listen(listener, QUEUE)?)
}

/// All connections of a server.
pub(crate) struct Connections {
    limits: ConnectionLimits,
    /// Many clients come through each of these, so they may have any number.
    proxies: TrustedProxies,
    began: Instant,
    of_networks: Mutex<HashMap<Network, usize>>,
    kept: Mutex<Vec<Weak<Connection>>>,
    kept_count: AtomicUsize,
}

/// A connection, from when it was taken to its end.
pub(crate) struct Connection {
    home: Arc<Connections>,
    standing: Standing,
    /// A second handle of its socket, to end it by. Without one it is not kept open between requests.
    handle: Option<OwnedFd>,
    /// Requests that were begun and not wholly answered.
    at_hand: AtomicUsize,
    /// Since when there is none, in milliseconds since the server began.
    idle_since: AtomicU64,
}

/// How a connection counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// As one of its network.
    Of(Network),
    /// As one of a proxy: not at all.
    Uncounted,
    /// Its network has too many. Its first request is told so.
    Refused,
}

/// A request on a connection, until all of its answer was written.
pub(crate) struct AtHand(Arc<Connection>);

impl Connections {
    pub(crate) fn new(limits: ConnectionLimits, proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(Self {
            limits,
            proxies,
            began: Instant::now(),
            of_networks: Mutex::default(),
            kept: Mutex::default(),
            kept_count: AtomicUsize::new(0),
        })
    }

    /// Takes a connection in: bounds how long its peer may leave an answer lying, counts it, and remembers it.
    ///
    /// `TCP_USER_TIMEOUT` (RFC 5482) is for the answers: the kernel ends a connection if what was sent is not acknowledged,
    /// or what is to be sent finds no room at the peer, for that long. It counts the peer's progress, which nobody else can.
    pub(crate) fn open(self: &Arc<Self>, io: &dyn Any, data: &mut Extensions) {
        let Some(socket) = socket_of(io) else { return };
        let patience = u32::try_from(self.limits.silence.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = sockopt::set_tcp_user_timeout(socket, patience) {
            tracing::debug!(%error, "a connection has no bound on how long its answers may lie");
        }
        let peer = socket.peer_addr().ok().map(|peer| peer.ip());
        let standing = if peer.is_some_and(|peer| self.proxies.contains(peer)) {
            Standing::Uncounted
        } else {
            self.count(Network::of(peer))
        };
        if standing == Standing::Refused {
            // A request that is here already is told why; nothing else is waited for.
            let _ = shutdown(socket, Shutdown::Read);
        }
        data.insert(self.remember(standing, || socket.as_fd().try_clone_to_owned().ok()));
    }

    fn count(&self, network: Network) -> Standing {
        let mut networks = lock(&self.of_networks);
        let count = networks.entry(network).or_insert(0);
        if *count >= self.limits.most_of_a_network {
            return Standing::Refused;
        }
        *count += 1;
        Standing::Of(network)
    }

    fn forget(&self, network: Network) {
        if let Entry::Occupied(mut count) = lock(&self.of_networks).entry(network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    fn remember(
        self: &Arc<Self>,
        standing: Standing,
        handle: impl FnOnce() -> Option<OwnedFd>,
    ) -> Arc<Connection> {
        let has_room = self.kept_count.fetch_add(1, Ordering::Relaxed) < self.limits.most_kept;
        let handle = if has_room && standing != Standing::Refused { handle() } else { None };
        if handle.is_none() {
            self.kept_count.fetch_sub(1, Ordering::Relaxed);
        }
        let connection = Arc::new(Connection {
            home: self.clone(),
            standing,
            handle,
            at_hand: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.now()),
        });
        if connection.is_kept() {
            lock(&self.kept).push(Arc::downgrade(&connection));
        }
        connection
    }

    /// Milliseconds since the server began.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Ends connections without a request that have waited longer than the time between requests and that for a head
    /// together. Never returns.
    pub(crate) async fn end_idle(&self) {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.look_round(self.now());
        }
    }

    fn look_round(&self, now: u64) {
        let most = u64::try_from((self.limits.keep_alive + self.limits.head).as_millis()).unwrap_or(u64::MAX);
        lock(&self.kept).retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            if connection.is_idle()
                && now.saturating_sub(connection.idle_since.load(Ordering::Relaxed)) > most
            {
                connection.end();
                return false;
            }
            true
        });
    }
}

/// The socket beneath whatever protocol.
fn socket_of(io: &dyn Any) -> Option<&TcpStream> {
    io.downcast_ref::<TcpStream>()
        .or_else(|| io.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0))
}

/// What is guarded is whole at any moment, so that a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    /// Whether its network has too many.
    pub(crate) fn is_refused(&self) -> bool {
        self.standing == Standing::Refused
    }

    /// Whether it may stay open when a request was answered.
    pub(crate) fn is_kept(&self) -> bool {
        self.handle.is_some()
    }

    fn is_idle(&self) -> bool {
        self.at_hand.load(Ordering::Relaxed) == 0
    }

    fn end(&self) {
        if let Some(handle) = &self.handle {
            tracing::debug!("a connection without a request is ended");
            // It may have ended by itself.
            let _ = shutdown(handle, Shutdown::Both);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Standing::Of(network) = self.standing {
            self.home.forget(network);
        }
        if self.is_kept() {
            self.home.kept_count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl AtHand {
    pub(crate) fn begin(connection: Arc<Connection>) -> Self {
        connection.at_hand.fetch_add(1, Ordering::Relaxed);
        Self(connection)
    }
}

impl Drop for AtHand {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.home.now(), Ordering::Relaxed);
        self.0.at_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt as _, net::TcpListener};

    use super::{
        Arc, AtHand, Connection, ConnectionLimits, Connections, Extensions, TcpStream, TrustedProxies,
    };

    fn connections(limits: ConnectionLimits, proxies: &str) -> Arc<Connections> {
        let proxies = if proxies.is_empty() { TrustedProxies::default() } else { proxies.parse().unwrap() };
        Connections::new(limits, proxies)
    }

    /// A connection of this machine with itself: how the server sees it, and how the client does.
    async fn pair(of: &Arc<Connections>) -> (TcpStream, TcpStream, Arc<Connection>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let mut data = Extensions::new();
        of.open(&server, &mut data);
        let connection = data.remove::<Arc<Connection>>().unwrap();
        (server, client, connection)
    }

    #[tokio::test]
    async fn a_network_has_so_many_connections_until_one_of_them_ends() {
        let limits = ConnectionLimits { most_of_a_network: 2, ..ConnectionLimits::default() };
        let all = connections(limits, "");
        let [first, second, third] = [pair(&all).await, pair(&all).await, pair(&all).await];
        assert_eq!([&first, &second, &third].map(|pair| pair.2.is_refused()), [false, false, true]);
        drop(third);
        assert!(pair(&all).await.2.is_refused(), "one that was refused never counted");
        drop(first);
        assert!(!pair(&all).await.2.is_refused());
    }

    #[tokio::test]
    async fn a_trusted_proxy_has_as_many_as_it_wants() {
        let limits = ConnectionLimits { most_of_a_network: 1, ..ConnectionLimits::default() };
        let all = connections(limits, "127.0.0.0/8");
        let (first, second) = (pair(&all).await, pair(&all).await);
        assert!(!first.2.is_refused() && !second.2.is_refused());
    }

    #[tokio::test]
    async fn what_is_idle_for_too_long_is_ended_and_what_is_at_hand_is_not() {
        let all = connections(ConnectionLimits::default(), "");
        let (_idle_server, mut idle, _connection) = pair(&all).await;
        let (_busy_server, busy, connection) = pair(&all).await;
        let at_hand = AtHand::begin(connection.clone());
        let later = all.now() + 40_001;
        all.look_round(later);
        assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
        let nothing = busy.try_read(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
        drop(at_hand);
        all.look_round(all.now() + 39_000);
        assert!(busy.try_read(&mut [0]).is_err(), "its time begins with the end of its request");
    }

    #[tokio::test]
    async fn what_could_not_be_ended_is_not_kept() {
        let limits = ConnectionLimits { most_kept: 1, ..ConnectionLimits::default() };
        let all = connections(limits, "");
        let (first, second) = (pair(&all).await, pair(&all).await);
        assert!(first.2.is_kept() && !second.2.is_kept());
        drop((first, second));
        assert!(pair(&all).await.2.is_kept());
    }
}
