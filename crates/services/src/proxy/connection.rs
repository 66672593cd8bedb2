//! One connection through the proxy: a thread that reads and one that writes, for each direction.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::AtomicBool,
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Direction, Faults, Link, pattern};
use crate::waiting;

/// How long the server may take to accept.
const CONNECT: Duration = Duration::from_secs(10);
/// The most bytes of a piece.
const PIECE: usize = 16 * 1024;
/// The most pieces that are held back in a direction; after that, nothing is read until one has gone on.
const PIECES: usize = 256;

/// What is to be done when its time has come.
struct Due {
    at: Instant,
    what: What,
}

enum What {
    Pass(Vec<u8>),
    /// The last bytes. Then the connection is cut, and that is told.
    PassAndCut(Vec<u8>, Sender<()>),
    /// There is nothing more from that side.
    End,
}

/// Passes bytes on until both sides have ended, or the connection is cut.
pub(super) fn open(client: TcpStream, target: SocketAddr, faults: &Arc<Faults>) {
    // A client of a server that isn't there is left at once, by dropping its connection.
    let Ok(server) = TcpStream::connect_timeout(&target, CONNECT) else { return };
    // Small pieces are to go on as they came.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let link = Arc::new(Link { client, server, is_sealed: AtomicBool::new(false) });
    let Some(number) = faults.admit(&link) else {
        link.cut();
        return;
    };
    let directions = [Direction::ToServer, Direction::ToClient].map(|direction| {
        let (sender, pieces) = mpsc::sync_channel(PIECES);
        let reader = {
            let (link, faults) = (Arc::clone(&link), Arc::clone(faults));
            thread::spawn(move || read(direction, &link, &faults, &sender))
        };
        let writer = {
            let link = Arc::clone(&link);
            thread::spawn(move || write(direction, &link, &pieces))
        };
        [reader, writer]
    });
    for thread in directions.into_iter().flatten() {
        let _ = thread.join();
    }
    faults.forget(number);
}

/// Reads one side until its end, or until a trap is sprung.
fn read(direction: Direction, link: &Link, faults: &Faults, pieces: &SyncSender<Due>) {
    let mut from = match direction {
        Direction::ToServer => &link.client,
        Direction::ToClient => &link.server,
    };
    let mut before = Vec::new();
    let mut bytes = vec![0; PIECE];
    loop {
        let piece = match from.read(&mut bytes) {
            Ok(count) if count > 0 => bytes.get(..count).unwrap_or_default(),
            _ => &[],
        };
        let at = Instant::now() + faults.delay();
        let what = if piece.is_empty() {
            What::End
        } else if let Some((happened, passing)) = faults.sprung(direction, &before, piece) {
            // Before these bytes arrive: what the other side says to them must not pass.
            link.seal();
            What::PassAndCut(piece.get(..passing).unwrap_or_default().to_vec(), happened)
        } else {
            pattern::remember(&mut before, piece);
            What::Pass(piece.to_vec())
        };
        let is_last = !matches!(what, What::Pass(_));
        if pieces.send(Due { at, what }).is_err() || is_last {
            return;
        }
    }
}

/// Writes to the other side what is due.
fn write(direction: Direction, link: &Link, pieces: &Receiver<Due>) {
    let mut to = match direction {
        Direction::ToServer => &link.server,
        Direction::ToClient => &link.client,
    };
    for Due { at, what } in pieces {
        let early = at.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            waiting::pause(early);
        }
        match what {
            What::Pass(_) if link.is_sealed() => {}
            What::Pass(piece) => {
                if to.write_all(&piece).is_err() {
                    link.cut();
                    return;
                }
            }
            What::PassAndCut(piece, happened) => {
                let _ = to.write_all(&piece);
                link.cut();
                // Nobody may be waiting for it.
                let _ = happened.send(());
                return;
            }
            What::End => {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
        }
    }
}
