//! Removing what is not needed any more, in small batches.

use std::{sync::Arc, time::Duration};

use lectern_domain::time::Timestamp;

use crate::{
    error::use_case_error,
    ports::{AudioStore, AudioStoreError, Clock, LogSink, Queries, StoreError, Transactions},
};

/// Rows or objects per batch: few enough that nobody waits long for the writer.
const BATCH: u32 = 500;
/// The same for pages of keys: as many as S3 lists with one request.
const BATCH_OF_KEYS: usize = 1_000;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Sessions, after they ended or expired.
    pub sessions: Duration,
    /// Audit events.
    pub audit: Duration,
    /// Lines of the server's log that are in the database.
    pub log: Duration,
    /// What idempotency keys were used for: so long a request can be sent again.
    pub keys: Duration,
    /// Challenges, after they expired.
    pub challenges: Duration,
    /// Recordings that no transcription refers to: younger ones may belong to an upload under way.
    pub unreferenced_audio: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |n: u64| Duration::from_hours(24 * n);
        Self {
            sessions: days(30),
            audit: days(180),
            log: days(14),
            keys: days(1),
            challenges: days(1),
            unreferenced_audio: days(1),
        }
    }
}

/// How much was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "as the fields of Retention")]
pub struct Purged {
    pub sessions: u32,
    pub audit: u32,
    pub log: u32,
    pub keys: u32,
    pub challenges: u32,
    pub unreferenced_audio: u32,
}

/// Removes what has been kept long enough. Running it twice, or on several replicas at once, does no harm.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct Purge {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub audio: Arc<dyn AudioStore>,
    pub log: Arc<dyn LogSink>,
    pub clock: Arc<dyn Clock>,
    pub retention: Retention,
}

/// Why it stopped. What was removed before stays removed.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The audio store failed.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(PurgeError { ..Audio, Store });

/// What is purged row by row.
#[derive(Clone, Copy)]
enum Rows {
    Sessions,
    Audit,
    Keys,
    Challenges,
}

impl Purge {
    /// Removes all that is due.
    pub async fn execute(&self) -> Result<Purged, PurgeError> {
        let now = self.clock.now();
        Ok(Purged {
            sessions: self.rows(Rows::Sessions, now.minus(self.retention.sessions)).await?,
            audit: self.rows(Rows::Audit, now.minus(self.retention.audit)).await?,
            log: self.log(now.minus(self.retention.log)).await?,
            keys: self.rows(Rows::Keys, now.minus(self.retention.keys)).await?,
            challenges: self.rows(Rows::Challenges, now.minus(self.retention.challenges)).await?,
            unreferenced_audio: self.audio(now.minus(self.retention.unreferenced_audio)).await?,
        })
    }

    /// Purges rows of one kind, a batch in each unit, so that nobody waits long for their turn.
    async fn rows(&self, kind: Rows, before: Timestamp) -> Result<u32, StoreError> {
        let mut total = 0_u32;
        loop {
            let mut work = self.transactions.begin().await?;
            let removed = match kind {
                Rows::Sessions => work.purge_sessions(before, BATCH).await?,
                Rows::Audit => work.purge_audit(before, BATCH).await?,
                Rows::Keys => work.purge_keys(before, BATCH).await?,
                Rows::Challenges => work.purge_challenges(before, BATCH).await?,
            };
            work.commit().await?;
            total = total.saturating_add(removed);
            if removed < BATCH {
                return Ok(total);
            }
        }
    }

    /// Purges the log, as long as a batch is full.
    async fn log(&self, before: Timestamp) -> Result<u32, StoreError> {
        let mut total = 0_u32;
        loop {
            let removed = self.log.purge(before, BATCH).await?;
            total = total.saturating_add(removed);
            if removed < BATCH {
                return Ok(total);
            }
        }
    }

    /// Walks through the store page by page, however many recordings it has.
    async fn audio(&self, before: Timestamp) -> Result<u32, PurgeError> {
        let (mut removed, mut after) = (0_u32, None);
        loop {
            let kept = self.audio.kept_before(before, after, BATCH_OF_KEYS).await?;
            let Some(last) = kept.last() else { return Ok(removed) };
            for key in self.queries.unreferenced_audio(&kept).await? {
                self.audio.delete(key).await?;
                removed = removed.saturating_add(1);
            }
            if kept.len() < BATCH_OF_KEYS {
                return Ok(removed);
            }
            after = Some(*last);
        }
    }
}
