//! Taking in a recording whose transcript is known already.

use std::{sync::Arc, time::Duration};

use lectern_domain::{
    account::{Standing, UserId},
    audit::AuditKind,
    transcription::{
        AudioKey, Chunk, ChunkError, ChunkNumbers, ChunkPlan, Language, NewTranscription, PlanError,
        Recording, Segment, Title, Transcription, TranscriptionId, TransitionError,
    },
};

use crate::{
    MachineOperator,
    error::use_case_error,
    ports::{
        AudioProbe, AudioReadError, AudioStore, AudioStoreError, Clock, Constraint, Ids, StagedAudio,
        StoreError, Transactions, UnitOfWork,
    },
};

/// Keeps a recording with its transcript, as a transcription of somebody's that is completed. There is never a job, so no
/// worker does it again.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct ImportTranscript {
    pub transactions: Arc<dyn Transactions>,
    pub audio: Arc<dyn AudioStore>,
    pub probe: Arc<dyn AudioProbe>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// Into chunks of which size it is cut.
    pub chunk_size: Duration,
}

/// A recording and what is said in it.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct ImportInput {
    /// Whose transcription it is to be.
    pub owner: UserId,
    pub staged: StagedAudio,
    pub title: Option<Title>,
    pub language: Option<Language>,
    /// What is said, in the order of the times. A segment belongs to the chunk that it starts in.
    pub segments: Vec<Segment>,
}

/// Why it was not taken in. Nothing of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum ImportTranscriptError {
    /// There is no such account, or it is deleted.
    #[error("there is no such account")]
    NoOwner,
    /// The owner has a transcription that is active.
    #[error("another transcription of the account is under way; wait for its end, or cancel it")]
    Active,
    /// It can't be cut into chunks.
    #[error(transparent)]
    Plan(PlanError),
    /// The text can't be that of chunks.
    #[error(transparent)]
    Text(ChunkError),
    /// It can't be read as audio.
    #[error(transparent)]
    Read(#[from] AudioReadError),
    /// It can't be kept.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// A state did not allow it.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

use_case_error!(ImportTranscriptError {
    NoOwner => NotFound, "account_not_found";
    Active => Conflict, "transcription_active";
    Plan => Invalid, "duration_out_of_range", "audio";
    Text => Invalid, "validation_failed", "segments";
    ..Read, Audio, Transition, Store
});

impl From<StoreError> for ImportTranscriptError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint: Constraint::OneActiveTranscription } => Self::Active,
            other => Self::Store(other),
        }
    }
}

impl ImportTranscript {
    /// Takes it in.
    pub async fn execute(
        &self,
        operator: &MachineOperator,
        input: ImportInput,
    ) -> Result<TranscriptionId, ImportTranscriptError> {
        let ImportInput { owner, staged, title, language, segments } = input;
        let probed = self.probe.probe(&staged.file).await?;
        let plan = ChunkPlan::new(probed.duration, self.chunk_size).map_err(ImportTranscriptError::Plan)?;
        let chunks = chunks(plan, segments).map_err(ImportTranscriptError::Text)?;
        let key = AudioKey(self.ids.next());
        let recording =
            Recording { key, media_type: probed.media_type, bytes: staged.bytes, sha256: staged.sha256 };
        let id = TranscriptionId(self.ids.next());
        let created_at = self.clock.now();
        let new = NewTranscription { id, owner, title, language, recording, plan, created_at };
        self.audio.keep(staged, key).await?;
        match self.store(operator, new, &chunks).await {
            Ok(work) => {
                // If this errs, nobody knows whether it happened; the purge finds the audio if it did not.
                work.commit().await?;
                Ok(id)
            }
            Err(error) => {
                // If that fails too, the purge finds it later.
                if let Err(error) = self.audio.delete(key).await {
                    tracing::warn!(audio_key = %key.0, %error, "could not delete audio that is not needed any more");
                }
                Err(error)
            }
        }
    }

    /// Stores it in a unit that is to be committed.
    async fn store(
        &self,
        operator: &MachineOperator,
        new: NewTranscription,
        chunks: &[Chunk],
    ) -> Result<Box<dyn UnitOfWork>, ImportTranscriptError> {
        let (id, owner, now) = (new.id, new.owner, new.created_at);
        let mut work = self.transactions.begin().await?;
        let user = work.user(owner).await?;
        if user.is_none_or(|user| matches!(user.standing(), Standing::Deleted { .. })) {
            return Err(ImportTranscriptError::NoOwner);
        }
        let transcription = work.insert_transcription(new).await?.start(now)?;
        let transcription = with_chunks(&mut *work, transcription, chunks).await?;
        work.save_transcription(&transcription).await?;
        let kind = AuditKind::TranscriptionCreated(id);
        work.record(&operator.event(&*self.ids, now, kind, Some(owner))).await?;
        Ok(work)
    }
}

/// Stores the chunks, and answers the transcription as it is with all of them.
async fn with_chunks(
    work: &mut dyn UnitOfWork,
    mut transcription: Transcription,
    chunks: &[Chunk],
) -> Result<Transcription, ImportTranscriptError> {
    let at = transcription.parts().created_at;
    let mut stored = ChunkNumbers::default();
    for chunk in chunks {
        transcription = transcription.store_chunk(chunk.number(), at)?;
        work.put_chunk(transcription.id(), chunk, transcription.parts().revision).await?;
        stored.insert(chunk.number());
    }
    Ok(transcription.finish(&stored, at)?)
}

/// A chunk for each that is planned, with the segments that start in it; what starts later is in the last.
fn chunks(plan: ChunkPlan, segments: Vec<Segment>) -> Result<Vec<Chunk>, ChunkError> {
    let mut segments = segments.into_iter().peekable();
    let last = plan.planned().next_back();
    plan.planned()
        .map(|number| {
            let end = plan.range(number).end;
            let mut own = Vec::new();
            while let Some(segment) =
                segments.next_if(|segment| segment.start() < end || Some(number) == last)
            {
                own.push(segment);
            }
            Chunk::from_segments(number, own)
        })
        .collect()
}
