//! What becomes of lines, on a clock that is paused, with a database that does as it is told.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use lectern_actix_http::REQUEST_LOG;
use lectern_domain::time::Timestamp;
use lectern_security_adapter::{SystemClock, UuidV7Ids};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::logging::{json::JsonLog, kept};

/// What the database does with a batch.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// It never answers, until nobody waits any more.
    Stall,
    /// It is not there.
    Away,
    /// It does not want this.
    Refuse,
}

#[derive(Default)]
struct Database {
    /// What comes before it works.
    answers: Mutex<VecDeque<Answer>>,
    /// What it was given, kept or not.
    attempts: Mutex<Vec<Vec<LogEntry>>>,
    kept: Mutex<Vec<Vec<LogEntry>>>,
}

impl Database {
    fn kept(&self) -> MutexGuard<'_, Vec<Vec<LogEntry>>> {
        self.kept.lock().unwrap()
    }

    /// The messages that it keeps.
    fn messages(&self) -> Vec<String> {
        self.kept().iter().flatten().map(|entry| entry.message.as_str().to_owned()).collect()
    }

    /// How many lines are missing, as its entries say.
    fn missing(&self) -> Vec<String> {
        let dropped = |entry: &LogEntry| {
            entry.fields.iter().find(|(name, _)| *name == "dropped").map(|(_, text)| text.to_owned())
        };
        self.kept().iter().flatten().filter_map(dropped).collect()
    }
}

#[async_trait]
impl LogSink for Database {
    async fn append(&self, entries: &[LogEntry]) -> Result<(), StoreError> {
        self.attempts.lock().unwrap().push(entries.to_vec());
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            None => {
                self.kept().push(entries.to_vec());
                Ok(())
            }
            Some(Answer::Stall) => std::future::pending().await,
            Some(Answer::Away) => Err(StoreError::Unavailable { source: "it is away".into() }),
            Some(Answer::Refuse) => Err(StoreError::Backend { source: "not this".into() }),
        }
    }

    async fn purge(&self, _: Timestamp, _: u32) -> Result<u32, StoreError> {
        Ok(0)
    }

    async fn purge_beyond(&self, _: u64, _: u32) -> Result<u32, StoreError> {
        Ok(0)
    }
}

/// A log with room for so many lines, and the database that they go to.
struct Log {
    subscriber: Dispatch,
    database: Arc<Database>,
    writing: Writing,
}

impl Log {
    fn start(backlog: usize, answers: &[Answer]) -> Self {
        let (kept, lines, dropped) = kept::begin(backlog);
        let subscriber = Dispatch::new(tracing_subscriber::registry().with(JsonLog(kept)));
        let answers = Mutex::new(answers.iter().copied().collect());
        let database = Arc::new(Database { answers, ..Database::default() });
        let ports = Ports { log: database.clone(), clock: Arc::new(SystemClock), ids: Arc::new(UuidV7Ids) };
        let writing = LogWriter::new(lines, dropped).start(ports);
        Self { subscriber, database, writing }
    }

    /// Logs the lines of so many requests, and waits for nothing.
    fn requests(&self, count: usize) {
        tracing::dispatcher::with_default(&self.subscriber, || {
            (0..count).for_each(|_| tracing::info!(target: REQUEST_LOG, "served"));
        });
    }

    async fn finish(self) -> Arc<Database> {
        self.writing.finish().await;
        self.database
    }
}

#[tokio::test(start_paused = true)]
async fn lines_that_come_together_are_written_together() {
    let log = Log::start(BATCH, &[]);
    log.requests(1);
    tokio::time::sleep(LINGER / 2).await;
    log.requests(2);
    tokio::time::sleep(LINGER).await;
    assert_eq!(log.database.kept().iter().map(Vec::len).collect::<Vec<_>>(), [3]);
}

#[tokio::test(start_paused = true)]
async fn a_line_alone_is_written_without_another() {
    let log = Log::start(BATCH, &[]);
    log.requests(1);
    tokio::time::sleep(LINGER * 2).await;
    assert_eq!(log.database.messages(), ["served"]);
}

#[tokio::test(start_paused = true)]
async fn many_lines_are_written_in_batches_that_nobody_notices() {
    let log = Log::start(3 * BATCH, &[]);
    log.requests(2 * BATCH + 7);
    tokio::time::sleep(LINGER * 2).await;
    assert_eq!(log.database.kept().iter().map(Vec::len).collect::<Vec<_>>(), [BATCH, BATCH, 7]);
}

#[tokio::test(start_paused = true)]
async fn while_the_database_stalls_requests_go_on_and_lines_without_room_are_counted() {
    let log = Log::start(10, &[Answer::Stall]);
    log.requests(1);
    tokio::time::sleep(LINGER * 2).await;
    // The first line is under way; ten of these find room.
    log.requests(25);
    tokio::time::sleep(PATIENCE + PAUSE + LINGER * 3).await;
    let database = log.finish().await;
    let served = database.messages().iter().filter(|message| *message == "served").count();
    assert_eq!((served, database.missing()), (11, vec!["15".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn lines_wait_for_a_database_that_is_away_and_come_in_their_order() {
    let log = Log::start(10, &[Answer::Away, Answer::Away, Answer::Away]);
    for message in ["first", "second"] {
        tracing::dispatcher::with_default(&log.subscriber, || tracing::warn!(target: "lectern", "{message}"));
        tokio::time::sleep(LINGER * 2).await;
    }
    assert_eq!(log.database.messages(), Vec::<String>::new());
    tokio::time::sleep(PAUSE * 7 + LINGER * 2).await;
    assert_eq!(log.database.messages(), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_tried_again_as_the_same_entries() {
    let log = Log::start(10, &[Answer::Stall, Answer::Away]);
    log.requests(2);
    tokio::time::sleep(PATIENCE + PAUSE * 4).await;
    let attempts = log.database.attempts.lock().unwrap();
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|attempt| *attempt == attempts[0]), "{attempts:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_refused_is_counted_and_keeps_no_other_waiting() {
    let log = Log::start(10, &[Answer::Refuse]);
    log.requests(3);
    tokio::time::sleep(LINGER * 2).await;
    log.requests(1);
    tokio::time::sleep(LINGER * 2).await;
    let database = log.finish().await;
    assert_eq!(database.messages(), ["served", "lines of the log are missing here"]);
    assert_eq!(database.missing(), ["3"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_told_once() {
    let log = Log::start(1, &[]);
    log.requests(5);
    tokio::time::sleep(LINGER * 2).await;
    log.requests(1);
    tokio::time::sleep(LINGER * 2).await;
    assert_eq!(log.database.missing(), ["4"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_writes_what_waits() {
    let log = Log::start(3 * BATCH, &[]);
    log.requests(BATCH + 1);
    let database = log.finish().await;
    assert_eq!(database.messages().len(), BATCH + 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_tells_what_is_missing() {
    let log = Log::start(2, &[]);
    log.requests(3);
    let database = log.finish().await;
    assert_eq!(database.missing(), ["1"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_does_not_wait_for_a_database_that_is_away() {
    let log = Log::start(10, &[Answer::Away; 9]);
    log.requests(1);
    let begun = Instant::now();
    assert_eq!(log.finish().await.messages(), Vec::<String>::new());
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_a_moment_for_a_database_that_stalls() {
    let log = Log::start(10, &[Answer::Stall; 9]);
    log.requests(1);
    let begun = Instant::now();
    assert_eq!(log.finish().await.messages(), Vec::<String>::new());
    assert_eq!(begun.elapsed(), LAST_PATIENCE);
}
