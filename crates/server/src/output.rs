//! What the command line prints. Results go to stdout, everything else to stderr.

use std::io::{self, Write as _};

use comfy_table::{Table, presets};
use lectern_domain::time::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::failure::Failure;

/// Prints a result.
pub(crate) fn result(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::operation("can't write to the standard output").because(error))
}

/// Prints a line of a result.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    result(format!("{text}\n").as_bytes())
}

/// Prints a table with a heading.
pub(crate) fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heading.iter().copied()).add_rows(rows);
    table.lines().try_for_each(|shown| line(shown.trim()))
}

/// Prints JSON.
pub(crate) fn json(value: &serde_json::Value) -> Result<(), Failure> {
    line(&format!("{value:#}"))
}

/// Prints why a command failed.
pub(crate) fn error(failure: &Failure) {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr().lock(), "error: {failure}");
}

/// Prints what somebody should look at.
pub(crate) fn warning(text: &str) {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr().lock(), "warning: {text}");
}

/// RFC 3339, to the second.
pub(crate) fn date(time: Timestamp) -> String {
    let seconds = time.as_unix_seconds();
    let date = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|date| date.format(&Rfc3339).ok());
    date.unwrap_or_else(|| format!("{seconds} seconds after 1970-01-01T00:00:00Z"))
}
