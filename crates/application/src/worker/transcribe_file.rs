//! Transcribing a file of this machine, without accounts, jobs or a database.

use std::{sync::Arc, time::Duration};

use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, ChunkPlan, Language, NewTranscription, PlanError, Recording, Sha256, Title,
        TranscriptionId, TranscriptionNumber,
    },
};
use uuid::Uuid;

use super::chunker::{ChunkFailure, Chunker};
use crate::ports::{
    AudioDecoder, AudioProbe, AudioReadError, Document, ExportFormat, LocalFile, Recognizer, RenderError,
    Transcript, TranscriptRenderer,
};

/// Transcribes a file chunk by chunk, as a [`Worker`](super::Worker) would, and renders the text.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct TranscribeFile {
    pub probe: Arc<dyn AudioProbe>,
    pub decoder: Arc<dyn AudioDecoder>,
    pub recognizer: Arc<dyn Recognizer>,
    pub renderer: Arc<dyn TranscriptRenderer>,
    /// Into chunks of which size the recording is cut.
    pub chunk_size: Duration,
}

/// A file to be transcribed.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct TranscribeFileInput {
    pub file: LocalFile,
    pub title: Option<Title>,
    pub language: Option<Language>,
    pub format: ExportFormat,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum TranscribeFileError {
    /// The file can't be read as audio.
    #[error(transparent)]
    Read(#[from] AudioReadError),
    /// It can't be cut into chunks.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A chunk of it can't be made.
    #[error(transparent)]
    Chunk(#[from] ChunkFailure),
    /// The text can't be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl TranscribeFile {
    /// Transcribes the file. Tells `progress` how many chunks are done, and of how many: first none, at last all.
    pub async fn execute(
        &self,
        input: TranscribeFileInput,
        mut progress: impl FnMut(u32, u32),
    ) -> Result<Document, TranscribeFileError> {
        let probed = self.probe.probe(&input.file).await?;
        let plan = ChunkPlan::new(probed.duration, self.chunk_size)?;
        let planned = plan.planned_count();
        let language = input.language.as_ref();
        let mut chunker = Chunker::new(&*self.decoder, &*self.recognizer, &input.file, plan, language);
        let mut chunks = Vec::new();
        progress(0, planned);
        for (number, done) in plan.planned().zip(1..) {
            chunks.push(chunker.chunk(number).await?);
            progress(done, planned);
        }
        let transcript = transcript(input.title, input.language, probed.media_type, plan, chunks);
        Ok(self.renderer.render(transcript, input.format).await?)
    }
}

/// The transcript of a recording that is nobody's and kept nowhere: what only a server knows is nil.
fn transcript(
    title: Option<Title>,
    language: Option<Language>,
    media_type: String,
    plan: ChunkPlan,
    chunks: Vec<Chunk>,
) -> Transcript {
    let recording = Recording { key: AudioKey(Uuid::nil()), media_type, bytes: 0, sha256: Sha256([0; 32]) };
    let new = NewTranscription {
        id: TranscriptionId(Uuid::nil()),
        owner: UserId(Uuid::nil()),
        title,
        language,
        recording,
        plan,
        created_at: Timestamp::from_micros(0),
    };
    Transcript { transcription: new.numbered(TranscriptionNumber(0)), chunks }
}
