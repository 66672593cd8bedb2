//! `cargo xtask up --profile scaled`: several servers behind a load balancer, and what they share.
//!
//! Each has a folder of its own for what it stages, and all have the same keys and secrets. All ports are private, and
//! everything is in temporary folders that are gone at the end.

use std::{
    env,
    ffi::OsString,
    fs,
    net::SocketAddr,
    num::NonZeroU8,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use console::style;
use lectern_services::{Nginx, Port, PostgreSql, RabbitMq, Redis, S3, Service};

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program},
    server::{Inbox, News, Server, last_words},
    services::{self, Kind, Servers},
    tools::{self, NGINX},
};

/// Where recordings are, in the bucket.
const PREFIX: &str = "up";

/// The folder of all servers, and what they share.
struct Place {
    folder: tempfile::TempDir,
    shared: Vec<(&'static str, OsString)>,
}

/// Starts everything and stops it at Ctrl-C.
pub(super) fn run(replicas: NonZeroU8, profile: Profile) -> Outcome {
    super::provide_recognizer()?;
    tools::provide(&[NGINX])?;
    let built = services::provide(&Kind::ALL)?;
    let lectern = build_lectern(profile)?;
    let inbox = Inbox::catching_ctrl_c()?;
    let servers = Servers::start(&Kind::ALL, &built)?;
    let ports = (0..replicas.get()).map(|_| Port::free()).collect::<Result<Vec<_>, _>>()?;
    let addresses: Vec<_> = ports.iter().map(Port::address).collect();
    // It comes first, because the servers tell its URL; who asks it before they are there gets a 502.
    let nginx = Nginx::start(&addresses)?;
    let place = Place {
        folder: tempfile::Builder::new().prefix("lectern-up-").tempdir()?,
        shared: shared(&servers, &nginx.url())?,
    };
    // One after the other: the first makes keys and secrets, and brings the database up to date.
    let mut running = Vec::new();
    for (number, address) in (1..).zip(&addresses) {
        running.push(place.start(number, &lectern, *address, &inbox)?);
    }
    tell(&servers, &nginx, &running, &place);
    let news = inbox.wait(None);
    let stopped = stop(running);
    match news {
        News::ServerEnded => Err(place.explained("one of the servers ended")),
        News::Interrupted | News::Finished | News::Nothing => stopped,
    }
}

impl Place {
    fn log(&self, number: u8) -> PathBuf {
        self.folder.path().join(format!("lectern-{number}.log"))
    }

    fn start(&self, number: u8, lectern: &Path, address: SocketAddr, inbox: &Inbox) -> Outcome<Server> {
        let mut command = self.command(number, lectern, address);
        command.stderr(fs::File::create(self.log(number))?);
        Server::start(command, Inbox::of_one_among(inbox)).map_err(|error| self.explained(&error.to_string()))
    }

    fn command(&self, number: u8, lectern: &Path, address: SocketAddr) -> Command {
        // The kernel ends it with us, that is with our first thread, on which it is started.
        let mut command = program("setpriv");
        without_tests_variables(&mut command)
            .args(["--pdeathsig", "TERM", "--"])
            .arg(lectern)
            .arg("serve")
            .envs(self.shared.iter().map(|(name, value)| (name, value)))
            .env("LECTERN_LISTEN", address.to_string())
            .env("LECTERN_DATA_DIR", self.folder.path().join(format!("lectern-{number}")))
            .env("LECTERN_SECRETS_DIR", self.folder.path().join("secrets"));
        command
    }

    /// An error, with the end of every server's log below it.
    fn explained(&self, error: &str) -> Box<dyn std::error::Error + Send + Sync> {
        let logs = (1..=u8::MAX).map(|number| self.log(number)).take_while(|log| log.exists());
        let words: Vec<_> = logs.map(|log| last_words(&log)).collect();
        format!("{error}\n\nThe servers' last words:\n{}", words.join("\n\n")).into()
    }
}

/// Takes away what tells tests where servers are. A server refuses what is no setting of its own.
fn without_tests_variables(command: &mut Command) -> &mut Command {
    let names = env::vars_os().map(|(name, _)| name);
    for name in names
        .filter(|name| name.to_string_lossy().starts_with("LECTERN_TEST_") || name == S3::PROGRAM_VARIABLE)
    {
        command.env_remove(name);
    }
    command
}

/// The settings that all servers have in common.
fn shared(servers: &Servers, public_url: &str) -> Outcome<Vec<(&'static str, OsString)>> {
    let missing = "a server that was to be started is missing";
    let postgres = servers.postgres.as_ref().map(PostgreSql::url).ok_or(missing)?;
    let redis = servers.redis.as_ref().map(Redis::url).ok_or(missing)?;
    let rabbit = servers.rabbit.as_ref().map(RabbitMq::url).ok_or(missing)?;
    let s3 = servers.s3.as_ref().map(S3::url).ok_or(missing)?;
    Ok(vec![
        ("LECTERN_DATABASE_URL", postgres.into()),
        ("LECTERN_REDIS_URL", redis.into()),
        ("LECTERN_AMQP_URL", rabbit.into()),
        ("LECTERN_AUDIO_URL", format!("s3://{}/{PREFIX}", S3::BUCKET).into()),
        ("AWS_ENDPOINT", s3.into()),
        ("AWS_ALLOW_HTTP", "true".into()),
        ("AWS_REGION", "us-east-1".into()),
        ("AWS_ACCESS_KEY_ID", S3::KEY_ID.into()),
        ("AWS_SECRET_ACCESS_KEY", S3::SECRET.into()),
        ("LECTERN_TRUSTED_PROXIES", "127.0.0.1/32".into()),
        ("LECTERN_PUBLIC_URL", public_url.into()),
    ])
}

fn tell(servers: &Servers, nginx: &Nginx, running: &[Server], place: &Place) {
    println!("Lectern is at {}; Ctrl-C stops and removes everything", style(nginx.url()).cyan().bold());
    for server in running {
        println!("  a replica is at {}", server.url());
    }
    for (name, value) in servers.environment() {
        println!("  {name}={}", value.to_string_lossy());
    }
    println!("  logs and secrets are in {}", place.folder.path().display());
}

/// Ends all servers gracefully, at once.
fn stop(running: Vec<Server>) -> Outcome {
    thread::scope(|scope| {
        let stopping: Vec<_> = running.into_iter().map(|server| scope.spawn(|| server.stop())).collect();
        stopping.into_iter().try_for_each(|stopped| stopped.join().map_err(|_| "stopping a server failed")?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let shared = vec![("LECTERN_PUBLIC_URL", "http://127.0.0.1:1".into())];
        Place { folder: tempfile::tempdir().unwrap(), shared }
    }

    /// What a server's environment says.
    fn setting(command: &Command, name: &str) -> Option<OsString> {
        command.get_envs().find(|(other, _)| *other == name)?.1.map(OsString::from)
    }

    #[test]
    fn each_server_has_a_folder_and_an_address_of_its_own() {
        let place = place();
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let [one, other] = [(1, 2001), (2, 2002)]
            .map(|(number, port)| place.command(number, Path::new("lectern"), address(port)));
        for name in ["LECTERN_DATA_DIR", "LECTERN_LISTEN"] {
            assert_ne!(setting(&one, name).unwrap(), setting(&other, name).unwrap(), "{name}");
        }
    }

    #[test]
    fn all_servers_have_the_same_keys_and_say_the_same_url() {
        let place = place();
        let address = SocketAddr::from(([127, 0, 0, 1], 2001));
        let [one, other] = [1, 2].map(|number| place.command(number, Path::new("lectern"), address));
        for name in ["LECTERN_SECRETS_DIR", "LECTERN_PUBLIC_URL"] {
            assert_eq!(setting(&one, name).unwrap(), setting(&other, name).unwrap(), "{name}");
        }
    }

    #[test]
    fn an_error_shows_the_end_of_every_servers_log() {
        let place = place();
        for number in [1, 2] {
            let log: Vec<_> = (1..=30).map(|line| format!("{number}: line {line}")).collect();
            fs::write(place.log(number), log.join("\n")).unwrap();
        }
        let error = place.explained("it broke").to_string();
        for number in [1, 2] {
            assert!(error.contains(&format!("{number}: line 11\n")), "{error}");
            assert!(!error.contains(&format!("{number}: line 10\n")), "{error}");
        }
    }
}
