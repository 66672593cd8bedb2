//! The server's log. It is beside the tables, as no unit of work has a part in it.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use lectern_application::ports::{LogFilter, LogSink, StoreError};
use lectern_domain::{
    log::{LogEntry, LogEntryId},
    time::Timestamp,
};

use super::MemoryDatabase;

/// Lines by their ids.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<BTreeMap<LogEntryId, LogEntry>>);

impl Log {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<LogEntryId, LogEntry>> {
        self.0.lock().unwrap()
    }

    /// Those that pass the filter, newest first.
    pub(super) fn listed(&self, filter: &LogFilter) -> Vec<LogEntry> {
        let mut listed: Vec<_> =
            self.lock().values().filter(|entry| passes(filter, entry)).cloned().collect();
        listed.sort_by_key(|entry| Reverse((entry.at, entry.id)));
        listed
    }
}

fn passes(filter: &LogFilter, entry: &LogEntry) -> bool {
    filter.level.is_none_or(|least| entry.level >= least)
        && filter.since.is_none_or(|since| entry.at >= since)
        && filter.until.is_none_or(|until| entry.at < until)
        && filter.request_id.is_none_or(|id| entry.request_id == Some(id))
        && filter.route.as_ref().is_none_or(|route| entry.route.as_ref() == Some(route))
        && filter.status.is_none_or(|status| entry.status == Some(status))
        && filter.message.as_ref().is_none_or(|part| entry.message.has(part))
}

#[async_trait]
impl LogSink for MemoryDatabase {
    async fn append(&self, entries: &[LogEntry]) -> Result<(), StoreError> {
        self.check_reachable()?;
        let mut log = self.log().lock();
        for entry in entries {
            log.entry(entry.id).or_insert_with(|| entry.clone());
        }
        Ok(())
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.check_reachable()?;
        let mut log = self.log().lock();
        let mut due: Vec<_> =
            log.values().filter(|entry| entry.at < before).map(|entry| (entry.at, entry.id)).collect();
        due.sort_unstable();
        due.truncate(usize::try_from(limit).unwrap());
        for (_, id) in &due {
            log.remove(id);
        }
        Ok(u32::try_from(due.len()).unwrap())
    }

    async fn purge_beyond(&self, most: u64, limit: u32) -> Result<u32, StoreError> {
        self.check_reachable()?;
        let mut log = self.log().lock();
        let excess = log.len().saturating_sub(usize::try_from(most).unwrap());
        let mut oldest: Vec<_> = log.values().map(|entry| (entry.at, entry.id)).collect();
        oldest.sort_unstable();
        oldest.truncate(excess.min(usize::try_from(limit).unwrap()));
        for (_, id) in &oldest {
            log.remove(id);
        }
        Ok(u32::try_from(oldest.len()).unwrap())
    }
}
