//! The newest backup that there is.

use std::sync::Arc;

use lectern_domain::time::Timestamp;

use crate::{
    metrics::catalogue::{BACKUP_LAST_SUCCESS, BACKUP_SIZE},
    ports::{Backups, BackupsError, StoredBackup},
};

/// Finds the newest backup, and reports it to whoever measures: after a start, nothing was taken yet.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct FindLatestBackup {
    pub backups: Arc<dyn Backups>,
}

impl FindLatestBackup {
    /// Looks for it.
    pub async fn execute(&self) -> Result<Option<StoredBackup>, BackupsError> {
        let newest = self.backups.list().await?.into_iter().next();
        if let Some(newest) = &newest {
            note(newest.taken_at, newest.bytes);
        }
        Ok(newest)
    }
}

/// Reports the newest backup.
pub(super) fn note(taken_at: Timestamp, bytes: u64) {
    BACKUP_LAST_SUCCESS.set([], decimal(taken_at.as_unix_seconds().unsigned_abs()));
    BACKUP_SIZE.set([], decimal(bytes));
}

/// Gauges are floating-point numbers: exact up to 2^53, rounded beyond.
fn decimal(number: u64) -> f64 {
    let [low, high] =
        [number & u64::from(u32::MAX), number >> 32].map(|half| u32::try_from(half).unwrap_or(u32::MAX));
    f64::from(high).mul_add(4_294_967_296.0, f64::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact() {
        let shown =
            [0, 1, 4_294_967_295, 4_294_967_296, 1 << 50].map(|number| format!("{}", decimal(number)));
        assert_eq!(shown, ["0", "1", "4294967295", "4294967296", "1125899906842624"]);
    }
}
