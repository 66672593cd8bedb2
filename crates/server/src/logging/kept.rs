//! Lines on their way to the database: which are kept, and what becomes of them when there is no more room.
//!
//! Whoever logs never waits for the database. Lines go into a channel of bounded length; when that is full, they are
//! counted and dropped.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use lectern_actix_http::REQUEST_LOG;
use lectern_application::metrics::catalogue::LOG_LINES_DROPPED;
use tokio::sync::mpsc;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How many lines may wait: some seconds of a busy server, three megabytes as a rule.
pub(super) const BACKLOG: usize = 8192;
/// The longest line that is kept.
const LONGEST: usize = 16 * 1024;

/// Who writes the log to the database, and says so if that is difficult: in the log on stderr alone, else a database
/// that can't be written to would be written to all the more.
const WRITERS: [&str; 3] = ["lectern_sqlite_adapter", "lectern_postgres_adapter", "lectern_server::logging"];

/// Whether a line is kept: requests, warnings and errors. Others may be plenty, or hold what is for the operator alone,
/// as the codes of mails that no server sends.
fn is_kept(of: &Metadata<'_>) -> bool {
    let target = of.target();
    target == REQUEST_LOG
        || (*of.level() <= Level::WARN && !WRITERS.iter().any(|writer| target.starts_with(writer)))
}

/// A line as the log has it: JSON.
pub(super) type Line = Box<[u8]>;

/// How many lines were dropped so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Dropped(Arc<AtomicU64>);

impl Dropped {
    pub(super) fn add(&self, lines: usize) {
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        self.0.fetch_add(lines, Ordering::Relaxed);
        LOG_LINES_DROPPED.of::<&str>([]).increment(lines);
    }

    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where lines are put.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    lines: mpsc::Sender<Line>,
    dropped: Dropped,
}

/// Begins to keep lines, of which `backlog` may wait. Once nobody takes them any more, they go nowhere.
pub(super) fn begin(backlog: usize) -> (Kept, mpsc::Receiver<Line>, Dropped) {
    let (lines, taken) = mpsc::channel(backlog);
    let dropped = Dropped::default();
    (Kept { lines, dropped: dropped.clone() }, taken, dropped)
}

impl Kept {
    fn put(&self, line: &[u8]) {
        if line.len() > LONGEST {
            self.dropped.add(1);
            return;
        }
        match self.lines.try_send(line.into()) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
            Err(mpsc::error::TrySendError::Full(_)) => self.dropped.add(1),
        }
    }
}

/// Takes a line, if it is one that is kept.
pub(super) struct MaybeKept<'a>(Option<&'a Kept>);

impl Write for MaybeKept<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some(kept) = self.0 {
            kept.put(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = MaybeKept<'a>;

    fn make_writer(&'a self) -> MaybeKept<'a> {
        MaybeKept(Some(self))
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> MaybeKept<'a> {
        MaybeKept(is_kept(of).then_some(self))
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::logging::json::JsonLog;

    /// What is kept of what is logged, with room for so many lines, and how many lines were dropped.
    fn kept_of(backlog: usize, log: impl FnOnce()) -> (Vec<String>, u64) {
        let (kept, mut taken, dropped) = begin(backlog);
        let subscriber = tracing_subscriber::registry().with(JsonLog(kept));
        tracing::subscriber::with_default(subscriber, log);
        let mut lines = Vec::new();
        while let Ok(line) = taken.try_recv() {
            lines.push(String::from_utf8(line.into()).unwrap());
        }
        (lines, dropped.count())
    }

    #[test]
    fn requests_warnings_and_errors_are_kept() {
        let (lines, dropped) = kept_of(10, || {
            tracing::info!(target: REQUEST_LOG, "served");
            tracing::warn!(target: "lectern_application::jobs", "a warning");
            tracing::error!(target: "some_library", "an error");
        });
        assert_eq!((lines.len(), dropped), (3, 0));
    }

    #[test]
    fn what_is_for_the_operator_alone_is_not_kept() {
        let (lines, _) = kept_of(10, || {
            tracing::info!(target: "lectern_mail_adapter::log", "your code is 123456");
            tracing::info!(target: "lectern_server", "ready");
            tracing::debug!(target: "lectern_application", "details");
        });
        assert_eq!(lines, Vec::<String>::new());
    }

    #[test]
    fn what_the_writers_of_the_log_say_is_not_written_to_the_database() {
        let (lines, _) = kept_of(10, || {
            tracing::warn!(target: "lectern_sqlite_adapter::transaction", "can't roll back");
            tracing::error!(target: "lectern_postgres_adapter", "out of reach");
            tracing::warn!(target: "lectern_server::logging::writer", "can't write the log");
        });
        assert_eq!(lines, Vec::<String>::new());
    }

    #[test]
    fn lines_without_room_are_dropped_and_counted() {
        let (lines, dropped) = kept_of(3, || {
            for number in 0..5 {
                tracing::warn!(target: "lectern", number, "x");
            }
        });
        assert_eq!((lines.len(), dropped), (3, 2));
        assert!(lines.last().unwrap().contains("\"number\":2"), "{lines:?}");
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_counted() {
        let text = "x".repeat(LONGEST);
        assert_eq!(kept_of(3, || tracing::warn!(target: "lectern", text)), (Vec::new(), 1));
    }

    #[test]
    fn lines_that_nobody_takes_go_nowhere() {
        let (kept, taken, dropped) = begin(1);
        drop(taken);
        kept.make_writer().write_all(b"{}").unwrap();
        assert_eq!(dropped.count(), 0);
    }
}
