//! Chunks.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, SqliteConnection, upsert::excluded,
};
use lectern_application::ports::StoreError;
use lectern_domain::transcription::{Chunk, ChunkNumber, ChunkNumbers, TranscriptionId};

use crate::{
    failure::Failure,
    rows::{ChunkRow, ChunkValues},
    schema::chunks,
};

pub(crate) fn put(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
    chunk: &Chunk,
    revision: u32,
) -> Result<(), Failure> {
    diesel::insert_into(chunks::table)
        .values(ChunkValues::new(&id, chunk, revision).map_err(Failure::unstorable)?)
        .on_conflict((chunks::transcription_id, chunks::number))
        .do_update()
        .set((
            chunks::revision.eq(excluded(chunks::revision)),
            chunks::text.eq(excluded(chunks::text)),
            chunks::segments.eq(excluded(chunks::segments)),
        ))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn numbers(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
) -> Result<ChunkNumbers, Failure> {
    let numbers = chunks::table
        .filter(chunks::transcription_id.eq(id.0.as_bytes().as_slice()))
        .select(chunks::number)
        .load::<i64>(connection)?;
    let number = |number: i64| {
        number.try_into().map(ChunkNumber).map_err(|_| StoreError::Corrupt {
            table: "chunks",
            column: "number",
            row: format!("{}/{number}", id.0),
        })
    };
    Ok(numbers.into_iter().map(number).collect::<Result<_, StoreError>>()?)
}

pub(crate) fn all(connection: &mut SqliteConnection, id: TranscriptionId) -> Result<Vec<Chunk>, Failure> {
    let rows = chunks::table
        .filter(chunks::transcription_id.eq(id.0.as_bytes().as_slice()))
        .order(chunks::number)
        .select(ChunkRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Chunk::try_from).collect::<Result<_, StoreError>>()?)
}
