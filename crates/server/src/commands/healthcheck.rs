//! `lectern healthcheck`: whether this machine's server answers, for containers, which have no other program to ask it
//! with. Prints nothing if it does.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::block_on;
use crate::{cli::HealthcheckArguments, config::Settings, failure::Failure};

/// The most that an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(arguments: &HealthcheckArguments, settings: &Settings) -> Result<(), Failure> {
    let server = match &arguments.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => own(settings.scheme(), settings.listen)?,
    };
    block_on(ask(format!("{server}/healthz")))
}

/// Where the server is reached from this machine.
fn own(scheme: &str, listen: SocketAddr) -> Result<String, Failure> {
    if listen.port() == 0 {
        return Err(Failure::usage("the server listens on whatever port is free").fix("Name it by --url."));
    }
    let mut address = listen;
    if listen.ip().is_unspecified() {
        address.set_ip(match listen.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    Ok(format!("{scheme}://{address}"))
}

async fn ask(address: String) -> Result<(), Failure> {
    // Nothing is told and nothing is believed here but that a server answers, so whose certificate it shows is all the same;
    // and the machine may know no authority that could tell.
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_danger_accept_invalid_certs(true)
        .build();
    let unhealthy = || Failure::operation(format!("{address} does not answer as a healthy server does"));
    let client = client.map_err(|error| Failure::operation("can't ask").because(error))?;
    let answer = client.get(&address).send().await.map_err(|error| unhealthy().because(error))?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(unhealthy().because(format!("it says {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_this_machines_own() {
        for (listen, expected) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:8080", "http://[::1]:8080"),
            ("192.0.2.1:80", "http://192.0.2.1:80"),
        ] {
            assert_eq!(own("http", listen.parse().unwrap()).unwrap(), expected);
        }
        let encrypted = own("https", "[::]:443".parse().unwrap()).unwrap();
        assert_eq!(encrypted, "https://[::1]:443");
        assert!(own("http", "127.0.0.1:0".parse().unwrap()).unwrap_err().to_string().contains("--url"));
    }
}
