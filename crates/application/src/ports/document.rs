//! Transcripts as files.

use async_trait::async_trait;
use lectern_domain::transcription::{Chunk, Transcription};

use super::Source;

/// A transcription with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The transcription.
    pub transcription: Transcription,
    /// Its stored chunks by number.
    pub chunks: Vec<Chunk>,
}

/// As what a transcript can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Plain text in UTF-8, chunks separated by a blank line.
    Txt,
    /// Office Open XML (ECMA-376), for word processors.
    Docx,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles (W3C).
    Vtt,
    /// Chunks and segments with their times, as API v1 shows them.
    Json,
    /// Plain text in UTF-8 with nothing but what was said: all chunks, silent ones too, joined by a blank line.
    BareTxt,
    /// Office Open XML with nothing but what was said: a paragraph per chunk, silent ones too.
    BareDocx,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Txt, Self::Docx, Self::Srt, Self::Vtt, Self::Json, Self::BareTxt, Self::BareDocx];

    /// Those that people choose from by their names. The bare ones are for clients that rely on nothing else being there.
    pub const NAMED: [Self; 5] = [Self::Txt, Self::Docx, Self::Srt, Self::Vtt, Self::Json];

    /// The file name's extension, which is also the name of those that have one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Txt | Self::BareTxt => "txt",
            Self::Docx | Self::BareDocx => "docx",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
            Self::Json => "json",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|format| format.as_str() == name)
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Txt | Self::BareTxt => "text/plain; charset=utf-8",
            Self::Docx | Self::BareDocx => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            Self::Srt => "application/x-subrip; charset=utf-8",
            Self::Vtt => "text/vtt; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// A rendered transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its format.
    pub format: ExportFormat,
    /// The file's content.
    pub bytes: Vec<u8>,
}

/// The document could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the transcript could not be rendered")]
pub struct RenderError {
    /// What was met.
    #[source]
    pub source: Source,
}

/// Renders transcripts.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TranscriptRenderer: Send + Sync {
    /// Renders a transcript. Subtitles of a chunk without segments MUST span the chunk; text MUST be escaped as the
    /// format demands. The same transcript MUST always give the same bytes.
    async fn render(&self, transcript: Transcript, format: ExportFormat) -> Result<Document, RenderError>;
}
