//! Statements that take too long: which of them the log shows, and what it shows of them.
//!
//! Adapters of databases tell a [`StatementWatch`] when each statement begins and ends, and log what it answers.

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::metrics::catalogue::SLOW_QUERIES;

/// So many slow statements are shown in each [`WINDOW`]: a database that is slow as a whole must not get a log that is as
/// slow.
const SHOWN: u32 = 20;
/// After which others are shown again.
const WINDOW: Duration = Duration::from_secs(10);
/// So much of a statement is shown, in bytes.
const LONGEST: usize = 2000;
/// What the library writes between a statement and the values that are bound in it.
const BINDS: &str = " -- binds: ";

/// From how long on statements are slow, and how many of them were shown lately.
#[derive(Debug)]
pub struct SlowQueries {
    /// `None`: none is slow.
    threshold: Option<Duration>,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    since: Option<Instant>,
    count: u32,
    left_out: u64,
}

/// A slow statement to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowQuery {
    /// Its text, with places in it where values are bound.
    pub statement: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// How many others were slow since the last that was shown, and were not shown.
    pub left_out: u64,
}

impl SlowQueries {
    /// Statements are slow that take longer than `threshold`; without one, none is.
    pub fn new(threshold: Option<Duration>) -> Arc<Self> {
        Arc::new(Self { threshold, shown: Mutex::default() })
    }

    /// What watches the statements of one connection. `None`: nothing need be watched.
    pub fn watch(self: &Arc<Self>) -> Option<StatementWatch> {
        self.threshold.map(|threshold| StatementWatch { slow: self.clone(), threshold, began: None })
    }

    /// Whether another is shown now, and how many were not before it.
    fn admit(&self, now: Instant) -> Option<u64> {
        // It is of numbers alone, and a panic elsewhere left none of them half-written.
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.since.is_none_or(|since| now.saturating_duration_since(since) >= WINDOW) {
            shown.since = Some(now);
            shown.count = 0;
        }
        if shown.count >= SHOWN {
            shown.left_out = shown.left_out.saturating_add(1);
            return None;
        }
        shown.count = shown.count.saturating_add(1);
        Some(std::mem::take(&mut shown.left_out))
    }
}

/// Watches the statements of one connection, which come one after the other.
#[derive(Debug)]
pub struct StatementWatch {
    slow: Arc<SlowQueries>,
    threshold: Duration,
    began: Option<Instant>,
}

impl StatementWatch {
    /// One begins.
    pub fn begin(&mut self) {
        self.began = Some(Instant::now());
    }

    /// It has ended. Its text is only written if it is to be shown; what follows the values that are bound in it is left out.
    pub fn end(&mut self, statement: &dyn fmt::Display) -> Option<SlowQuery> {
        let took = self.began.take()?.elapsed();
        if took < self.threshold {
            return None;
        }
        SLOW_QUERIES.count([]);
        let left_out = self.slow.admit(Instant::now())?;
        Some(SlowQuery {
            statement: text_of(statement),
            duration_ms: (took.as_secs_f64() * 1e6).round() / 1e3,
            left_out,
        })
    }
}

/// The text of a statement without the values that are bound in it. They are secrets, or people's.
fn text_of(statement: &dyn fmt::Display) -> String {
    let mut text = UntilBinds(String::new());
    // It refuses what comes after the text.
    let _ = write!(text, "{statement}");
    let UntilBinds(mut text) = text;
    text.truncate(text.find(BINDS).unwrap_or(text.len()));
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

/// Takes what is written up to where values begin, so that these are never written anywhere.
struct UntilBinds(String);

impl fmt::Write for UntilBinds {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        if self.0.contains(BINDS) || self.0.len() > LONGEST { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_that_are_bound_are_not_shown() {
        for (statement, shown) in [
            (
                "SELECT * FROM users WHERE name = ? -- binds: [\"s3cr3t\"]",
                "SELECT * FROM users WHERE name = ?",
            ),
            ("UPDATE t SET a = ? -- binds: [\"a -- binds: s3cr3t\"]", "UPDATE t SET a = ?"),
            ("BEGIN IMMEDIATE", "BEGIN IMMEDIATE"),
        ] {
            assert_eq!(text_of(&statement), shown);
        }
    }

    #[test]
    fn values_are_not_even_formatted() {
        struct Statement;
        impl fmt::Display for Statement {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("SELECT ?")?;
                f.write_str(" -- binds: ")?;
                unreachable!("the values are asked for")
            }
        }
        assert_eq!(text_of(&Statement), "SELECT ?");
    }

    #[test]
    fn a_long_statement_is_cut_between_characters() {
        let text = text_of(&"я".repeat(LONGEST));
        assert_eq!(text, "я".repeat(LONGEST / 2));
    }

    #[test]
    fn only_so_many_are_shown_at_once_and_the_next_says_how_many_were_not() {
        let slow = SlowQueries::new(Some(Duration::ZERO));
        let now = Instant::now();
        let shown: Vec<_> = (0..SHOWN + 5).map(|_| slow.admit(now)).collect();
        assert_eq!(shown.iter().flatten().sum::<u64>(), 0);
        assert_eq!(shown.iter().filter(|shown| shown.is_none()).count(), 5);
        assert_eq!(slow.admit(now + WINDOW), Some(5));
        assert_eq!(slow.admit(now + WINDOW), Some(0));
    }

    #[test]
    fn a_statement_is_slow_from_the_threshold_on() {
        let mut watch = SlowQueries::new(Some(Duration::ZERO)).watch().unwrap();
        assert_eq!(watch.end(&"never begun"), None);
        watch.begin();
        assert_eq!(watch.end(&"SELECT 1").unwrap().statement, "SELECT 1");
        let mut watch = SlowQueries::new(Some(Duration::from_hours(1))).watch().unwrap();
        watch.begin();
        assert_eq!(watch.end(&"SELECT 1"), None);
    }

    #[test]
    fn without_a_threshold_nothing_is_watched() {
        assert!(SlowQueries::new(None).watch().is_none());
    }
}
