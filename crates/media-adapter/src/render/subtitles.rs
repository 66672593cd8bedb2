//! Subtitles. One cue per segment; a chunk without segments is one cue. Cues without text are left out.
//!
//! SubRip has no specification; its de facto form is that of the program of the same name. WebVTT is
//! <https://www.w3.org/TR/webvtt1/>. In both a blank line ends a cue, so text must have none.

use std::{fmt::Write as _, time::Duration};

use lectern_application::ports::Transcript;

use super::{clock, span};

/// A text and when it is shown.
struct Cue<'a> {
    start: Duration,
    end: Duration,
    text: &'a str,
}

/// SubRip. It has no escapes: an arrow within the text is shortened, so that no line looks like a cue's times.
pub(super) fn srt(transcript: &Transcript) -> String {
    let mut file = String::new();
    for (number, cue) in (1_u32..).zip(cues(transcript)) {
        let text = without_blank_lines(cue.text).replace("-->", "->");
        let (start, end) = (timestamp(cue.start, ','), timestamp(cue.end, ','));
        write_infallible(&mut file, format_args!("{number}\n{start} --> {end}\n{text}\n\n"));
    }
    file
}

/// WebVTT.
pub(super) fn vtt(transcript: &Transcript) -> String {
    let mut file = String::from("WEBVTT\n\n");
    for cue in cues(transcript) {
        let text = without_blank_lines(cue.text);
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (start, end) = (timestamp(cue.start, '.'), timestamp(cue.end, '.'));
        write_infallible(&mut file, format_args!("{start} --> {end}\n{text}\n\n"));
    }
    file
}

fn cues(transcript: &Transcript) -> impl Iterator<Item = Cue<'_>> {
    let cues = transcript.chunks.iter().flat_map(|chunk| {
        let time = span(transcript, chunk);
        let whole = Cue { start: time.start, end: time.end, text: chunk.text() };
        let segments = chunk.segments().iter();
        let parts = segments.map(|part| Cue { start: part.start(), end: part.end(), text: part.text() });
        parts.chain(chunk.segments().is_empty().then_some(whole))
    });
    cues.filter(|cue| !cue.text.trim().is_empty()).map(|cue| {
        // WebVTT wants every cue to end after it starts.
        let end = cue.end.max(cue.start.saturating_add(Duration::from_millis(1)));
        Cue { end, ..cue }
    })
}

fn timestamp(time: Duration, separator: char) -> String {
    format!("{}{separator}{:03}", clock(time), time.subsec_millis())
}

fn without_blank_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Writing to a string can't fail.
fn write_infallible(file: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = file.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{plain, timed, transcript};

    #[test]
    fn every_segment_is_a_cue() {
        let chunk =
            timed(1, &[(60_000, 61_234, "One"), (61_234, 62_000, " "), (3_662_005, 3_663_000, "Two")]);
        let expected = "1\n00:01:00,000 --> 00:01:01,234\nOne\n\n2\n01:01:02,005 --> 01:01:03,000\nTwo\n\n";
        assert_eq!(srt(&transcript(None, vec![chunk])), expected);
    }

    #[test]
    fn a_chunk_without_segments_spans_the_chunk() {
        let expected = "WEBVTT\n\n00:02:00.000 --> 00:02:30.000\nEnd\n\n";
        assert_eq!(vtt(&transcript(None, vec![plain(1, ""), plain(2, "End")])), expected);
    }

    #[test]
    fn blank_lines_do_not_end_a_cue() {
        let file = srt(&transcript(None, vec![plain(0, "a\n\n \t\n2\n")]));
        assert_eq!(file, "1\n00:00:00,000 --> 00:01:00,000\na\n2\n\n");
    }

    #[test]
    fn text_can_not_look_like_times() {
        let file = srt(&transcript(None, vec![plain(0, "00:00:01,000 --> 00:00:02,000")]));
        assert_eq!(file.matches("-->").count(), 1);
    }

    #[test]
    fn markup_is_escaped_in_webvtt() {
        let file = vtt(&transcript(None, vec![plain(0, "a <b> & --> c")]));
        assert!(file.ends_with("\na &lt;b&gt; &amp; --&gt; c\n\n"), "{file}");
    }

    #[test]
    fn a_cue_ends_after_it_starts() {
        let file = vtt(&transcript(None, vec![timed(0, &[(5_000, 5_000, "x")])]));
        assert!(file.contains("00:00:05.000 --> 00:00:05.001"), "{file}");
    }
}
