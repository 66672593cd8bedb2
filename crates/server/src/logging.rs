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
    filter::{LevelFilter, Targets, filter_fn},
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
    let by_target = if has_levels_alone(filter) { filter.parse().ok() } else { None };
    let by_span = by_target.is_none().then(|| EnvFilter::new(filter));
    (by_target, by_span)
}

/// Whether a filter consists of `level` and `target=level`. Both kinds mean the same by that, and not by everything else.
fn has_levels_alone(filter: &str) -> bool {
    let is_name =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
    filter.split(',').all(|part| {
        let (target, level) = part.split_once('=').unwrap_or(("any", part));
        !target.is_empty() && is_name(target) && !level.is_empty() && level.parse::<LevelFilter>().is_ok()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_more_than_levels_costs_a_lock() {
        for (filter, locks) in [
            ("info", false),
            ("off", false),
            ("warn,lectern_application=debug", false),
            ("info,[request]=debug", true),
            ("lectern_application", true),
            ("info, warn", true),
            ("info,=debug", true),
            ("a=", true),
            ("", true),
            (",", true),
        ] {
            let (by_target, by_span) = filters(filter);
            assert_eq!((by_target.is_none(), by_span.is_some()), (locks, locks), "{filter}");
        }
    }
}
