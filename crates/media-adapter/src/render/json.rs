//! JSON: the transcription and its chunks with the names and units of API v1.

use std::time::Duration;

use lectern_application::ports::Transcript;
use lectern_domain::transcription::{Chunk, Language, Segment, Title};
use serde::Serialize;
use uuid::Uuid;

use super::span;

#[derive(Serialize)]
struct ExportDto<'a> {
    transcription: TranscriptionDto<'a>,
    chunks: Vec<ChunkDto<'a>>,
}

#[derive(Serialize)]
struct TranscriptionDto<'a> {
    id: String,
    number: i64,
    title: Option<&'a str>,
    language: Option<&'a str>,
    duration_seconds: f64,
}

#[derive(Serialize)]
struct ChunkDto<'a> {
    number: u32,
    start_seconds: f64,
    end_seconds: f64,
    text: &'a str,
    segments: Vec<SegmentDto<'a>>,
}

#[derive(Serialize)]
struct SegmentDto<'a> {
    start_seconds: f64,
    end_seconds: f64,
    text: &'a str,
}

pub(super) fn render(transcript: &Transcript) -> Result<Vec<u8>, serde_json::Error> {
    let parts = transcript.transcription.parts();
    let id: Uuid = parts.id.0;
    let chunks = transcript.chunks.iter().map(|chunk| ChunkDto::new(transcript, chunk));
    serde_json::to_vec(&ExportDto {
        transcription: TranscriptionDto {
            id: id.hyphenated().to_string(),
            number: parts.number.0,
            title: parts.title.as_ref().map(Title::as_str),
            language: parts.language.as_ref().map(Language::as_str),
            duration_seconds: parts.plan.duration().as_secs_f64(),
        },
        chunks: chunks.collect(),
    })
}

impl<'a> ChunkDto<'a> {
    fn new(transcript: &Transcript, chunk: &'a Chunk) -> Self {
        let time = span(transcript, chunk);
        Self {
            number: chunk.number().0,
            start_seconds: time.start.as_secs_f64(),
            end_seconds: time.end.as_secs_f64(),
            text: chunk.text(),
            segments: chunk.segments().iter().map(SegmentDto::from).collect(),
        }
    }
}

impl<'a> From<&'a Segment> for SegmentDto<'a> {
    fn from(segment: &'a Segment) -> Self {
        let seconds = |time: Duration| time.as_secs_f64();
        Self {
            start_seconds: seconds(segment.start()),
            end_seconds: seconds(segment.end()),
            text: segment.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{plain, timed, transcript};

    #[test]
    fn the_shape_is_that_of_api_v1() {
        let chunks = vec![timed(1, &[(60_250, 61_500, "\"Hi\"")]), plain(2, "")];
        let rendered = render(&transcript(Some("Waves"), chunks)).unwrap();
        let expected = concat!(
            r#"{"transcription":{"id":"00000000-0000-0000-0000-000000000000","number":7,"title":"Waves","#,
            r#""language":"en","duration_seconds":150.0},"chunks":["#,
            r#"{"number":1,"start_seconds":60.0,"end_seconds":120.0,"text":"\"Hi\"","#,
            r#""segments":[{"start_seconds":60.25,"end_seconds":61.5,"text":"\"Hi\""}]},"#,
            r#"{"number":2,"start_seconds":120.0,"end_seconds":150.0,"text":"","segments":[]}]}"#,
        );
        assert_eq!(String::from_utf8(rendered).unwrap(), expected);
    }
}
