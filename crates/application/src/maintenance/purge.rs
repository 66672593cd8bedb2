//! Removing what is not needed any more, in small batches.

use std::sync::Arc;

use lectern_domain::{
    time::Timestamp,
    transcription::{AudioKey, AudioNeeded},
};

use super::retention::{Kind, Purged, Retention};
use crate::{
    error::use_case_error,
    ports::{AudioStore, AudioStoreError, Clock, LogSink, Queries, StoreError, Transactions},
};

/// Rows or objects per batch: few enough that nobody waits long for the writer.
const BATCH: u32 = 500;
/// The same for pages of keys: as many as S3 lists with one request.
const BATCH_OF_KEYS: usize = 1_000;
/// The same for transcriptions, each of which is saved by itself.
const BATCH_OF_RECORDINGS: u32 = 100;

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
    /// The store says of an active transcription that it ended.
    #[error(transparent)]
    Needed(#[from] AudioNeeded),
}

use_case_error!(PurgeError {
    Needed => Internal, "internal";
    ..Audio, Store
});

/// What is purged row by row, each batch in a unit of its own.
#[derive(Clone, Copy)]
enum Rows {
    Sessions,
    Audit,
    Keys,
    Challenges,
}

impl Rows {
    const fn kind(self) -> Kind {
        match self {
            Self::Sessions => Kind::Sessions,
            Self::Audit => Kind::Audit,
            Self::Keys => Kind::Keys,
            Self::Challenges => Kind::Challenges,
        }
    }
}

impl Purge {
    /// Removes all that is due. What needs the audio store comes last, so that the rest goes even while that is away.
    pub async fn execute(&self) -> Result<Purged, PurgeError> {
        let (now, kept) = (self.clock.now(), self.retention);
        Ok(Purged {
            sessions: self.rows(Rows::Sessions, now.minus(kept.sessions)).await?,
            audit: self.rows(Rows::Audit, now.minus(kept.audit)).await?,
            keys: self.rows(Rows::Keys, now.minus(kept.keys)).await?,
            challenges: self.rows(Rows::Challenges, now.minus(kept.challenges)).await?,
            log: self.log(now.minus(kept.log)).await?,
            audio: self.audio(now).await?,
            unreferenced_audio: self.unreferenced_audio(now.minus(kept.unreferenced_audio)).await?,
        })
    }

    /// Purges rows of one kind.
    async fn rows(&self, rows: Rows, before: Timestamp) -> Result<u32, StoreError> {
        let mut removed = Tally::of(rows.kind());
        while removed.add(self.batch(rows, before).await?, BATCH) == Batch::Full {}
        Ok(removed.total)
    }

    async fn batch(&self, rows: Rows, before: Timestamp) -> Result<u32, StoreError> {
        let mut work = self.transactions.begin().await?;
        let removed = match rows {
            Rows::Sessions => work.purge_sessions(before, BATCH).await?,
            Rows::Audit => work.purge_audit(before, BATCH).await?,
            Rows::Keys => work.purge_keys(before, BATCH).await?,
            Rows::Challenges => work.purge_challenges(before, BATCH).await?,
        };
        work.commit().await?;
        Ok(removed)
    }

    /// Purges the log of what is too old, and then of what is too much.
    async fn log(&self, before: Timestamp) -> Result<u32, StoreError> {
        let (mut removed, most) = (Tally::of(Kind::Log), self.retention.log_rows);
        while removed.add(self.log.purge(before, BATCH).await?, BATCH) == Batch::Full {}
        while removed.add(self.log.purge_beyond(most, BATCH).await?, BATCH) == Batch::Full {}
        Ok(removed.total)
    }

    /// Removes the audio of what ended long ago. First the rows say so; whoever dies before the objects are gone leaves them
    /// to be found among those that nothing refers to.
    async fn audio(&self, now: Timestamp) -> Result<u32, PurgeError> {
        let Some(kept) = self.retention.audio else { return Ok(0) };
        let before = now.minus(kept);
        let mut removed = Tally::of(Kind::Audio);
        loop {
            let keys = self.forget_audio(before, now).await?;
            for key in &keys {
                self.audio.delete(*key).await?;
            }
            let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            if removed.add(count, BATCH_OF_RECORDINGS) == Batch::Last {
                return Ok(removed.total);
            }
        }
    }

    /// Notes of a batch of transcriptions that they have no audio any more, and answers where it is. Nobody can queue one of
    /// them again meanwhile, as their rows are held.
    async fn forget_audio(&self, before: Timestamp, now: Timestamp) -> Result<Vec<AudioKey>, PurgeError> {
        let mut work = self.transactions.begin().await?;
        let due = work.finished_with_audio(before, BATCH_OF_RECORDINGS).await?;
        let mut keys = Vec::with_capacity(due.len());
        for transcription in due {
            let transcription = transcription.remove_audio(now)?;
            work.save_transcription(&transcription).await?;
            keys.push(transcription.parts().recording.key);
        }
        work.commit().await?;
        Ok(keys)
    }

    /// Walks through the store page by page, however many recordings it has.
    async fn unreferenced_audio(&self, before: Timestamp) -> Result<u32, PurgeError> {
        let (mut removed, mut after) = (Tally::of(Kind::UnreferencedAudio), None);
        loop {
            let kept = self.audio.kept_before(before, after, BATCH_OF_KEYS).await?;
            let Some(last) = kept.last() else { return Ok(removed.total) };
            for key in self.queries.unreferenced_audio(&kept).await? {
                self.audio.delete(key).await?;
                removed.add(1, 1);
            }
            if kept.len() < BATCH_OF_KEYS {
                return Ok(removed.total);
            }
            after = Some(*last);
        }
    }
}

/// What went so far of one kind. Each batch is by itself, so that nobody waits long for their turn.
struct Tally {
    kind: Kind,
    total: u32,
}

/// Whether another batch may follow.
#[derive(PartialEq, Eq)]
enum Batch {
    Full,
    Last,
}

impl Tally {
    const fn of(kind: Kind) -> Self {
        Self { kind, total: 0 }
    }

    fn add(&mut self, removed: u32, most: u32) -> Batch {
        self.kind.count(removed);
        self.total = self.total.saturating_add(removed);
        if removed < most { Batch::Last } else { Batch::Full }
    }
}
