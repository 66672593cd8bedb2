//! A proxy between clients and a server that is slow, or breaks connections, when it is told to.

mod connection;
mod pattern;

use std::{
    collections::HashMap,
    fmt,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{Error, Port, Result};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// Whether the bytes that a connection is cut at arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// They don't.
    Before,
    /// They do, and nothing that comes after them, in either direction.
    After,
}

/// A TCP proxy on a port of its own. At first it passes on everything at once. Dropped, it cuts all connections.
pub struct Proxy {
    port: Port,
    target: SocketAddr,
    faults: Arc<Faults>,
    acceptor: Mutex<Option<Acceptor>>,
}

/// A cut that is still to come.
#[derive(Debug)]
pub struct PendingCut {
    happened: Receiver<()>,
}

impl PendingCut {
    /// Waits for it, and answers whether it came.
    pub fn came_within(&self, patience: Duration) -> bool {
        self.happened.recv_timeout(patience).is_ok()
    }
}

/// Who takes connections, and the socket by which to stop that.
struct Acceptor {
    listener: TcpListener,
    thread: JoinHandle<()>,
}

/// What connections have to suffer.
#[derive(Default)]
struct Faults {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_cut: bool,
    delay: Duration,
    traps: Vec<Trap>,
    connections: HashMap<u64, Arc<Link>>,
    /// The number of the next connection.
    next: u64,
}

/// Cuts the connection in which the pattern passes.
struct Trap {
    direction: Direction,
    pattern: Vec<u8>,
    moment: Moment,
    happened: Sender<()>,
}

/// Both ends of a connection.
struct Link {
    client: TcpStream,
    server: TcpStream,
    /// Nothing passes any more.
    is_sealed: AtomicBool,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Proxy({} -> {})", self.port.address(), self.target)
    }
}

impl Proxy {
    /// Starts one to the server at that address.
    pub fn to(target: SocketAddr) -> Result<Self> {
        let port = Port::free()?;
        let faults = Arc::new(Faults::default());
        let proxy = Self { port, target, faults, acceptor: Mutex::new(None) };
        proxy.restore()?;
        Ok(proxy)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// A URL of the server, by way of this proxy.
    pub fn in_url(&self, url: &str) -> String {
        url.replace(&self.target.to_string(), &self.address().to_string())
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.faults.state().connections.len()
    }

    /// Holds back all bytes that come from now on for so long, in each direction. They stay as close to each other as
    /// they came, so it's the line that gets longer, and not narrower.
    pub fn delay(&self, each_way: Duration) {
        self.faults.state().delay = each_way;
    }

    /// Cuts all connections and refuses new ones, until [`Proxy::restore`].
    pub fn cut(&self) {
        self.faults.state().is_cut = true;
        let acceptor = self.acceptor().take();
        if let Some(Acceptor { listener, thread }) = acceptor {
            // It wakes up who waits there for connections.
            let _ = rustix::net::shutdown(&listener, rustix::net::Shutdown::Both);
            let _ = thread.join();
        }
        let connections: Vec<_> = self.faults.state().connections.drain().collect();
        for (_, link) in connections {
            link.cut();
        }
    }

    /// Cuts the next connection in which the bytes of `pattern` pass in that direction; all others go on. The pattern has
    /// 1 to 1,024 bytes. It is found even if it comes in several pieces; then the earlier ones arrive in any case.
    pub fn cut_at(&self, direction: Direction, pattern: &[u8], moment: Moment) -> PendingCut {
        let (sender, happened) = mpsc::channel();
        let trap = Trap { direction, pattern: pattern.to_vec(), moment, happened: sender };
        self.faults.state().traps.push(trap);
        PendingCut { happened }
    }

    /// Ends all faults: it listens, passes on everything at once, and waits for no pattern.
    pub fn restore(&self) -> Result {
        {
            let mut state = self.faults.state();
            state.is_cut = false;
            state.delay = Duration::ZERO;
            state.traps.clear();
        }
        let mut acceptor = self.acceptor();
        if acceptor.is_some() {
            return Ok(());
        }
        let failed = |error| Error::cannot(format!("listen on {}", self.address()), error);
        let listener = TcpListener::bind(self.address()).map_err(failed)?;
        let incoming = listener.try_clone().map_err(failed)?;
        let (faults, target) = (Arc::clone(&self.faults), self.target);
        let thread = thread::spawn(move || {
            while let Ok((client, _)) = incoming.accept() {
                let faults = Arc::clone(&faults);
                thread::spawn(move || connection::open(client, target, &faults));
            }
        });
        *acceptor = Some(Acceptor { listener, thread });
        Ok(())
    }

    fn acceptor(&self) -> MutexGuard<'_, Option<Acceptor>> {
        self.acceptor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Faults {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delay(&self) -> Duration {
        self.state().delay
    }

    /// Notes a connection, if there may be any.
    fn admit(&self, link: &Arc<Link>) -> Option<u64> {
        let mut state = self.state();
        if state.is_cut {
            return None;
        }
        let number = state.next;
        state.next += 1;
        state.connections.insert(number, Arc::clone(link));
        Some(number)
    }

    fn forget(&self, number: u64) {
        self.state().connections.remove(&number);
    }

    /// The trap that a piece springs, and how many of the piece's bytes pass before the cut.
    fn sprung(&self, direction: Direction, before: &[u8], piece: &[u8]) -> Option<(Sender<()>, usize)> {
        let mut state = self.state();
        let (index, passing) = state.traps.iter().enumerate().find_map(|(index, trap)| {
            let found = (trap.direction == direction)
                .then(|| pattern::find(&trap.pattern, before, piece))
                .flatten()?;
            Some((index, if trap.moment == Moment::Before { found.start } else { found.end }))
        })?;
        Some((state.traps.remove(index).happened, passing))
    }
}

impl Link {
    /// From here on nothing passes but what its caller still writes.
    fn seal(&self) {
        self.is_sealed.store(true, Ordering::SeqCst);
    }

    fn is_sealed(&self) -> bool {
        self.is_sealed.load(Ordering::SeqCst)
    }

    fn cut(&self) {
        self.seal();
        // Whoever is gone already can't be cut off.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}
