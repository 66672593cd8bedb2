//! Times and durations as v1 writes them.

use std::time::Duration;

use ::time::{OffsetDateTime, format_description::well_known::Rfc3339};
use lectern_domain::time::Timestamp;

/// RFC 3339 in UTC, with `Z`.
pub(super) fn rfc3339(at: Timestamp) -> String {
    let nanos = i128::from(at.as_micros()).saturating_mul(1000);
    // Only years beyond 9999 can't be written; nothing in Lectern happens then.
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

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
}
