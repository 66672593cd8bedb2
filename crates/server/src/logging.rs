//! The log, on stderr.

mod batches;
mod json;

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::{
    config::{LogFormat, Settings},
    failure::Failure,
};

/// The log as long as it goes on. Its end waits until everything is written.
#[must_use = "dropped, it ends the log"]
pub(crate) struct Logging {
    _end: batches::End,
}

/// Begins to log.
pub(crate) fn start(settings: &Settings) -> Result<Logging, Failure> {
    let is_terminal = io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Pretty } else { LogFormat::Json };
    let (lines, end) = batches::begin(io::stderr())
        .map_err(|error| Failure::operation("can't start the log").because(error))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.log))
        .with_writer(lines)
        .with_ansi(is_terminal);
    let started = match settings.log_format.unwrap_or(fitting) {
        LogFormat::Pretty => subscriber.try_init(),
        LogFormat::Json => subscriber.fmt_fields(json::Members).event_format(json::Line).try_init(),
    };
    started.map_err(|error| Failure::operation("can't start the log").because(error))?;
    Ok(Logging { _end: end })
}
