//! Chunks. Their segments are always read with them, so they are a column of the same row.

use std::time::Duration;

use diesel::{
    pg::Pg,
    prelude::{Insertable, Queryable, QueryableByName, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    transcription::{Chunk, ChunkNumber, Segment, TranscriptionId},
};

use serde_json::Value;
use uuid::Uuid;

use super::Row;
use crate::{schema::chunks, words::Words};

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = chunks, check_for_backend(Pg))]
pub(crate) struct ChunkRow {
    transcription_id: Uuid,
    number: i64,
    revision: i64,
    text: String,
    segments: Value,
}

impl ChunkRow {
    /// The revision it was stored at, and the chunk.
    pub(crate) fn with_revision(self) -> Result<(u32, Chunk), StoreError> {
        let key = format!("{}/{}", self.transcription_id, self.number);
        let cells = Row { table: "chunks", key: &key };
        let revision = cells.valid("revision", self.revision.try_into().ok())?;
        let number = ChunkNumber(cells.valid("number", self.number.try_into().ok())?);
        let segments = cells.valid("segments", decode(self.segments))?;
        let chunk = cells.valid("text", Chunk::new(number, &self.text, segments).ok())?;
        Ok((revision, chunk))
    }
}

impl TryFrom<ChunkRow> for Chunk {
    type Error = StoreError;

    fn try_from(row: ChunkRow) -> Result<Self, StoreError> {
        row.with_revision().map(|(_, chunk)| chunk)
    }
}

/// A whole chunk.
#[derive(Insertable)]
#[diesel(table_name = chunks)]
pub(crate) struct ChunkValues<'a> {
    transcription_id: Uuid,
    number: i64,
    revision: i64,
    text: &'a str,
    segments: Value,
    words: Words,
}

impl<'a> ChunkValues<'a> {
    /// The chunk of an owner's transcription, stored at a revision.
    pub(crate) fn new(
        owner: UserId,
        id: TranscriptionId,
        chunk: &'a Chunk,
        revision: u32,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            transcription_id: id.0,
            number: chunk.number().0.into(),
            revision: revision.into(),
            text: chunk.text(),
            segments: encode(chunk.segments())?,
            words: Words::of(owner, chunk.text()),
        })
    }
}

/// `[[start, end, text], …]`, in milliseconds.
fn encode(segments: &[Segment]) -> Result<Value, serde_json::Error> {
    let triples = segments
        .iter()
        .map(|segment| (segment.start().as_millis(), segment.end().as_millis(), segment.text()));
    serde_json::to_value(triples.collect::<Vec<_>>())
}

fn decode(json: Value) -> Option<Vec<Segment>> {
    let triples = serde_json::from_value::<Vec<(u64, u64, String)>>(json).ok()?;
    let segment = |(start, end, text): (u64, u64, String)| {
        Segment::new(Duration::from_millis(start), Duration::from_millis(end), &text).ok()
    };
    triples.into_iter().map(segment).collect()
}
