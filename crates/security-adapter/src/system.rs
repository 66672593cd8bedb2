//! Time, ids and randomness from the operating system: the one place that asks it.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use lectern_application::ports::{Clock, Ids, NoRandomBytes, Random};
use lectern_domain::time::Timestamp;
use uuid::Uuid;

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the `Clock` port's only real implementation")]
    fn now(&self) -> Timestamp {
        let epoch = Timestamp::from_micros(0);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => epoch.plus(since),
            Err(before) => epoch.minus(before.duration()),
        }
    }
}

/// UUIDv7 (RFC 9562, section 5.7) with a counter (section 6.2, method 1) that the whole process shares, so that ids
/// sort as they were made even within a millisecond and when the clock is set back.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7Ids;

impl Ids for UuidV7Ids {
    #[expect(clippy::disallowed_methods, reason = "this is the `Ids` port's only real implementation")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The generator of aws-lc (NIST SP 800-90A), seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomBytes> {
        rand::fill(bytes).map_err(|_| NoRandomBytes)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_clock_tells_the_time_of_the_file_system() {
        let modified = tempfile::tempfile().unwrap().metadata().unwrap().modified().unwrap();
        let written = Timestamp::from_micros(0).plus(modified.duration_since(UNIX_EPOCH).unwrap());
        let now = SystemClock.now();
        assert!(now.since(written).max(written.since(now)) < Duration::from_mins(1));
    }

    #[test]
    fn ids_sort_as_they_were_made() {
        let ids: Vec<Uuid> = (0..10_000).map(|_| UuidV7Ids.next()).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
