//! From a TCP connection to one of AMQP.
//!
//! lapin reads and writes in a thread of its own, which waits for the broker's first words for ever, even if nobody waits
//! for the connection any more. So whoever gives up here cuts the wire: against a broker that accepts connections and
//! says nothing, threads and sockets would pile up with every try.

use std::{
    io, mem,
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties,
    runtime::default_runtime,
    tcp::TLSConfig,
    uri::{AMQPScheme, AMQPUri},
};
use lectern_application::ports::AnnouncerError;
use tokio::{net::lookup_host, time::timeout};

use crate::{AmqpSettings, failure::failed};

/// How long it may take until there is a TCP connection.
const TCP_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects and signs in.
pub(crate) async fn connect(settings: &AmqpSettings) -> Result<Connection, AnnouncerError> {
    let runtime = default_runtime().map_err(failed)?;
    let properties = ConnectionProperties::default().with_connection_name("lectern".into());
    let wire = Wire::default();
    let kept = wire.clone();
    let connecting = Connection::connector(
        settings.uri(),
        runtime,
        async move |uri: AMQPUri, runtime| {
            let AMQPUri { scheme, authority, .. } = uri;
            let address = (authority.host.as_str(), authority.port);
            let dialling = async {
                let addresses: Vec<_> = lookup_host(address).await?.collect();
                AsyncTcpStream::connect(&runtime, addresses).await
            };
            let stream = timeout(TCP_TIMEOUT, dialling).await.map_err(io::Error::from)??;
            if let AsyncTcpStream::Plain(plain) = &stream {
                kept.keep(plain.get_ref())?;
            }
            match scheme {
                AMQPScheme::AMQP => Ok(stream),
                AMQPScheme::AMQPS => Ok(stream.into_tls(&authority.host, TLSConfig::default()).await?),
            }
        },
        properties,
    );
    let cut = CutOnDrop(wire);
    let connection = connecting.await.map_err(failed)?;
    cut.spare();
    Ok(connection)
}

/// A second hold on the socket, from when there is one until it is decided what becomes of it.
#[derive(Debug, Clone, Default)]
struct Wire(Arc<Mutex<Hold>>);

#[derive(Debug, Default)]
enum Hold {
    #[default]
    NotYet,
    Held(TcpStream),
    /// Nobody waits for the connection any more.
    GivenUp,
}

impl Wire {
    /// Errs if nobody waits for the connection any more.
    fn keep(&self, socket: &impl AsFd) -> io::Result<()> {
        let mut hold = self.hold();
        if matches!(*hold, Hold::GivenUp) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        *hold = Hold::Held(socket.as_fd().try_clone_to_owned()?.into());
        Ok(())
    }

    fn hold(&self) -> MutexGuard<'_, Hold> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the connection unless it is spared.
struct CutOnDrop(Wire);

impl CutOnDrop {
    fn spare(self) {
        *self.0.hold() = Hold::NotYet;
    }
}

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        if let Hold::Held(socket) = mem::replace(&mut *self.0.hold(), Hold::GivenUp) {
            // It may have ended by itself.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
