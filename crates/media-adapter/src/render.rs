//! Transcripts as files.
//!
//! Each format is a function from a transcript to bytes that reads nothing else: no clock, no counter, no locale. A
//! new format is a variant of `ExportFormat`, a module here, and an arm in [`TranscriptFiles`].

mod docx;
mod json;
mod subtitles;
mod txt;

use std::{ops::Range, time::Duration};

use async_trait::async_trait;
use lectern_application::ports::{
    Document, ExportFormat, RenderError, Source, Transcript, TranscriptRenderer,
};
use lectern_domain::transcription::Chunk;

/// Renders transcripts in all formats.
#[derive(Debug, Clone, Copy, Default)]
pub struct TranscriptFiles;

#[async_trait]
impl TranscriptRenderer for TranscriptFiles {
    async fn render(&self, transcript: Transcript, format: ExportFormat) -> Result<Document, RenderError> {
        let rendered = tokio::task::spawn_blocking(move || bytes(&transcript, format)).await;
        let rendered = rendered.unwrap_or_else(|error| Err(error.into()));
        rendered.map(|bytes| Document { format, bytes }).map_err(|source| RenderError { source })
    }
}

fn bytes(transcript: &Transcript, format: ExportFormat) -> Result<Vec<u8>, Source> {
    Ok(match format {
        ExportFormat::Txt => txt::render(transcript).into_bytes(),
        ExportFormat::Docx => docx::render(transcript)?,
        ExportFormat::Srt => subtitles::srt(transcript).into_bytes(),
        ExportFormat::Vtt => subtitles::vtt(transcript).into_bytes(),
        ExportFormat::Json => json::render(transcript)?,
        ExportFormat::BareTxt => txt::bare(transcript).into_bytes(),
        ExportFormat::BareDocx => docx::bare(transcript)?,
    })
}

/// The time that a chunk covers.
fn span(transcript: &Transcript, chunk: &Chunk) -> Range<Duration> {
    transcript.transcription.parts().plan.range(chunk.number())
}

/// Hours, minutes and seconds, all of two digits or more.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// What tests of the formats share.
#[cfg(test)]
mod sample {
    use std::time::Duration;

    use lectern_application::ports::Transcript;
    use lectern_domain::{
        account::UserId,
        time::Timestamp,
        transcription::{
            AudioKey, Chunk, ChunkNumber, ChunkPlan, Language, NewTranscription, Recording, Segment, Sha256,
            Title, TranscriptionId, TranscriptionNumber,
        },
    };
    use uuid::Uuid;

    /// A transcript of a recording of 150 s in chunks of a minute.
    pub(super) fn transcript(title: Option<&str>, chunks: Vec<Chunk>) -> Transcript {
        let recording = Recording {
            key: AudioKey(Uuid::nil()),
            media_type: "audio/mpeg".to_owned(),
            bytes: 1,
            sha256: Sha256([0; 32]),
        };
        let new = NewTranscription {
            id: TranscriptionId(Uuid::nil()),
            owner: UserId(Uuid::nil()),
            title: title.map(|title| Title::parse(title).unwrap()),
            language: Some(Language::parse("en").unwrap()),
            recording,
            plan: ChunkPlan::new(Duration::from_secs(150), Duration::from_mins(1)).unwrap(),
            created_at: Timestamp::from_micros(0),
        };
        Transcript { transcription: new.numbered(TranscriptionNumber(7)), chunks }
    }

    /// A chunk without segments.
    pub(super) fn plain(number: u32, text: &str) -> Chunk {
        Chunk::new(ChunkNumber(number), text, vec![]).unwrap()
    }

    /// A chunk of segments: start and end in milliseconds, and text.
    pub(super) fn timed(number: u32, segments: &[(u64, u64, &str)]) -> Chunk {
        let segments = segments.iter().map(|(start, end, text)| {
            Segment::new(Duration::from_millis(*start), Duration::from_millis(*end), text).unwrap()
        });
        Chunk::from_segments(ChunkNumber(number), segments.collect()).unwrap()
    }
}
