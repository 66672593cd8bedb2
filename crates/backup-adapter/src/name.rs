//! How backups are called: `lectern-20261122T030000.123456Z.tar`, after when they were begun, in UTC.

use lectern_domain::time::Timestamp;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::FormatItem, macros::format_description};

const BEGINNING: &str = "lectern-";
const END: &str = "Z.tar";
const TIME: &[FormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:6]");

/// The name of a backup that was begun then; `None` for times in no calendar.
pub(crate) fn name_of(taken_at: Timestamp) -> Option<String> {
    let nanos = i128::from(taken_at.as_micros()).checked_mul(1000)?;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    Some(format!("{BEGINNING}{}{END}", time.format(TIME).ok()?))
}

/// When the backup of that name was begun; `None` if no backup is called so.
pub(crate) fn taken_at(name: &str) -> Option<Timestamp> {
    let time = name.strip_prefix(BEGINNING)?.strip_suffix(END)?;
    let time = PrimitiveDateTime::parse(time, TIME).ok()?.assume_utc();
    let micros = i64::try_from(time.unix_timestamp_nanos() / 1000).ok()?;
    let taken_at = Timestamp::from_micros(micros);
    // One name for one time: nothing else was written by us.
    (name_of(taken_at)? == name).then_some(taken_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_when() {
        let at = Timestamp::from_micros(1_767_225_600_000_042);
        let name = name_of(at).unwrap();
        assert_eq!(name, "lectern-20260101T000000.000042Z.tar");
        assert_eq!(taken_at(&name), Some(at));
    }

    #[test]
    fn nothing_else_is_a_backup() {
        for name in [
            "lectern-20260101T000000.000042Z.tar.gz",
            "lectern-20260101T000000Z.tar",
            "lectern-20261301T000000.000000Z.tar",
            "before-the-move.tar",
            "lectern-.tar",
            ".lectern-20260101T000000.000042Z.tar",
        ] {
            assert_eq!(taken_at(name), None, "{name}");
        }
    }
}
