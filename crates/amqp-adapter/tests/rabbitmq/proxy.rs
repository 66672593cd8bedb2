//! A wire between the announcer and the broker that a test can cut.

use std::sync::Arc;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::broker;

/// Passes everything on, until it is dropped or told not to.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    cuts: watch::Sender<u32>,
    connected: Arc<Notify>,
    _accepting: AbortOnDropHandle<()>,
}

/// A port at which nobody listens, for now.
pub(crate) async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// The broker's URL with another address.
pub(crate) fn url_at(port: u16) -> Url {
    let mut url = broker::url();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(port)).unwrap();
    url
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        Self::start_at(0).await
    }

    pub(crate) async fn start_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cuts, _) = watch::channel(0);
        let connected = Arc::new(Notify::new());
        let (heard, told) = (cuts.clone(), connected.clone());
        let accepting = tokio::spawn(async move {
            let url = broker::url();
            let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5672));
            // Those that were accepted end with the listener.
            let mut passing = tokio::task::JoinSet::new();
            loop {
                let (mut here, _) = listener.accept().await.unwrap();
                let mut there = TcpStream::connect(target.clone()).await.unwrap();
                let mut cut = heard.subscribe();
                told.notify_one();
                passing.spawn(async move {
                    tokio::select! {
                        _ = copy_bidirectional(&mut here, &mut there) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { port, cuts, connected, _accepting: AbortOnDropHandle::new(accepting) }
    }

    pub(crate) fn url(&self) -> Url {
        url_at(self.port)
    }

    /// Ends all connections. New ones are passed on.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Waits until somebody connects.
    pub(crate) async fn connected(&self) {
        self.connected.notified().await;
    }
}
