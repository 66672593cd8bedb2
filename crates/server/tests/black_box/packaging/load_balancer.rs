//! `docker/nginx.conf`, in a real nginx.

use std::{net::SocketAddr, path::Path, time::Duration};

use lectern_services::{Nginx, Port, Service as _};
use tokio::time::timeout;

use super::text;
use crate::{client::Account, server::Server, sound};

/// An nginx by that file, before these in place of the replicas.
fn start(replicas: [SocketAddr; 2]) -> Nginx {
    let [one, other] = replicas.map(|replica| replica.to_string());
    let written = text("docker/nginx.conf");
    let start = |folder: &Path, address: SocketAddr| {
        let here = written
            .replace("/tmp/", &format!("{}/", folder.display()))
            .replace("lectern-1:8080", &one)
            .replace("lectern-2:8080", &other)
            .replace("listen 8080;", &format!("listen {address};"));
        // In the image it is nobody from the start, and the image's command keeps it in the foreground.
        format!("user root;\ndaemon off;\n{here}")
    };
    Nginx::start_by(start).unwrap()
}

fn address(server: &Server) -> SocketAddr {
    server.url("").trim_start_matches("http://").parse().unwrap()
}

#[tokio::test]
async fn it_passes_requests_on_to_whichever_replica_there_is() {
    let server = Server::start(&[]).await;
    let nobody = Port::free().unwrap();
    let nginx = start([nobody.address(), address(&server)]);
    for _ in 0..4 {
        let answer = server.client.get(format!("{}/healthz", nginx.url())).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test]
async fn it_shows_events_as_they_come() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let nginx = start([address(&server); 2]);
    // Nothing recognises it, so nothing ends the answer.
    let watch = server.client.get(format!("{}{path}/events", nginx.url())).bearer_auth(ada.access_token());
    let mut events = watch.send().await.unwrap();
    let first = timeout(Duration::from_mins(1), events.chunk()).await.unwrap();
    assert!(first.unwrap().is_some_and(|event| !event.is_empty()));
}
