//! What can go wrong with a server, told to whoever runs the tests.

use std::{
    fmt::{self, Display},
    fs,
    path::Path,
};

/// How much of a server's log is shown when it failed, in lines.
const LAST_LINES: usize = 30;

/// A sentence that says what failed and, where that helps, what to do or what the server said last.
#[derive(thiserror::Error)]
#[error("{sentence}")]
pub struct Error {
    sentence: String,
}

/// The sentence alone: tests unwrap results, and a log is read in lines.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// What an operation on a server comes to.
pub type Result<T = ()> = std::result::Result<T, Error>;

impl Error {
    /// An error of that sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into() }
    }

    /// `can't …: cause`.
    pub(crate) fn cannot(what: impl Display, cause: impl Display) -> Self {
        Self::new(format!("can't {what}: {cause}"))
    }

    /// The same, with the end of a log below it.
    pub(crate) fn with_log(self, log: &Path) -> Self {
        // What is no text is shown as far as it is.
        let text = fs::read(log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
        if last.is_empty() {
            return self;
        }
        Self::new(format!("{}\n\nIts log ends with:\n{}", self.sentence, last.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_the_end_of_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let lines: Vec<String> = (1..=40).map(|line| format!("line {line}")).collect();
        fs::write(&log, lines.join("\n")).unwrap();
        let shown = Error::new("it ended").with_log(&log).to_string();
        assert!(shown.starts_with("it ended\n") && shown.ends_with("line 40"), "{shown}");
        assert!(shown.contains("line 11\n") && !shown.contains("line 10\n"), "{shown}");
    }

    #[test]
    fn without_a_log_an_error_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Error::new("it ended").with_log(&folder.path().join("log")).to_string(), "it ended");
    }
}
