//! The second half of an upload: from the staging file to a queued transcription.

use std::{sync::Arc, time::Duration};

use lectern_domain::{
    access::{Permission, PermissionDenied},
    audit::AuditKind,
    idempotency::{Created, IdempotencyKey, KeyOwner, KeyUse, Operation},
    transcription::{
        AudioKey, ChunkPlan, DurationLimits, DurationOutOfRange, Job, Language, NewTranscription, PlanError,
        Recording, RecordingKinds, Sha256, Title, Transcription, TranscriptionId,
    },
};

use super::AlreadyActive;
use crate::{
    Caller, IdempotencyError,
    error::use_case_error,
    idempotency::{Claim, Fingerprint, Idempotent},
    ports::{
        AudioProbe, AudioReadError, AudioStore, AudioStoreError, Clock, Constraint, EventBus, Ids, Queries,
        StagedAudio, StoreError, Transactions, TranscriptionView, UnitOfWork,
    },
};

/// What a recording must be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadRules {
    /// How long.
    pub durations: DurationLimits,
    /// Into chunks of which size it is cut.
    pub chunk_size: Duration,
    /// How many transcriptions an account keeps; one more removes the oldest finished one.
    pub kept_per_account: u32,
}

impl Default for UploadRules {
    fn default() -> Self {
        Self {
            durations: DurationLimits::default(),
            chunk_size: Duration::from_mins(1),
            kept_per_account: 100,
        }
    }
}

/// Probes a staged recording, keeps it and queues its transcription. Needs `transcriptions.create` and an account that
/// may interact.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct SubmitRecording {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub audio: Arc<dyn AudioStore>,
    pub probe: Arc<dyn AudioProbe>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub rules: UploadRules,
}

/// A recording to be transcribed.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct SubmitInput {
    pub staged: StagedAudio,
    pub title: Option<Title>,
    pub language: Option<Language>,
    /// What it may be.
    pub kinds: RecordingKinds,
    /// Under which the upload may be sent again.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Why a recording was refused. Nothing of it is left behind, unless the store failed at the very end.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// It has no bytes.
    #[error("the recording is empty")]
    Empty,
    /// It is audio, but of a kind that isn't taken.
    #[error("the recording must be an mp3")]
    OtherKind,
    /// It is too short or too long.
    #[error(transparent)]
    Duration(DurationOutOfRange),
    /// It can't be cut into chunks.
    #[error(transparent)]
    Plan(PlanError),
    /// Another one is active.
    #[error(transparent)]
    Active(#[from] AlreadyActive),
    /// The key was used for another recording, or for one whose transcription is gone.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// It can't be read as audio.
    #[error(transparent)]
    Read(#[from] AudioReadError),
    /// It can't be kept.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(SubmitError {
    Empty => Invalid, "not_audio", "audio";
    OtherKind => Invalid, "not_mp3", "audio";
    Duration => Invalid, "duration_out_of_range", "audio";
    Plan => Invalid, "duration_out_of_range", "audio";
    ..Active, Denied, Idempotency, Read, Audio, Store
});

/// A new transcription in a unit that is ready to commit, and the one that makes room for it.
struct Inserted {
    work: Box<dyn UnitOfWork>,
    transcription: Transcription,
    displaced: Option<Transcription>,
}

/// An upload of the caller's under that key.
pub(super) fn key_use(caller: &Caller, key: IdempotencyKey) -> KeyUse {
    KeyUse { owner: KeyOwner::Account(caller.principal.user), operation: Operation::CreateTranscription, key }
}

/// What an upload hashes to: its bytes, and what is said about them.
fn fingerprint(input: &SubmitInput) -> Sha256 {
    Fingerprint::default()
        .part(Some(&input.staged.sha256.0))
        .text(input.title.as_ref().map(Title::as_str))
        .text(input.language.as_ref().map(Language::as_str))
        .finish()
}

impl SubmitRecording {
    /// Queues it, or answers the transcription that the same upload began before; then nothing of this one is kept.
    /// After an error neither file nor row is left; after one of the store that may have come too late, both may be.
    pub async fn execute(
        &self,
        caller: &Caller,
        input: SubmitInput,
    ) -> Result<TranscriptionView, SubmitError> {
        caller.principal.require_interaction(&Permission::TRANSCRIPTIONS_CREATE)?;
        if input.staged.bytes == 0 {
            return Err(SubmitError::Empty);
        }
        let used = input.idempotency_key.clone().map(|key| key_use(caller, key));
        let asked = Idempotent::new(used, fingerprint(&input));
        let submit = self.submit(caller, input, &asked);
        asked.answer(&*self.queries, submit, async |created| self.read_back(created).await).await
    }

    /// Queues it; `None` if the key is taken.
    async fn submit(
        &self,
        caller: &Caller,
        input: SubmitInput,
        asked: &Idempotent,
    ) -> Result<Option<TranscriptionView>, SubmitError> {
        let SubmitInput { staged, title, language, kinds, .. } = input;
        let probed = self.probe.probe(&staged.file).await?;
        if !kinds.include(&probed.media_type) {
            return Err(SubmitError::OtherKind);
        }
        self.rules.durations.check(probed.duration).map_err(SubmitError::Duration)?;
        let plan = ChunkPlan::new(probed.duration, self.rules.chunk_size).map_err(SubmitError::Plan)?;
        let key = AudioKey(self.ids.next());
        let new = NewTranscription {
            id: TranscriptionId(self.ids.next()),
            owner: caller.principal.user,
            title,
            language,
            recording: Recording {
                key,
                media_type: probed.media_type,
                bytes: staged.bytes,
                sha256: staged.sha256,
            },
            plan,
            created_at: self.clock.now(),
        };
        self.audio.keep(staged, key).await?;
        let inserted = self.insert(caller, new, asked).await;
        let Ok(Some(Inserted { work, transcription, displaced })) = inserted else {
            self.discard(key).await;
            return inserted.map(|_none| None);
        };
        // If this errs, nobody knows whether it happened, so the recording stays; the purge finds it if it did not.
        work.commit().await?;
        if let Some(displaced) = displaced {
            self.discard(displaced.parts().recording.key).await;
        }
        self.events.announce_job();
        let owner_number = caller.principal.number;
        Ok(Some(TranscriptionView { transcription, owner_number, chunks_done: 0, description: None }))
    }

    async fn read_back(&self, created: Created) -> Result<TranscriptionView, SubmitError> {
        let Created::Transcription(id) = created else { return Err(IdempotencyError::Gone.into()) };
        Ok(self.queries.transcription(id).await?.ok_or(IdempotencyError::Gone)?)
    }

    /// Inserts the transcription with its job, and removes the oldest one if the account has too many. To be committed.
    async fn insert(
        &self,
        caller: &Caller,
        new: NewTranscription,
        asked: &Idempotent,
    ) -> Result<Option<Inserted>, SubmitError> {
        let (owner, now) = (new.owner, new.created_at);
        let mut work = self.transactions.begin().await?;
        // Before the look at what is active: that may be the same upload, which was faster.
        if asked.claim(&mut *work, Created::Transcription(new.id), now).await? == Claim::Taken {
            return Ok(None);
        }
        if let Some(active) = work.active_transcription(owner).await? {
            return Err(AlreadyActive::from(&active).into());
        }
        let displaced = self.make_room(&mut *work, caller).await?;
        let transcription = match work.insert_transcription(new).await {
            Err(StoreError::Conflict { constraint: Constraint::OneActiveTranscription }) => {
                drop(work);
                return Err(self.lost_race(caller).await?);
            }
            result => result?,
        };
        work.put_job(&Job::enqueue(transcription.id(), now)).await?;
        let kind = AuditKind::TranscriptionCreated(transcription.id());
        work.record(&caller.event(&*self.ids, now, kind, owner)).await?;
        Ok(Some(Inserted { work, transcription, displaced }))
    }

    async fn make_room(
        &self,
        work: &mut dyn UnitOfWork,
        caller: &Caller,
    ) -> Result<Option<Transcription>, StoreError> {
        let owner = caller.principal.user;
        if work.count_transcriptions(owner).await? < self.rules.kept_per_account {
            return Ok(None);
        }
        let oldest = work.oldest_finished(owner).await?;
        if let Some(oldest) = &oldest {
            work.delete_transcription(oldest.id()).await?;
            let kind = AuditKind::TranscriptionDeleted(oldest.id());
            work.record(&caller.event(&*self.ids, self.clock.now(), kind, owner)).await?;
        }
        Ok(oldest)
    }

    /// Another upload was faster between the look and the insertion: say which.
    async fn lost_race(&self, caller: &Caller) -> Result<SubmitError, StoreError> {
        let mut work = self.transactions.begin().await?;
        Ok(match work.active_transcription(caller.principal.user).await? {
            Some(active) => AlreadyActive::from(&active).into(),
            None => StoreError::Conflict { constraint: Constraint::OneActiveTranscription }.into(),
        })
    }

    /// Deletes audio that no row refers to. If that fails, the purge finds it later.
    async fn discard(&self, key: AudioKey) {
        if let Err(error) = self.audio.delete(key).await {
            tracing::warn!(audio_key = %key.0, %error, "could not delete audio that is not needed any more");
        }
    }
}
