//! Several replicas of one service.

use std::{collections::BTreeSet, net::SocketAddr};

use futures::future::join_all;
use lectern_services::{Nginx, Port, Service as _};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::parts::{Parts, Stands};
use crate::{client::ADMIN, server::Server};

/// How many lines of a replica's log are shown when a test failed.
const LAST_LINES: usize = 30;

/// What a service is made of. The settings go to every replica.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    pub(crate) replicas: usize,
    pub(crate) front: Front,
    pub(crate) stands: Stands,
    pub(crate) settings: Vec<(&'a str, &'a str)>,
}

/// Settings with which recordings are transcribed at once, to no sense, by the replicas themselves, and go on soon when one
/// of those dies.
pub(crate) const TRANSCRIBING: [(&str, &str); 3] = [
    ("LECTERN_RECOGNIZER", "command"),
    ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}"),
    ("LECTERN_LEASE_SECONDS", "2"),
];

/// How clients come to the replicas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Front {
    /// They know each of them.
    #[default]
    None,
    /// By a load balancer, which gives requests to them in turn.
    Nginx,
}

/// A running service with the administrator `root`. Everything of it is gone when it is dropped.
pub(crate) struct Cluster {
    nginx: Option<Nginx>,
    pub(crate) replicas: Vec<Server>,
    pub(crate) parts: Parts,
    _doors: Vec<Port>,
    _secrets: TempDir,
}

impl Cluster {
    /// Starts the servers, and then all replicas at once. Requests are not limited unless the settings say so.
    pub(crate) async fn start(plan: Plan<'_>) -> Self {
        let parts = Parts::stand(plan.stands).await;
        let secrets = TempDir::new().unwrap();
        // Their own, as a replica comes back where the load balancer looks for it.
        let doors: Vec<_> = (0..plan.replicas).map(|_| Port::free().unwrap()).collect();
        let replicas = doors.iter().map(|door| {
            let mut settings = parts.settings();
            settings.extend(
                [
                    ("LECTERN_LISTEN", door.address().to_string().as_str()),
                    ("LECTERN_SECRETS_DIR", secrets.path().to_str().unwrap()),
                    ("LECTERN_RATE_LIMITS", "off"),
                    ("LECTERN_TRUSTED_PROXIES", "127.0.0.1/32"),
                ]
                .into_iter()
                .chain(ADMIN)
                .chain(plan.settings.iter().copied())
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
            Server::replica(settings)
        });
        let replicas = join_all(replicas).await;
        let nginx = match plan.front {
            Front::None => None,
            Front::Nginx => {
                let upstreams: Vec<SocketAddr> = doors.iter().map(Port::address).collect();
                Some(spawn_blocking(move || Nginx::start(&upstreams)).await.unwrap().unwrap())
            }
        };
        Self { nginx, replicas, parts, _doors: doors, _secrets: secrets }
    }

    /// Where clients go, each of them an entrance to the same service.
    pub(crate) fn entrances(&self) -> Vec<String> {
        match &self.nginx {
            Some(nginx) => vec![nginx.url()],
            None => self.replicas.iter().map(|replica| replica.url("")).collect(),
        }
    }

    /// What all replicas said that was no mere note.
    pub(crate) fn warnings(&self) -> String {
        let of_one = |(number, replica): (usize, &Server)| {
            let log = replica.log();
            let is_warning = |line: &&str| line.contains("\"WARN\"") || line.contains("\"ERROR\"");
            let warnings: Vec<_> = log.lines().filter(is_warning).collect();
            let first = warnings.len().saturating_sub(LAST_LINES);
            // The same thing many times over says no more than once.
            let last: BTreeSet<_> = warnings.get(first..).unwrap_or_default().iter().copied().collect();
            let last: Vec<_> = last.into_iter().collect();
            format!("replica {number}:\n{}\n", last.join("\n"))
        };
        self.replicas.iter().enumerate().map(of_one).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "who reads why a test failed wants to know")]
            {
                eprintln!("{}", self.warnings());
            }
        }
    }
}
