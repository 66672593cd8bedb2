//! The log, on stderr.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::{
    config::{LogFormat, Settings},
    failure::Failure,
};

/// Begins to log.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    let is_terminal = io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Pretty } else { LogFormat::Json };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.log))
        .with_writer(io::stderr)
        .with_ansi(is_terminal);
    let started = match settings.log_format.unwrap_or(fitting) {
        LogFormat::Pretty => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::operation("can't start the log").because(error))
}
