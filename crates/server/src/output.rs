//! What the command line prints. Results go to stdout, everything else to stderr.

use std::io::{self, Write as _};

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

/// Prints why a command failed.
pub(crate) fn error(failure: &Failure) {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr().lock(), "error: {failure}");
}
