//! What was measured, as a table.

use std::{fmt, time::Duration};

/// What is to hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bar {
    /// The ratio is at most so much.
    AtMost(f64),
    /// The ratio is at least so much.
    AtLeast(f64),
    /// Lectern's own figure keeps within a limit; the ratio is for comparison.
    Within {
        /// The limit, in words.
        limit: String,
        is_met: bool,
    },
}

/// Something that was measured beside its yardstick, both in the same run.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) what: String,
    /// Lectern's figure.
    pub(crate) ours: String,
    /// What it is compared with, and that one's figure.
    pub(crate) yardstick: String,
    /// Ours to the yardstick's.
    pub(crate) ratio: f64,
    pub(crate) bar: Bar,
}

impl Row {
    fn is_met(&self) -> bool {
        match self.bar {
            Bar::AtMost(limit) => self.ratio <= limit,
            Bar::AtLeast(limit) => self.ratio >= limit,
            Bar::Within { is_met, .. } => is_met,
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "ratio ≤ {limit}"),
            Self::AtLeast(limit) => write!(f, "ratio ≥ {limit}"),
            Self::Within { limit, .. } => f.write_str(limit),
        }
    }
}

/// All rows, in Markdown.
pub(crate) struct Table(pub(crate) Vec<Row>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | Lectern | yardstick | ratio | bar | |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for row in &self.0 {
            let Row { what, ours, yardstick, ratio, bar } = row;
            let verdict = if row.is_met() { "met" } else { "**missed**" };
            let decimals = if *ratio < 0.1 { 4 } else { 2 };
            writeln!(f, "| {what} | {ours} | {yardstick} | {ratio:.decimals$} | {bar} | {verdict} |")?;
        }
        Ok(())
    }
}

/// The middle one of some figures.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A time in the unit that suits it.
pub(crate) fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 10.0 => format!("{s:.0} s"),
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 0.01 => format!("{:.0} ms", s * 1e3),
        s => format!("{:.2} ms", s * 1e3),
    }
}

/// A limit in time, and whether a time in seconds keeps within it.
pub(crate) fn within(limit: Duration, seconds: f64) -> Bar {
    let words = format!("≤ {}", time(limit.as_secs_f64()));
    Bar::Within { limit: words, is_met: seconds <= limit.as_secs_f64() }
}
