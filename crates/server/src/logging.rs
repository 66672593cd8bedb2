//! The log, on stderr.
//!
//! A thread of its own writes it, many lines at once when there are many, so that requests don't wait for whoever
//! reads it. Nothing is left out: if the reader is slower than the log for long, everybody waits.

mod json;

use std::io::{self, BufWriter, IsTerminal as _};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::{
    config::{LogFormat, Settings},
    failure::Failure,
};

/// How many lines may wait to be written.
const LINES_WAITING: usize = 8192;
/// How many bytes are written at once.
const BYTES_AT_ONCE: usize = 64 * 1024;

/// The log as long as it goes on. Its end waits until everything is written.
#[must_use = "without it nothing is written"]
pub(crate) struct Logging {
    _writer: WorkerGuard,
}

/// Begins to log.
pub(crate) fn start(settings: &Settings) -> Result<Logging, Failure> {
    let is_terminal = io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Pretty } else { LogFormat::Json };
    let (lines, writer) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(LINES_WAITING)
        .thread_name("log")
        .finish(BufWriter::with_capacity(BYTES_AT_ONCE, io::stderr()));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.log))
        .with_writer(lines)
        .with_ansi(is_terminal);
    let started = match settings.log_format.unwrap_or(fitting) {
        LogFormat::Pretty => subscriber.try_init(),
        LogFormat::Json => subscriber.fmt_fields(json::Members).event_format(json::Line).try_init(),
    };
    started.map_err(|error| Failure::operation("can't start the log").because(error))?;
    Ok(Logging { _writer: writer })
}
