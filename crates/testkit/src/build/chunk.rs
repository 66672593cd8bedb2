//! Chunks and their segments.

use std::time::Duration;

use lectern_domain::transcription::{Chunk, ChunkNumber, Segment};

/// Builds a [`Chunk`].
#[derive(Debug, Clone)]
pub struct ChunkBuilder {
    number: ChunkNumber,
    text: String,
    segments: Vec<Segment>,
}

/// A chunk of that number and text, without segments.
pub fn chunk(number: u32, text: &str) -> ChunkBuilder {
    ChunkBuilder { number: ChunkNumber(number), text: text.to_owned(), segments: Vec::new() }
}

impl ChunkBuilder {
    /// With these segments: start and end in milliseconds from the recording's beginning, and text.
    pub fn with_segments(mut self, segments: &[(u64, u64, &str)]) -> Self {
        let segment = |&(start, end, text): &(u64, u64, &str)| {
            Segment::new(Duration::from_millis(start), Duration::from_millis(end), text).unwrap()
        };
        self.segments = segments.iter().map(segment).collect();
        self
    }

    /// The chunk.
    pub fn build(self) -> Chunk {
        Chunk::new(self.number, &self.text, self.segments).unwrap()
    }
}
