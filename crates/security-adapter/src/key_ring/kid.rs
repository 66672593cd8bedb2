//! The names of keys. One that is made here is a UUIDv7 (RFC 9562, section 5.7) whose time is the one at which the key
//! begins to sign, so that all servers which have the key agree about that. Any other name says no time: such a key has
//! always been there.

use lectern_domain::time::Timestamp;
use uuid::{Builder, Uuid};

use crate::NoRandomness;

/// The most characters of a name.
const MAX_CHARS: usize = 64;

/// Whether that can be a key's name: it is a file's, too.
pub(super) fn is_valid(kid: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=MAX_CHARS).contains(&kid.len()) && kid.chars().all(allowed)
}

/// A new name that says this time, rounded down to the millisecond.
pub(super) fn fresh(begins: Timestamp) -> Result<String, NoRandomness> {
    let mut random = [0; 10];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| NoRandomness)?;
    let millis = u64::try_from(begins.as_micros() / 1000).unwrap_or_default();
    Ok(Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string())
}

/// When the key of that name begins to sign, if the name says so.
pub(super) fn begins(kid: &str) -> Option<Timestamp> {
    let uuid = Uuid::try_parse(kid).ok().filter(|uuid| uuid.get_version_num() == 7)?;
    let (seconds, nanos) = uuid.get_timestamp()?.to_unix();
    let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?;
    Some(Timestamp::from_micros(micros.checked_add(i64::from(nanos / 1000))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_name_says_its_time_to_the_millisecond() {
        let kid = fresh(Timestamp::from_micros(1_767_225_600_123_456)).unwrap();
        assert!(is_valid(&kid));
        assert_eq!(begins(&kid), Some(Timestamp::from_micros(1_767_225_600_123_000)));
    }

    #[test]
    fn two_fresh_names_of_one_time_differ() {
        let time = Timestamp::from_micros(1_767_225_600_123_456);
        assert_ne!(fresh(time).unwrap(), fresh(time).unwrap());
    }

    #[test]
    fn other_names_say_no_time() {
        for kid in ["", "main", "936da01f-9abd-4d9d-80c7-02af85c822a8"] {
            assert_eq!(begins(kid), None, "{kid}");
        }
    }
}
