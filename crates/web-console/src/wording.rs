//! States, times and lengths in words.

use std::time::Duration;

use lectern_domain::{time::Timestamp, transcription::StateName};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// What people are told about a state.
pub(crate) const fn state(name: StateName) -> &'static str {
    match name {
        StateName::Queued => "Waiting",
        StateName::InProgress => "Being transcribed",
        StateName::ProcessingError => "Interrupted; it will be tried again",
        StateName::Completed => "Done",
        StateName::CompletedPartially => "Done, but parts are missing",
        StateName::ProcessingFail => "Failed",
        StateName::Cancelled => "Cancelled",
    }
}

/// An instant, for programs and for people. The script replaces the latter by the browser's local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instant {
    /// RFC 3339.
    pub(crate) exact: String,
    /// To the minute, in UTC.
    pub(crate) shown: String,
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        // Only years beyond 9999 can't be written; nothing in Lectern happens then.
        let time = OffsetDateTime::from_unix_timestamp(at.as_unix_seconds()).ok();
        let to_the_minute = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        Self {
            exact: time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default(),
            shown: time.and_then(|time| time.format(&to_the_minute).ok()).unwrap_or_default(),
        }
    }
}

/// A position in a recording, or its length, as `m:ss` or `h:mm:ss`.
pub(crate) fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_have_hours_only_if_they_need_them() {
        for (seconds, shown) in
            [(0, "0:00"), (61, "1:01"), (3599, "59:59"), (3600, "1:00:00"), (7325, "2:02:05")]
        {
            assert_eq!(clock(Duration::from_secs(seconds)), shown);
        }
    }

    #[test]
    fn an_instant_is_shown_to_the_minute() {
        let instant = Instant::from(Timestamp::from_micros(61_500_000));
        assert_eq!(instant.exact, "1970-01-01T00:01:01Z");
        assert_eq!(instant.shown, "1970-01-01 00:01 UTC");
    }
}
