//! The contract of [`TranscriptRenderer`]: the text is all there, when it was said, and nothing of it is markup.

use std::{any::Any, sync::Arc};

use lectern_application::ports::{ExportFormat, Transcript, TranscriptRenderer};
use lectern_domain::{
    account::UserId,
    transcription::{Chunk, TranscriptionNumber},
};

use crate::build::{chunk, fresh_id, transcription};

/// A renderer.
pub struct RendererFixture {
    /// The renderer.
    pub renderer: Arc<dyn TranscriptRenderer>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// The formats that are text.
const TEXTUAL: [ExportFormat; 5] =
    [ExportFormat::Txt, ExportFormat::Srt, ExportFormat::Vtt, ExportFormat::Json, ExportFormat::BareTxt];

/// A transcript of 150 seconds in chunks of 60, with these chunks.
fn transcript(chunks: &[Chunk]) -> Transcript {
    let transcription = transcription(UserId(fresh_id())).title("Sorting & searching").language("en").build();
    Transcript { transcription: transcription.numbered(TranscriptionNumber(1)), chunks: chunks.to_vec() }
}

/// With and without segments, in several scripts.
fn lecture() -> Transcript {
    transcript(&[
        chunk(0, "good morning").with_segments(&[(0, 1_500, "good"), (1_500, 61_002, "morning")]).build(),
        chunk(1, "Лекция о сортировке 講義").build(),
        chunk(2, "good bye").build(),
    ])
}

impl RendererFixture {
    async fn bytes(&self, transcript: Transcript, format: ExportFormat) -> Vec<u8> {
        let document = self.renderer.render(transcript, format).await.unwrap();
        assert_eq!(document.format, format);
        document.bytes
    }

    async fn text(&self, transcript: Transcript, format: ExportFormat) -> String {
        String::from_utf8(self.bytes(transcript, format).await).unwrap()
    }
}

/// Every format makes a file of a transcript.
pub async fn every_format_makes_a_file(fixture: &RendererFixture) {
    for format in ExportFormat::ALL {
        assert!(!fixture.bytes(lecture(), format).await.is_empty(), "{format:?}");
    }
}

/// Every format can be made of a transcript without any chunk, and of one of silence.
pub async fn silence_is_rendered(fixture: &RendererFixture) {
    for format in ExportFormat::ALL {
        for silent in [transcript(&[]), transcript(&[chunk(0, "").build()])] {
            fixture.bytes(silent, format).await;
        }
    }
}

/// The same transcript MUST always give the same bytes.
pub async fn the_same_transcript_gives_the_same_bytes(fixture: &RendererFixture) {
    let lecture = lecture();
    for format in ExportFormat::ALL {
        let first = fixture.bytes(lecture.clone(), format).await;
        assert!(fixture.bytes(lecture.clone(), format).await == first, "{format:?} differs");
    }
}

/// The text of every chunk is there, in order, in every format that is text.
pub async fn the_text_is_there_in_order(fixture: &RendererFixture) {
    for format in TEXTUAL {
        let text = fixture.text(lecture(), format).await;
        let places = ["good", "morning", "Лекция о сортировке 講義", "good bye"].map(|part| text.find(part));
        assert!(places.iter().all(Option::is_some), "{format:?} lacks text:\n{text}");
        assert!(places.is_sorted(), "{format:?} is out of order:\n{text}");
    }
}

/// Bare text is all chunks, silent ones too, and a blank line between each two.
pub async fn bare_text_is_the_chunks_alone(fixture: &RendererFixture) {
    let chunks = [chunk(0, "one").build(), chunk(1, "").build(), chunk(2, "two").build()];
    let text = fixture.text(transcript(&chunks), ExportFormat::BareTxt).await;
    assert_eq!(text, "one\n\n\n\ntwo");
}

/// In plain text chunks are separated by a blank line.
pub async fn chunks_of_plain_text_are_separated_by_a_blank_line(fixture: &RendererFixture) {
    let text = fixture.text(lecture(), ExportFormat::Txt).await;
    assert_eq!(text.trim_end(), "good morning\n\nЛекция о сортировке 講義\n\ngood bye");
}

/// A subtitle of a chunk without segments MUST span the chunk; the last one ends with the recording.
pub async fn a_chunk_without_segments_is_one_subtitle(fixture: &RendererFixture) {
    let srt = fixture.text(lecture(), ExportFormat::Srt).await;
    for times in ["00:01:00,000 --> 00:02:00,000\nЛекция", "00:02:00,000 --> 00:02:30,000\ngood bye"] {
        assert!(srt.contains(times), "{times} is not in\n{srt}");
    }
    let vtt = fixture.text(lecture(), ExportFormat::Vtt).await;
    for times in ["00:01:00.000 --> 00:02:00.000\nЛекция", "00:02:00.000 --> 00:02:30.000\ngood bye"] {
        assert!(vtt.contains(times), "{times} is not in\n{vtt}");
    }
}

/// Segments are subtitles of their own, to the millisecond.
pub async fn segments_are_subtitles(fixture: &RendererFixture) {
    let srt = fixture.text(lecture(), ExportFormat::Srt).await;
    for cue in ["1\n00:00:00,000 --> 00:00:01,500\ngood", "2\n00:00:01,500 --> 00:01:01,002\nmorning"] {
        assert!(srt.contains(cue), "{cue} is not in\n{srt}");
    }
    let vtt = fixture.text(lecture(), ExportFormat::Vtt).await;
    for cue in ["00:00:00.000 --> 00:00:01.500\ngood", "00:00:01.500 --> 00:01:01.002\nmorning"] {
        assert!(vtt.contains(cue), "{cue} is not in\n{vtt}");
    }
}

/// A WebVTT file says that it is one.
pub async fn a_web_vtt_file_begins_with_its_signature(fixture: &RendererFixture) {
    for transcript in [lecture(), transcript(&[])] {
        let vtt = fixture.text(transcript, ExportFormat::Vtt).await;
        assert!(vtt.starts_with("WEBVTT\n"), "{vtt}");
    }
}

/// Text MUST be escaped as the format demands: nothing that was said is markup or a cue's times in WebVTT.
pub async fn markup_is_escaped_in_web_vtt(fixture: &RendererFixture) {
    let spoken = "if a<b & <i>c</i> --> 00:00:01.000";
    let segment = [(0, 1_000, spoken)];
    for chunk in [chunk(0, spoken).build(), chunk(0, spoken).with_segments(&segment).build()] {
        let vtt = fixture.text(transcript(&[chunk]), ExportFormat::Vtt).await;
        assert!(vtt.contains("if a&lt;b &amp; &lt;i"), "{vtt}");
        assert!(!vtt.contains("<i>") && !vtt.contains("& "), "{vtt}");
        assert_eq!(vtt.matches("-->").count(), 1, "{vtt}");
    }
}

/// Neither in SubRip does an arrow in the text make a line of times.
pub async fn an_arrow_makes_no_times_in_sub_rip(fixture: &RendererFixture) {
    let spoken = transcript(&[chunk(0, "so\n00:00:01,000 --> 00:00:02,000\nhence").build()]);
    let srt = fixture.text(spoken, ExportFormat::Srt).await;
    assert_eq!(srt.matches("-->").count(), 1, "{srt}");
}

/// A blank line ends a subtitle, so there is none within one: all of its text is shown.
pub async fn a_blank_line_does_not_end_a_subtitle(fixture: &RendererFixture) {
    let spoken = transcript(&[chunk(0, "before\n\n \nafter").build()]);
    for format in [ExportFormat::Srt, ExportFormat::Vtt] {
        let text = fixture.text(spoken.clone(), format).await;
        let cue = text.split("\n\n").find(|cue| cue.contains("before")).unwrap();
        assert!(cue.contains("after"), "{text}");
    }
}

/// In JSON quotes and line breaks are escaped.
pub async fn quotes_are_escaped_in_json(fixture: &RendererFixture) {
    let json = fixture.text(transcript(&[chunk(0, "a \"b\" \\ c\nd").build()]), ExportFormat::Json).await;
    assert!(json.contains(r#"a \"b\" \\ c\nd"#), "{json}");
}

/// A word processor's file is a ZIP archive (ECMA-376, part 2).
pub async fn a_word_document_is_an_archive(fixture: &RendererFixture) {
    for format in [ExportFormat::Docx, ExportFormat::BareDocx] {
        assert!(fixture.bytes(lecture(), format).await.starts_with(b"PK\x03\x04"));
    }
}

/// Stamps the contract of [`TranscriptRenderer`] as tests.
///
/// Takes an async expression that makes a fresh [`RendererFixture`].
#[macro_export]
macro_rules! renderer_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; renderer:
            every_format_makes_a_file,
            silence_is_rendered,
            the_same_transcript_gives_the_same_bytes,
            the_text_is_there_in_order,
            chunks_of_plain_text_are_separated_by_a_blank_line,
            bare_text_is_the_chunks_alone,
            a_chunk_without_segments_is_one_subtitle,
            segments_are_subtitles,
            a_web_vtt_file_begins_with_its_signature,
            markup_is_escaped_in_web_vtt,
            an_arrow_makes_no_times_in_sub_rip,
            a_blank_line_does_not_end_a_subtitle,
            quotes_are_escaped_in_json,
            a_word_document_is_an_archive,
        );
    };
}
