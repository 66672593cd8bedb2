//! What programs print, told apart by how it begins.

use std::time::Duration;

use lectern_application::ports::Utterance;
use serde::Deserialize;

use super::subtitles;

/// The forms of JSON that are understood; members beyond these are ignored.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Segments { segments: Vec<Segment> },
    Transcription { transcription: Vec<WhisperSegment> },
    Bare(Vec<Segment>),
}

#[derive(Deserialize)]
struct Segment {
    /// Seconds.
    start: f64,
    /// Seconds.
    end: f64,
    text: String,
}

/// As whisper.cpp writes it.
#[derive(Deserialize)]
struct WhisperSegment {
    offsets: WhisperOffsets,
    text: String,
}

#[derive(Deserialize)]
struct WhisperOffsets {
    /// Milliseconds.
    from: i64,
    /// Milliseconds.
    to: i64,
}

/// Reads a program's output; times may lie anywhere yet. Text without times spans the whole duration. Errs if it is
/// JSON, and of none of the known forms.
pub(super) fn parse(output: &str, duration: Duration) -> Result<Vec<Utterance>, serde_json::Error> {
    let output = output.trim_start_matches('\u{feff}').trim();
    if is_json(output) {
        return serde_json::from_str(output).map(Document::into_utterances);
    }
    let cues = subtitles::parse(output);
    if !cues.is_empty() {
        return Ok(cues);
    }
    Ok(vec![Utterance { start: Duration::ZERO, end: duration, text: output.to_owned() }])
}

/// An object, or an array of objects. Other brackets may open a line of subtitles or a remark.
fn is_json(output: &str) -> bool {
    let array = output.strip_prefix('[').map(str::trim_start);
    output.starts_with('{') || array.is_some_and(|items| items.starts_with(['{', ']']))
}

impl Document {
    fn into_utterances(self) -> Vec<Utterance> {
        match self {
            Self::Segments { segments } | Self::Bare(segments) => {
                segments.into_iter().map(Utterance::from).collect()
            }
            Self::Transcription { transcription } => transcription.into_iter().map(Utterance::from).collect(),
        }
    }
}

impl From<Segment> for Utterance {
    fn from(segment: Segment) -> Self {
        Self { start: seconds(segment.start), end: seconds(segment.end), text: segment.text }
    }
}

impl From<WhisperSegment> for Utterance {
    fn from(segment: WhisperSegment) -> Self {
        let millis = |millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        let WhisperOffsets { from, to } = segment.offsets;
        Self { start: millis(from), end: millis(to), text: segment.text }
    }
}

/// Times before the beginning are the beginning, times beyond counting are the end.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURATION: Duration = Duration::from_mins(1);

    fn parsed(output: &str) -> Vec<(u128, u128, String)> {
        let utterances = parse(output, DURATION).unwrap().into_iter();
        utterances.map(|said| (said.start.as_millis(), said.end.as_millis(), said.text)).collect()
    }

    #[test]
    fn json_segments_are_read_with_and_without_their_object() {
        let array = r#"[{"start": 0.5, "end": 2, "text": "one", "id": 7}, {"start": -1, "end": 1e300, "text": "two"}]"#;
        let expected = [(500, 2000, "one".to_owned()), (0, Duration::MAX.as_millis(), "two".to_owned())];
        assert_eq!(parsed(array), expected);
        assert_eq!(parsed(&format!(r#"{{"text": "one two", "segments": {array}}}"#)), expected);
    }

    #[test]
    fn the_json_of_whisper_cpp_is_read() {
        let output = r#"{"result": {"language": "en"}, "transcription": [
            {"timestamps": {"from": "00:00:00,000"}, "offsets": {"from": -10, "to": 2500}, "text": " one"}]}"#;
        assert_eq!(parsed(output), [(0, 2500, " one".to_owned())]);
    }

    #[test]
    fn no_segments_are_no_speech() {
        assert_eq!(parsed("[]"), []);
        assert_eq!(parsed(r#"{"segments": []}"#), []);
    }

    #[test]
    fn unknown_and_broken_json_is_an_error() {
        for output in ["{}", r#"{"segments": [{"text": "x"}]}"#, r#"[{"start": 0"#, r#"{"segments": []} x"#] {
            assert!(parse(output, DURATION).is_err(), "{output}");
        }
    }

    #[test]
    fn plain_text_spans_the_whole_recording() {
        assert_eq!(
            parsed("[applause] Thank you.\nBye.\n"),
            [(0, 60_000, "[applause] Thank you.\nBye.".to_owned())]
        );
    }

    #[test]
    fn subtitles_keep_their_times() {
        assert_eq!(parsed("\u{feff}1\n00:00:01,000 --> 00:00:02,000\nHi\n"), [(1000, 2000, "Hi".to_owned())]);
    }
}
