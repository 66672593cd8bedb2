//! Bodies about transcriptions.

use lectern_application::ports::{Page, TranscriptionView};
use lectern_domain::transcription::{Chunk, TranscriptionNumber};
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::naive_utc;
use crate::dialects::lazy_lecture::worker::whole_or_not;

/// So many bits of a chunk's id are its number; those above are the transcription's. With them a transcription may have a
/// million chunks, and there may be eight billion transcriptions before scripts in browsers can't tell ids apart.
const BITS_OF_CHUNK: u32 = 20;

/// A page of a list, with what is on it.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLecturePage)]
pub(in crate::dialects::lazy_lecture) struct PageBody<T: ToSchema> {
    /// Which page this is, from 1.
    page: u32,
    /// How many items a page has.
    size: u32,
    /// How many items there are on all pages.
    total: u64,
    /// How many pages there are.
    pages: u64,
    /// The items of this page.
    transcriptions: Vec<T>,
}

impl<T: ToSchema> PageBody<T> {
    pub(in crate::dialects::lazy_lecture) fn new<U>(page: Page<U>, item: impl FnMut(U) -> T) -> Self {
        Self {
            page: page.request.page(),
            size: page.request.size(),
            total: page.total,
            pages: page.pages(),
            transcriptions: page.items.into_iter().map(item).collect(),
        }
    }
}

/// A transcription.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureTranscription)]
pub(in crate::dialects::lazy_lecture) struct TranscriptionBody {
    /// Its number.
    id: i64,
    /// Its owner's number.
    creator_id: i64,
    /// How long the recording is.
    audio_len_secs: f64,
    /// How long a chunk is: a whole number, unless it isn't one.
    #[schema(value_type = f64)]
    chunk_size_secs: Number,
    /// `queued`, `in_progress`, `processing_error`, `completed`, `completed_partially`, `processing_fail` or
    /// `cancelled`.
    #[schema(example = "in_progress")]
    current_state: &'static str,
    /// When it was uploaded, in UTC.
    #[schema(example = "2026-01-31T10:20:30.123456")]
    create_date: String,
    /// When it last changed, in UTC.
    #[schema(example = "2026-01-31T10:20:30.123456")]
    update_date: String,
    /// How it begins: the first 256 characters of chunk 0.
    description: Option<String>,
    /// Errors since it was last queued.
    error_count: u8,
}

impl From<TranscriptionView> for TranscriptionBody {
    fn from(view: TranscriptionView) -> Self {
        let parts = view.transcription.parts();
        Self {
            id: parts.number.0,
            creator_id: view.owner_number.0,
            audio_len_secs: parts.plan.duration().as_secs_f64(),
            chunk_size_secs: whole_or_not(parts.plan.size()),
            current_state: parts.state.name().as_str(),
            create_date: naive_utc(parts.created_at),
            update_date: naive_utc(parts.updated_at),
            error_count: parts.error_count,
            description: view.description,
        }
    }
}

/// The text of one chunk.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureChunk)]
pub(in crate::dialects::lazy_lecture) struct ChunkBody {
    /// An id that no other chunk of any transcription has.
    id: i64,
    /// Its number, from 0.
    chunk_order: u32,
    /// How long a chunk is, in whole seconds.
    chunk_size_secs: u64,
    /// What was said.
    transcription: String,
}

impl ChunkBody {
    /// A chunk of that transcription.
    pub(in crate::dialects::lazy_lecture) fn new(chunk: &Chunk, of: &TranscriptionView) -> Self {
        let parts = of.transcription.parts();
        Self {
            id: chunk_id(parts.number, chunk.number().0),
            chunk_order: chunk.number().0,
            chunk_size_secs: parts.plan.size().as_secs(),
            transcription: chunk.text().to_owned(),
        }
    }
}

fn chunk_id(transcription: TranscriptionNumber, chunk: u32) -> i64 {
    (transcription.0 << BITS_OF_CHUNK) | i64::from(chunk)
}

/// A recording was taken.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureUploaded)]
pub(in crate::dialects::lazy_lecture) struct UploadedBody {
    /// `File uploaded successfully`.
    pub(in crate::dialects::lazy_lecture) message: &'static str,
    /// The number of the transcription.
    pub(in crate::dialects::lazy_lecture) task_id: i64,
    /// What the file was called.
    pub(in crate::dialects::lazy_lecture) file: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_chunks_have_the_same_id() {
        let number = TranscriptionNumber;
        let ids = [(number(1), 0), (number(1), 1), (number(1), 7200), (number(2), 0), (number(2), 1)];
        let ids = ids.map(|(transcription, chunk)| chunk_id(transcription, chunk));
        assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    }

    #[test]
    fn ids_of_chunks_are_numbers_that_scripts_can_tell_apart() {
        let last = TranscriptionNumber((1 << 33) - 1);
        assert!(chunk_id(last, (1 << BITS_OF_CHUNK) - 1) < 1 << 53);
    }
}
