//! Statements that are slow, in the log.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use lectern_application::ports::Queries as _;
use lectern_domain::account::Login;
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use tokio::time::{Instant, interval_at};
use tracing::Instrument as _;

use crate::fixture::migrated;

const SLOW: Duration = Duration::from_millis(200);
const WAITING: &str = "SELECT 1 FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// On one thread, whose log this is.
#[tokio::test]
async fn a_slow_statement_is_logged_within_its_span_and_without_its_values() {
    let fixture = migrated().await;
    let settings = PostgresSettings { slow_statement: Some(SLOW), ..fixture.test.settings() };
    let database = PostgresDatabase::open(&settings).await.unwrap();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    let _logging = tracing::subscriber::set_default(subscriber);

    let (holder, watcher) = (fixture.raw().await, fixture.raw().await);
    holder.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let login = Login::parse("s3cr3t").unwrap();
    let reading = database.account_by_login(&login).instrument(tracing::info_span!("request", id = "the-id"));
    let holding = async {
        while watcher.query(WAITING, &[]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        interval_at(Instant::now() + SLOW, SLOW).tick().await;
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (read, ()) = tokio::join!(reading, holding);
    assert_eq!(read.unwrap(), None);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let slow: Vec<_> = log.lines().filter(|line| line.contains("a statement was slow")).collect();
    assert_eq!(slow.len(), 1, "{log}");
    assert!(slow.iter().all(|line| line.contains("SELECT") && line.contains("the-id")), "{log}");
    assert!(!log.contains("s3cr3t") && !log.contains("binds"), "{log}");
}
