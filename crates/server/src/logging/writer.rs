//! Writes the lines that are kept to the database, many at once.
//!
//! Lines wait a moment for company, so that there is a transaction for many of them. While the database is away they go
//! on waiting, as long as there is room. What found no room, or was refused, is counted: the log says so, and so does an
//! entry where the lines are missing.

use std::{sync::Arc, time::Duration};

use lectern_application::ports::{Clock, Ids, LogSink, StoreError};
use lectern_domain::log::{LogEntry, LogEntryId, LogFields, LogLevel, LogText};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    entry::entry,
    kept::{Dropped, Line},
};
use crate::failure::Failure;

/// How long the first line of a batch waits for others.
const LINGER: Duration = Duration::from_millis(250);
/// The most lines that are written at once: a transaction that nobody notices.
const BATCH: usize = 500;
/// How long the database may take for a batch.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before trying again, at first and at most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often the log says at most that lines were dropped.
const REPORTS: Duration = Duration::from_secs(10);
/// How long the last lines may take when the server stops.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// What is needed to write.
#[derive(Clone)]
pub(crate) struct Ports {
    pub(crate) log: Arc<dyn LogSink>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

/// Takes lines, and will write them as soon as there is a database.
pub(crate) struct LogWriter {
    lines: mpsc::Receiver<Line>,
    dropped: Dropped,
    /// How many dropped lines an entry tells of.
    noted: u64,
    /// How many dropped lines the log told of, and when it last did.
    reported: u64,
    reported_at: Option<Instant>,
    /// The database did not take the last batch at once.
    is_away: bool,
}

/// The task that writes.
#[must_use = "lines that wait when it is dropped are not written"]
pub(crate) struct Writing {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Writing {
    /// Writes what waits, if that doesn't take long, and ends.
    pub(crate) async fn finish(self) {
        self.stop.cancel();
        if !matches!(timeout(LAST_PATIENCE, self.task).await, Ok(Ok(()))) {
            tracing::warn!("the last lines of the log are not in the database");
        }
    }
}

/// What became of a batch.
enum Fate {
    Written,
    /// The database will not take it.
    Refused(StoreError),
    /// It may take it later.
    Postponed(String),
}

impl LogWriter {
    pub(super) fn new(lines: mpsc::Receiver<Line>, dropped: Dropped) -> Self {
        Self { lines, dropped, noted: 0, reported: 0, reported_at: None, is_away: false }
    }

    /// Begins to write.
    pub(crate) fn start(self, ports: Ports) -> Writing {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.run(ports, stop.clone()));
        Writing { task, stop }
    }

    /// Writes until `stop`, and then what waits.
    async fn run(mut self, ports: Ports, stop: CancellationToken) {
        loop {
            let lines = self.next(&stop).await;
            if lines.is_empty() && self.dropped.count() == self.noted {
                return;
            }
            if !self.write(&lines, &ports, &stop).await {
                return;
            }
            self.report();
        }
    }

    /// The next lines. None if it is time to stop, and nothing waits.
    async fn next(&mut self, stop: &CancellationToken) -> Vec<Line> {
        let mut lines = Vec::new();
        tokio::select! {
            _ = self.lines.recv_many(&mut lines, 1) => {}
            () = stop.cancelled() => {}
        }
        if self.lines.len() < BATCH {
            // Nobody listens meanwhile, so that no line wakes a thread.
            tokio::select! {
                () = sleep(LINGER) => {}
                () = stop.cancelled() => {}
            }
        }
        while lines.len() < BATCH
            && let Ok(line) = self.lines.try_recv()
        {
            lines.push(line);
        }
        lines
    }

    /// Writes a batch, however long it takes; after `stop`, if it works at once. `false` if nothing more can be written.
    async fn write(&mut self, lines: &[Line], ports: &Ports, stop: &CancellationToken) -> bool {
        let missing = self.dropped.count().saturating_sub(self.noted);
        let entries = self.entries(lines, missing, ports);
        let mut pause = PAUSE;
        loop {
            match attempt(&entries, ports).await {
                Fate::Written => {
                    self.noted = self.noted.saturating_add(missing);
                    if std::mem::take(&mut self.is_away) {
                        tracing::info!("the log is written to the database again");
                    }
                    return true;
                }
                Fate::Refused(error) => {
                    self.dropped.add(lines.len());
                    let failure = Failure::operation("the database refuses lines of the log").because(error);
                    tracing::error!("{failure}");
                    self.report();
                    return !stop.is_cancelled();
                }
                Fate::Postponed(why) => {
                    if !std::mem::replace(&mut self.is_away, true) {
                        tracing::warn!(why, "the log can't be written to the database; its lines wait");
                    }
                }
            }
            self.report();
            if stop.is_cancelled() {
                let lost = lines.len().saturating_add(self.lines.len());
                tracing::warn!(lost, "the last lines of the log are not in the database");
                return false;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = stop.cancelled() => {}
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    /// The entries of lines, the last of which says how many are missing.
    fn entries(&mut self, lines: &[Line], missing: u64, ports: &Ports) -> Vec<LogEntry> {
        let read = lines.iter().filter_map(|line| entry(LogEntryId(ports.ids.next()), line));
        let mut entries: Vec<_> = read.collect();
        self.dropped.add(lines.len().saturating_sub(entries.len()));
        if missing > 0 {
            entries.push(gap(missing, ports));
        }
        entries
    }

    /// Says how many lines were dropped since this was last said.
    fn report(&mut self) {
        let total = self.dropped.count();
        let dropped = total.saturating_sub(self.reported);
        if dropped == 0 || self.reported_at.is_some_and(|at| at.elapsed() < REPORTS) {
            return;
        }
        tracing::warn!(dropped, "lines of the log are not in the database, which did not keep up with them");
        self.reported = total;
        self.reported_at = Some(Instant::now());
    }
}

async fn attempt(entries: &[LogEntry], ports: &Ports) -> Fate {
    match timeout(PATIENCE, ports.log.append(entries)).await {
        Ok(Ok(())) => Fate::Written,
        Ok(Err(error @ (StoreError::Unavailable { .. } | StoreError::Contended { .. }))) => {
            Fate::Postponed(Failure::operation("not now").because(error).to_string())
        }
        Ok(Err(error)) => Fate::Refused(error),
        Err(_) => Fate::Postponed(format!("no answer within {PATIENCE:?}")),
    }
}

/// What stands for lines that are not there.
fn gap(missing: u64, ports: &Ports) -> LogEntry {
    LogEntry {
        id: LogEntryId(ports.ids.next()),
        at: ports.clock.now(),
        level: LogLevel::Warn,
        target: LogText::cut(module_path!()),
        message: LogText::cut("lines of the log are missing here"),
        request_id: None,
        method: None,
        route: None,
        status: None,
        duration: None,
        fields: LogFields::first_of([("dropped", missing.to_string())]),
    }
}

#[cfg(test)]
mod tests;
