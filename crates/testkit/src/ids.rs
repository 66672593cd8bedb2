//! Ids that are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use lectern_application::ports::Ids;
use uuid::{Builder, Uuid};

/// Ids of the form UUIDv7 that count upwards from 1, all of one millisecond, which tells the *series*. Two of the same
/// series give the same ids.
#[derive(Debug)]
pub struct SequentialIds {
    series_millis: u64,
    last: AtomicU64,
}

impl Default for SequentialIds {
    /// The series that use cases take their ids from.
    fn default() -> Self {
        Self::series(1_767_225_600_000)
    }
}

impl SequentialIds {
    /// The series of that millisecond since the Unix epoch. Different series never meet.
    pub const fn series(millis: u64) -> Self {
        Self { series_millis: millis, last: AtomicU64::new(0) }
    }
}

impl Ids for SequentialIds {
    fn next(&self) -> Uuid {
        let count = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        let mut bytes = [0; 10];
        // The first bits of these bytes become the version and the variant; the count stays clear of them.
        bytes[2..].copy_from_slice(&count.to_be_bytes());
        Builder::from_unix_timestamp_millis(self.series_millis, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_7_in_ascending_order() {
        let ids = SequentialIds::default();
        let made: Vec<Uuid> = (0..1000).map(|_| ids.next()).collect();
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        assert!(made.is_sorted_by(|a, b| a < b));
    }
}
