//! The log, on stderr, and in the database as far as it is kept there.

mod batches;
mod entry;
mod json;
mod kept;
mod writer;

use std::io::{self, IsTerminal as _};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter,
    filter::{Targets, filter_fn},
    fmt::{self, writer::MakeWriterExt as _},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    config::{LogFormat, LogToDatabase, Settings},
    failure::Failure,
};

pub(crate) use writer::{LogWriter, Ports as LogPorts, Writing};

/// The log as long as it goes on. Its end waits until everything is written to stderr.
#[must_use = "dropped, it ends the log"]
pub(crate) struct Logging {
    _end: batches::End,
    /// What takes the lines that are kept, if the settings ask for it. Dropped, none are.
    pub(crate) kept: Option<LogWriter>,
}

/// Libraries that log passwords where they tell everything: the frames that they send.
const INDISCREET: [&str; 2] = ["lapin", "amq_protocol"];

/// Whether nothing of it is a secret, however much was asked for.
fn is_discreet(of: &Metadata<'_>) -> bool {
    let tells_everything = *of.level() > Level::INFO;
    !(tells_everything && INDISCREET.iter().any(|library| of.target().starts_with(library)))
}

/// What is logged: by targets and levels, as long as that says it. What names spans, too, costs a lock at each of them.
fn filters(filter: &str) -> (Option<Targets>, Option<EnvFilter>) {
    match filter.parse() {
        Ok(by_target) => (Some(by_target), None),
        Err(_) => (None, Some(EnvFilter::new(filter))),
    }
}

/// Begins to log.
pub(crate) fn start(settings: &Settings) -> Result<Logging, Failure> {
    let is_terminal = io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Pretty } else { LogFormat::Json };
    let (lines, end) = batches::begin(io::stderr())
        .map_err(|error| Failure::operation("can't start the log").because(error))?;
    let (keep, kept) = match settings.log_to_db {
        LogToDatabase::On => {
            let (keep, lines, dropped) = kept::begin(kept::BACKLOG);
            (Some(keep), Some(LogWriter::new(lines, dropped)))
        }
        LogToDatabase::Off => (None, None),
    };
    let (by_target, by_span) = filters(&settings.log);
    let log = tracing_subscriber::registry().with(by_target).with(by_span).with(filter_fn(is_discreet));
    let started = match (settings.log_format.unwrap_or(fitting), keep) {
        (LogFormat::Pretty, keep) => {
            let pretty = fmt::layer().with_writer(lines).with_ansi(is_terminal);
            log.with(pretty).with(keep.map(json::JsonLog)).try_init()
        }
        // What is kept is what the log says: formatted once, for both.
        (LogFormat::Json, Some(keep)) => log.with(json::JsonLog(keep.and(lines))).try_init(),
        (LogFormat::Json, None) => log.with(json::JsonLog(lines)).try_init(),
    };
    started.map_err(|error| Failure::operation("can't start the log").because(error))?;
    Ok(Logging { _end: end, kept })
}
