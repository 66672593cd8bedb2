//! The text of a chunk, and the timed segments that it may consist of.

use std::time::Duration;

use super::ChunkNumber;

/// A stretch of speech with its times, counted from the recording's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    start: Duration,
    end: Duration,
    text: String,
}

/// Why a segment was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// It ends before it starts.
    #[error("a segment must not end before it starts")]
    Backwards,
    /// Its text is longer than a chunk may be.
    #[error("a segment's text must be at most {} bytes long", Chunk::MAX_BYTES)]
    TooLong,
}

impl Segment {
    /// A segment; times are cut to milliseconds, text is trimmed and freed of control characters.
    pub fn new(start: Duration, end: Duration, text: &str) -> Result<Self, SegmentError> {
        if end < start {
            return Err(SegmentError::Backwards);
        }
        if text.len() > Chunk::MAX_BYTES {
            return Err(SegmentError::TooLong);
        }
        Ok(Self { start: whole_millis(start), end: whole_millis(end), text: clean(text) })
    }

    /// When it starts.
    pub const fn start(&self) -> Duration {
        self.start
    }

    /// When it ends.
    pub const fn end(&self) -> Duration {
        self.end
    }

    /// What was said.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The text of one chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    number: ChunkNumber,
    text: String,
    segments: Vec<Segment>,
}

/// Why a chunk was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// Too much text.
    #[error("a chunk's text must be at most {} bytes long", Chunk::MAX_BYTES)]
    TooLong,
    /// Too many segments.
    #[error("a chunk must have at most {} segments", Chunk::MAX_SEGMENTS)]
    TooManySegments,
    /// Segments are out of order.
    #[error("segments must be in the order of their start times")]
    OutOfOrder,
}

impl Chunk {
    /// The most bytes of text.
    pub const MAX_BYTES: usize = 256 * 1024;
    /// The most segments.
    pub const MAX_SEGMENTS: usize = 10_000;

    /// A chunk. Silence is a chunk too: the text may be empty.
    pub fn new(number: ChunkNumber, text: &str, segments: Vec<Segment>) -> Result<Self, ChunkError> {
        if text.len() > Self::MAX_BYTES {
            return Err(ChunkError::TooLong);
        }
        if segments.len() > Self::MAX_SEGMENTS {
            return Err(ChunkError::TooManySegments);
        }
        if !segments.is_sorted_by_key(Segment::start) {
            return Err(ChunkError::OutOfOrder);
        }
        Ok(Self { number, text: clean(text), segments })
    }

    /// A chunk whose text is that of its segments, joined by spaces.
    pub fn from_segments(number: ChunkNumber, segments: Vec<Segment>) -> Result<Self, ChunkError> {
        let words = segments.iter().map(Segment::text).filter(|text| !text.is_empty());
        let text = words.collect::<Vec<_>>().join(" ");
        Self::new(number, &text, segments)
    }

    /// Its number.
    pub const fn number(&self) -> ChunkNumber {
        self.number
    }

    /// What was said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// When what was said, if the recogniser knew.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

fn whole_millis(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs()).saturating_add(Duration::from_millis(time.subsec_millis().into()))
}

/// Recognisers are other people's programs: what XML 1.0 and terminals can't bear doesn't get in.
fn clean(text: &str) -> String {
    let kept =
        |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    let kept: String = text.chars().filter(kept).collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(start: u64, end: u64, text: &str) -> Segment {
        Segment::new(Duration::from_millis(start), Duration::from_millis(end), text).unwrap()
    }

    #[test]
    fn a_segment_runs_forward() {
        let second = Duration::from_secs(1);
        assert_eq!(Segment::new(second, Duration::ZERO, "x"), Err(SegmentError::Backwards));
        assert!(Segment::new(second, second, "x").is_ok());
    }

    #[test]
    fn times_are_kept_in_milliseconds() {
        let segment = Segment::new(Duration::from_micros(1_500), Duration::from_micros(2_999), "x").unwrap();
        assert_eq!((segment.start(), segment.end()), (Duration::from_millis(1), Duration::from_millis(2)));
    }

    #[test]
    fn the_text_of_segments_is_joined() {
        let segments = vec![segment(0, 5, "good"), segment(5, 6, ""), segment(6, 9, "morning")];
        assert_eq!(Chunk::from_segments(ChunkNumber(0), segments).unwrap().text(), "good morning");
    }

    #[test]
    fn segments_out_of_order_are_refused() {
        let segments = vec![segment(5, 6, "b"), segment(0, 1, "a")];
        assert_eq!(Chunk::new(ChunkNumber(0), "a b", segments), Err(ChunkError::OutOfOrder));
    }

    #[test]
    fn control_characters_do_not_get_in() {
        let chunk = Chunk::new(ChunkNumber(0), "\u{0} a\u{0}\u{1b}[31m\nb\u{ffff} ", vec![]).unwrap();
        assert_eq!(chunk.text(), "a[31m\nb");
    }
}
