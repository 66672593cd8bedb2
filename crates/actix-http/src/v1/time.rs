//! Times and durations as v1 writes them.

use std::time::Duration;

use ::time::{OffsetDateTime, format_description::well_known::Rfc3339};
use lectern_domain::time::Timestamp;

/// RFC 3339 in UTC, with `Z`.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let nanos = i128::from(at.as_micros()).saturating_mul(1000);
    // Only years beyond 9999 can't be written; nothing in Lectern happens then.
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Reads a time of RFC 3339, in whatever zone.
pub(super) fn parse_rfc3339(text: &str) -> Result<Timestamp, TimeError> {
    let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimeError)?;
    let micros = time.unix_timestamp_nanos().div_euclid(1000);
    i64::try_from(micros).map(Timestamp::from_micros).map_err(|_| TimeError)
}

/// It is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time such as 2026-01-31T12:00:00Z (RFC 3339)")]
pub(super) struct TimeError;

/// Seconds as a number of JSON.
pub(super) fn seconds(span: Duration) -> f64 {
    span.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(Timestamp::from_micros(1_500_000)), "1970-01-01T00:00:01.5Z");
    }

    #[test]
    fn times_are_read_in_any_zone() {
        for text in ["1970-01-01T00:00:01.5Z", "1970-01-01T02:00:01.500000+02:00"] {
            assert_eq!(parse_rfc3339(text), Ok(Timestamp::from_micros(1_500_000)), "{text}");
        }
        for text in ["", "yesterday", "1970-01-01", "1970-01-01T00:00:01"] {
            assert_eq!(parse_rfc3339(text), Err(TimeError), "{text}");
        }
    }
}
