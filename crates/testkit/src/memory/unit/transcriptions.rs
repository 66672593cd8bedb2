//! Transcriptions, their chunks and their jobs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lectern_application::ports::{JobStore, StoreError, TranscriptionStore};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        Chunk, ChunkNumbers, Job, LeaseId, NewTranscription, Transcription, TranscriptionId,
        TranscriptionNumber, TranscriptionParts,
    },
};

use super::MemoryUnitOfWork;
use crate::memory::tables::{StoredTranscription, Tables, no_such_row};

#[async_trait]
impl TranscriptionStore for MemoryUnitOfWork {
    async fn insert_transcription(
        &mut self,
        transcription: NewTranscription,
    ) -> Result<Transcription, StoreError> {
        self.call(|tables| {
            Tables::check_new(&tables.transcriptions, &transcription.id, "transcriptions.id")?;
            Tables::check_reference(&tables.users, &transcription.owner, "transcriptions.owner_id")?;
            let owner = tables.users.get(&transcription.owner).map(|owner| owner.parts().number);
            tables.last_transcription_number += 1;
            let number = TranscriptionNumber(tables.last_transcription_number);
            let transcription = transcription.numbered(number);
            tables.check_only_active(&transcription)?;
            let row = StoredTranscription {
                transcription: transcription.clone(),
                owner_number: owner.ok_or_else(|| no_such_row("users"))?,
                chunks: BTreeMap::new(),
            };
            tables.transcriptions.insert(transcription.id(), row);
            Ok(transcription)
        })
    }

    async fn transcription(&mut self, id: TranscriptionId) -> Result<Option<Transcription>, StoreError> {
        self.read(|tables| tables.transcriptions.get(&id).map(|row| row.transcription.clone()))
    }

    async fn active_transcription(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.read(|tables| tables.active(owner).cloned())
    }

    async fn save_transcription(&mut self, transcription: &Transcription) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.check_only_active(transcription)?;
            let row = tables.stored(transcription.id())?;
            let new = transcription.parts();
            row.transcription = Transcription::from_parts(TranscriptionParts {
                title: new.title.clone(),
                state: new.state,
                error_count: new.error_count,
                revision: new.revision,
                audio_removed_at: new.audio_removed_at,
                updated_at: new.updated_at,
                ..row.transcription.parts().clone()
            });
            Ok(())
        })
    }

    async fn put_chunk(
        &mut self,
        id: TranscriptionId,
        chunk: &Chunk,
        revision: u32,
    ) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.stored(id)?.chunks.insert(chunk.number(), (revision, chunk.clone()));
            Ok(())
        })
    }

    async fn chunk_numbers(&mut self, id: TranscriptionId) -> Result<ChunkNumbers, StoreError> {
        self.read(|tables| {
            tables.transcriptions.get(&id).map(StoredTranscription::numbers).unwrap_or_default()
        })
    }

    async fn count_transcriptions(&mut self, owner: UserId) -> Result<u32, StoreError> {
        self.read(|tables| u32::try_from(tables.owned(owner).len()).unwrap_or(u32::MAX))
    }

    async fn oldest_finished(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.read(|tables| {
            let mut oldest_first = tables.owned(owner).into_iter();
            let oldest = oldest_first.find(|row| !row.transcription.state().is_active())?;
            Some(oldest.transcription.clone())
        })
    }

    async fn finished_with_audio(
        &mut self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Transcription>, StoreError> {
        self.read(|tables| {
            let rows = tables.transcriptions.values().map(|row| &row.transcription);
            let with_audio = rows.filter(|found| found.parts().audio_removed_at.is_none());
            let finished_at = |found: &&Transcription| found.parts().state.finished_at();
            let mut due: Vec<_> =
                with_audio.filter(|found| finished_at(found).is_some_and(|at| at < before)).collect();
            due.sort_unstable_by_key(|found| (finished_at(found), found.parts().number));
            due.into_iter().take(usize::try_from(limit).unwrap()).cloned().collect()
        })
    }

    async fn delete_transcription(&mut self, id: TranscriptionId) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.transcriptions.remove(&id);
            tables.jobs.remove(&id);
            Ok(())
        })
    }
}

#[async_trait]
impl JobStore for MemoryUnitOfWork {
    async fn put_job(&mut self, job: &Job) -> Result<(), StoreError> {
        self.call(|tables| {
            let id = job.parts().transcription;
            Tables::check_reference(&tables.transcriptions, &id, "jobs.transcription_id")?;
            tables.jobs.insert(id, job.clone());
            Ok(())
        })
    }

    async fn job(&mut self, id: TranscriptionId) -> Result<Option<Job>, StoreError> {
        self.read(|tables| tables.jobs.get(&id).cloned())
    }

    async fn leased_job(&mut self, lease: LeaseId) -> Result<Option<Job>, StoreError> {
        let leased = |job: &&Job| job.parts().lease.as_ref().is_some_and(|held| held.id == lease);
        self.read(|tables| tables.jobs.values().find(leased).cloned())
    }

    async fn next_available_job(&mut self, now: Timestamp) -> Result<Option<Job>, StoreError> {
        self.read(|tables| {
            let available = tables.jobs.values().filter(|job| job.is_available(now));
            available.min_by_key(|job| (job.parts().enqueued_at, job.parts().transcription)).cloned()
        })
    }

    async fn remove_job(&mut self, id: TranscriptionId) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.jobs.remove(&id);
            Ok(())
        })
    }
}
