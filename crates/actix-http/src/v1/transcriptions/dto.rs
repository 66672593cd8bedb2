//! Transcriptions as v1 shows them.

use lectern_application::ports::TranscriptionView;
use lectern_domain::transcription::{Chunk, ChunkPlan, Segment};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::v1::time::{rfc3339, seconds};

/// A recording on its way to text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transcription)]
pub(super) struct TranscriptionBody {
    /// Its id.
    id: Uuid,
    /// Its number, for clients with integer ids.
    number: i64,
    /// Whose it is.
    owner_id: Uuid,
    /// What its owner calls it.
    title: Option<String>,
    /// The language spoken, as a BCP 47 tag, if its owner said.
    language: Option<String>,
    /// `queued`, `in_progress`, `processing_error`, `completed`, `completed_partially`, `processing_fail` or
    /// `cancelled`.
    #[schema(example = "in_progress")]
    state: &'static str,
    /// Errors since the last retry; the third is the last.
    error_count: u8,
    /// How long the recording is.
    duration_seconds: f64,
    /// How long a chunk is.
    chunk_seconds: f64,
    /// How many chunks are transcribed.
    chunks_done: u32,
    /// How many chunks there will be.
    chunks_planned: u32,
    /// How it begins: the first 256 characters of chunk 0.
    description: Option<String>,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it reached a final state.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// When its recording was removed, of which the text stays; null as long as it can be heard and transcribed again.
    #[schema(format = DateTime)]
    audio_removed_at: Option<String>,
}

impl From<&TranscriptionView> for TranscriptionBody {
    fn from(view: &TranscriptionView) -> Self {
        let parts = view.transcription.parts();
        Self {
            id: parts.id.0,
            number: parts.number.0,
            owner_id: parts.owner.0,
            title: parts.title.as_ref().map(ToString::to_string),
            language: parts.language.as_ref().map(|tag| tag.as_str().to_owned()),
            state: parts.state.name().as_str(),
            error_count: parts.error_count,
            duration_seconds: seconds(parts.plan.duration()),
            chunk_seconds: seconds(parts.plan.size()),
            chunks_done: view.chunks_done,
            chunks_planned: parts.plan.planned_count(),
            description: view.description.clone(),
            created_at: rfc3339(parts.created_at),
            updated_at: rfc3339(parts.updated_at),
            finished_at: parts.state.finished_at().map(rfc3339),
            audio_removed_at: parts.audio_removed_at.map(rfc3339),
        }
    }
}

/// A stretch of speech.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
pub(in crate::v1) struct SegmentBody {
    /// When it starts, from the recording's beginning.
    start_seconds: f64,
    /// When it ends.
    end_seconds: f64,
    /// What was said.
    text: String,
}

impl From<&Segment> for SegmentBody {
    fn from(segment: &Segment) -> Self {
        Self {
            start_seconds: seconds(segment.start()),
            end_seconds: seconds(segment.end()),
            text: segment.text().to_owned(),
        }
    }
}

/// The text of one chunk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Chunk)]
pub(in crate::v1) struct ChunkBody {
    /// Its number, from 0.
    number: u32,
    /// When it starts, from the recording's beginning.
    start_seconds: f64,
    /// When it ends.
    end_seconds: f64,
    /// What was said.
    text: String,
    /// When what was said, if the recogniser knew.
    segments: Vec<SegmentBody>,
}

impl ChunkBody {
    pub(in crate::v1) fn new(chunk: &Chunk, plan: ChunkPlan) -> Self {
        let range = plan.range(chunk.number());
        Self {
            number: chunk.number().0,
            start_seconds: seconds(range.start),
            end_seconds: seconds(range.end),
            text: chunk.text().to_owned(),
            segments: chunk.segments().iter().map(SegmentBody::from).collect(),
        }
    }
}
