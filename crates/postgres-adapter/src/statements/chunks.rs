//! Chunks.

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper, upsert::excluded};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    transcription::{Chunk, ChunkNumber, ChunkNumbers, TranscriptionId},
};
use uuid::Uuid;

use crate::{
    failure::Failure,
    rows::{ChunkRow, ChunkValues},
    schema::{chunks, transcriptions},
};

/// The owner is asked for first: words are indexed as theirs.
pub(crate) async fn put(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
    chunk: &Chunk,
    revision: u32,
) -> Result<(), Failure> {
    let owner = transcriptions::table.find(id.0).select(transcriptions::owner_id);
    let owner = UserId(owner.first::<Uuid>(connection).await?);
    let values = ChunkValues::new(owner, id, chunk, revision).map_err(Failure::unstorable)?;
    diesel::insert_into(chunks::table)
        .values(values)
        .on_conflict((chunks::transcription_id, chunks::number))
        .do_update()
        .set((
            chunks::revision.eq(excluded(chunks::revision)),
            chunks::text.eq(excluded(chunks::text)),
            chunks::segments.eq(excluded(chunks::segments)),
            chunks::words.eq(excluded(chunks::words)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn numbers(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
) -> Result<ChunkNumbers, Failure> {
    let numbers = chunks::table
        .filter(chunks::transcription_id.eq(id.0))
        .select(chunks::number)
        .load::<i64>(connection)
        .await?;
    let number = |number: i64| {
        number.try_into().map(ChunkNumber).map_err(|_| StoreError::Corrupt {
            table: "chunks",
            column: "number",
            row: format!("{}/{number}", id.0),
        })
    };
    Ok(numbers.into_iter().map(number).collect::<Result<_, StoreError>>()?)
}

pub(crate) async fn all(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
) -> Result<Vec<Chunk>, Failure> {
    let rows = chunks::table
        .filter(chunks::transcription_id.eq(id.0))
        .order(chunks::number)
        .select(ChunkRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Chunk::try_from).collect::<Result<_, StoreError>>()?)
}
