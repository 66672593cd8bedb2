//! What the log says: each change once, and no password.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use lectern_redis_adapter::{RedisPatience, RedisState};
use lectern_testkit::clock::FakeClock;
use tracing::subscriber::DefaultGuard;

use crate::{
    fixture::{Replica, eventually, settings_of},
    private_server::PrivateServer,
};

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn count(&self, said: &str) -> usize {
        self.text().matches(said).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until so many more connections were tried.
async fn until_tried_again(server: &PrivateServer, times: u32) {
    let connections = async || -> u32 {
        let stats: String = server.ask(&["INFO", "stats"]).await;
        let line = stats.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
        line.unwrap().parse().unwrap()
    };
    let before = connections().await;
    let mut own = 0;
    eventually(async || {
        own += 1;
        connections().await >= before + own + times
    })
    .await;
}

#[tokio::test]
async fn a_loss_and_a_return_are_told_once_each() {
    let (log, _guard) = Log::begin();
    let mut server = PrivateServer::running().await;
    let replica = Replica::join(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    assert_eq!(log.text(), "");
    for time in 1..3 {
        server.kill();
        replica.until(|state| !state.commands.is_in_reach() && !state.subscription.is_in_reach()).await;
        server.start().await;
        replica.until(RedisState::is_in_reach).await;
        assert_eq!(log.count("WARN"), 2 * time, "{}", log.text());
        assert_eq!(log.count("Redis is out of reach: "), time);
        assert_eq!(log.count("Redis does not tell of other replicas' commits and news: "), time);
        assert_eq!(log.count("Redis is back"), time);
        assert_eq!(log.count("Redis tells of other replicas' commits and news again"), time);
    }
}

#[tokio::test]
async fn a_password_that_is_refused_is_told_once_and_not_shown() {
    let (log, _guard) = Log::begin();
    let server = PrivateServer::running().await;
    server.ask::<()>(&["ACL", "SETUSER", "ada", "on", ">r1ght"]).await;
    let url = secrecy::ExposeSecret::expose_secret(&server.url()).to_owned() + "?user=ada&pass=s3cr3t";
    let patience = RedisPatience { pause: Duration::from_millis(1), ..RedisPatience::default() };
    let settings = settings_of(&url.into()).with_patience(patience);
    let replica = Replica::begin(settings, Arc::new(FakeClock::default())).await;
    until_tried_again(&server, 10).await;
    assert!(!replica.redis.state().commands.is_in_reach());
    assert_eq!(log.count("Redis is out of reach: it refuses the user or the password"), 1, "{}", log.text());
    assert_eq!(log.count("WARN"), 2);
    assert_eq!(log.count("s3cr3t"), 0);
}
