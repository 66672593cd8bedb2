//! A time that comes every day.

use std::{fmt, str::FromStr, time::Duration};

use super::Timestamp;

const MINUTES_OF_A_DAY: u16 = 24 * 60;
const MICROS_OF_A_MINUTE: i64 = 60_000_000;

/// A time of the day in UTC, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    /// Since midnight.
    minutes: u16,
}

/// Why a text is no time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time from 00:00 to 23:59 in UTC, such as 03:00")]
pub struct TimeOfDayError;

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    /// Reads `HH:MM`.
    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let two_digits = |text: &str| {
            let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|_| is_number)
        };
        let (hours, minutes) = text.split_once(':').ok_or(TimeOfDayError)?;
        match (two_digits(hours), two_digits(minutes)) {
            (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => Ok(Self { minutes: hours * 60 + minutes }),
            _ => Err(TimeOfDayError),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl TimeOfDay {
    /// When it last was: `now` itself, or before it. UTC as the clocks of computers count it, without leap seconds.
    pub fn last(self, now: Timestamp) -> Timestamp {
        let day = i64::from(MINUTES_OF_A_DAY) * MICROS_OF_A_MINUTE;
        let into_day = i64::from(self.minutes) * MICROS_OF_A_MINUTE;
        let since = now.as_micros().saturating_sub(into_day).rem_euclid(day);
        now.minus(Duration::from_micros(since.unsigned_abs()))
    }

    /// When it comes next: after `now`.
    pub fn next(self, now: Timestamp) -> Timestamp {
        self.last(now).plus(Duration::from_hours(24))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDNIGHT: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    fn of_day(text: &str) -> TimeOfDay {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_of_the_day_is_read_and_shown() {
        for text in ["00:00", "03:00", "23:59"] {
            assert_eq!(of_day(text).to_string(), text);
        }
        for text in ["3:00", "24:00", "12:60", "12", "12:00:00", "+1:00", "", "off"] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(TimeOfDayError), "{text}");
        }
    }

    #[test]
    fn it_comes_once_a_day() {
        let (three, hour) = (of_day("03:00"), Duration::from_hours(1));
        let today = MIDNIGHT.plus(3 * hour);
        assert_eq!(three.last(today), today);
        assert_eq!(three.last(today.plus(hour)), today);
        assert_eq!(three.next(today), today.plus(24 * hour));
        assert_eq!(three.last(MIDNIGHT), today.minus(24 * hour));
        assert_eq!(three.next(MIDNIGHT), today);
        assert_eq!(of_day("00:00").last(MIDNIGHT), MIDNIGHT);
    }

    #[test]
    fn it_was_before_1970_too() {
        let early = Timestamp::from_micros(-1);
        assert_eq!(of_day("23:59").last(early), Timestamp::from_micros(-MICROS_OF_A_MINUTE));
    }
}
