//! Instants in UTC, at microseconds: the finest precision that every supported database keeps, so that a value
//! read back compares equal to the one written.

mod of_day;

use std::time::Duration;

pub use of_day::{TimeOfDay, TimeOfDayError};

/// Microseconds since 1970-01-01T00:00:00Z.
///
/// Arithmetic saturates: a time far beyond any calendar is still a time, and no input can overflow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    micros: i64,
}

impl Timestamp {
    /// The instant `micros` microseconds after the Unix epoch (before it, when negative).
    pub const fn from_micros(micros: i64) -> Self {
        Self { micros }
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.micros
    }

    /// Whole seconds since the Unix epoch, rounded down: the `NumericDate` of RFC 7519.
    pub const fn as_unix_seconds(self) -> i64 {
        self.micros.div_euclid(1_000_000)
    }

    /// The instant `span` later.
    pub fn plus(self, span: Duration) -> Self {
        Self { micros: self.micros.saturating_add(saturating_micros(span)) }
    }

    /// The instant `span` earlier.
    pub fn minus(self, span: Duration) -> Self {
        Self { micros: self.micros.saturating_sub(saturating_micros(span)) }
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        u64::try_from(self.micros.saturating_sub(earlier.micros))
            .map_or(Duration::ZERO, Duration::from_micros)
    }
}

fn saturating_micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_never_negative() {
        let early = Timestamp::from_micros(5);
        assert_eq!(early.since(early.plus(Duration::from_secs(1))), Duration::ZERO);
    }

    #[test]
    fn seconds_round_down_before_the_epoch_too() {
        assert_eq!(Timestamp::from_micros(-1).as_unix_seconds(), -1);
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp::from_micros(1).plus(Duration::MAX).as_micros(), i64::MAX);
    }
}
