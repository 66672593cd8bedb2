//! The log, on stderr.

mod batches;
mod json;

use std::io::{self, IsTerminal as _};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    config::{LogFormat, Settings},
    failure::Failure,
};

/// The log as long as it goes on. Its end waits until everything is written.
#[must_use = "dropped, it ends the log"]
pub(crate) struct Logging {
    _end: batches::End,
}

/// Libraries that log passwords where they tell everything: the frames that they send.
const INDISCREET: [&str; 2] = ["lapin", "amq_protocol"];

/// Whether nothing of it is a secret, however much was asked for.
fn is_discreet(of: &Metadata<'_>) -> bool {
    let tells_everything = *of.level() > Level::INFO;
    !(tells_everything && INDISCREET.iter().any(|library| of.target().starts_with(library)))
}

/// Begins to log.
pub(crate) fn start(settings: &Settings) -> Result<Logging, Failure> {
    let is_terminal = io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Pretty } else { LogFormat::Json };
    let (lines, end) = batches::begin(io::stderr())
        .map_err(|error| Failure::operation("can't start the log").because(error))?;
    let log = tracing_subscriber::registry().with(EnvFilter::new(&settings.log)).with(filter_fn(is_discreet));
    let started = match settings.log_format.unwrap_or(fitting) {
        LogFormat::Pretty => log.with(fmt::layer().with_writer(lines).with_ansi(is_terminal)).try_init(),
        LogFormat::Json => log.with(json::JsonLog(lines)).try_init(),
    };
    started.map_err(|error| Failure::operation("can't start the log").because(error))?;
    Ok(Logging { _end: end })
}
