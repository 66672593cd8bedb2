//! Transcriptions.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, QueryResult, RunQueryDsl, SelectableHelper, SqliteConnection,
    result::Error,
    sql_types::{BigInt, Text},
};
use lectern_application::ports::{Changes, StoreError, TranscriptionView};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{AudioKey, Chunk, NewTranscription, Transcription, TranscriptionId, TranscriptionNumber},
};

use crate::{
    failure::Failure,
    rows::{ChunkRow, TranscriptionProgress, TranscriptionRow, TranscriptionValues, TranscriptionViewRow},
    schema::{chunks, transcriptions},
};

pub(crate) fn insert(
    connection: &mut SqliteConnection,
    transcription: NewTranscription,
) -> Result<Transcription, Failure> {
    // The number is not among the values that are written.
    let unnumbered = transcription.clone().numbered(TranscriptionNumber(0));
    let number = diesel::insert_into(transcriptions::table)
        .values(TranscriptionValues::try_from(&unnumbered).map_err(Failure::unstorable)?)
        .returning(transcriptions::number)
        .get_result(connection)?;
    Ok(transcription.numbered(TranscriptionNumber(number)))
}

pub(crate) fn by_id(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .filter(transcriptions::id.eq(id.0.as_bytes().as_slice()))
        .select(TranscriptionRow::as_select())
        .first(connection))
}

/// Active is what has not finished: the table's constraint ties the state to it, and the index of active ones is one of
/// unfinished ones.
pub(crate) fn active(
    connection: &mut SqliteConnection,
    owner: UserId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .filter(transcriptions::owner_id.eq(owner.0.as_bytes().as_slice()))
        .filter(transcriptions::finished_at.is_null())
        .select(TranscriptionRow::as_select())
        .first(connection))
}

pub(crate) fn oldest_finished(
    connection: &mut SqliteConnection,
    owner: UserId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .filter(transcriptions::owner_id.eq(owner.0.as_bytes().as_slice()))
        .filter(transcriptions::finished_at.is_not_null())
        .order((transcriptions::created_at, transcriptions::number))
        .select(TranscriptionRow::as_select())
        .first(connection))
}

/// What the index `transcriptions_with_audio` has, in its order.
pub(crate) fn finished_with_audio(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Transcription>, Failure> {
    let rows = transcriptions::table
        .filter(transcriptions::audio_removed_at.is_null())
        .filter(transcriptions::finished_at.is_not_null())
        .filter(transcriptions::finished_at.lt(before.as_micros()))
        .order((transcriptions::finished_at, transcriptions::number))
        .limit(limit.into())
        .select(TranscriptionRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Transcription::try_from).collect::<Result<_, StoreError>>()?)
}

fn one(row: QueryResult<TranscriptionRow>) -> Result<Option<Transcription>, Failure> {
    Ok(row.optional()?.map(Transcription::try_from).transpose()?)
}

pub(crate) fn save(connection: &mut SqliteConnection, transcription: &Transcription) -> Result<(), Failure> {
    let saved = diesel::update(transcriptions::table)
        .filter(transcriptions::id.eq(transcription.id().0.as_bytes().as_slice()))
        .set(TranscriptionProgress::from(transcription))
        .execute(connection)?;
    if saved == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

pub(crate) fn count(connection: &mut SqliteConnection, owner: UserId) -> Result<u32, Failure> {
    let count: i64 = transcriptions::table
        .filter(transcriptions::owner_id.eq(owner.0.as_bytes().as_slice()))
        .count()
        .get_result(connection)?;
    count.try_into().map_err(Failure::unstorable)
}

/// Chunks and job go with it, by their foreign keys.
pub(crate) fn delete(connection: &mut SqliteConnection, id: TranscriptionId) -> Result<(), Failure> {
    diesel::delete(transcriptions::table)
        .filter(transcriptions::id.eq(id.0.as_bytes().as_slice()))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn view(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
) -> Result<Option<TranscriptionView>, Failure> {
    let row = transcriptions::table
        .filter(transcriptions::id.eq(id.0.as_bytes().as_slice()))
        .select(TranscriptionViewRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(TranscriptionView::try_from).transpose()?)
}

pub(crate) fn view_by_number(
    connection: &mut SqliteConnection,
    number: TranscriptionNumber,
) -> Result<Option<TranscriptionView>, Failure> {
    let row = transcriptions::table
        .filter(transcriptions::number.eq(number.0))
        .select(TranscriptionViewRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(TranscriptionView::try_from).transpose()?)
}

pub(crate) fn changes_since(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
    revision: u32,
) -> Result<Option<Changes>, Failure> {
    let later = chunks::transcription_id.eq(transcriptions::id).and(chunks::revision.gt(i64::from(revision)));
    let rows = transcriptions::table
        .left_join(chunks::table.on(later))
        .filter(transcriptions::id.eq(id.0.as_bytes().as_slice()))
        .order((chunks::revision.nullable(), chunks::number.nullable()))
        .select((TranscriptionViewRow::as_select(), Option::<ChunkRow>::as_select()))
        .load::<(TranscriptionViewRow, Option<ChunkRow>)>(connection)?;

    let (views, chunks): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    // Every row repeats the transcription; without chunks there is one row with none.
    let Some(view) = views.into_iter().next() else { return Ok(None) };
    let chunks = chunks.into_iter().flatten().map(ChunkRow::with_revision);
    let chunks = chunks.collect::<Result<Vec<(u32, Chunk)>, StoreError>>()?;
    Ok(Some(Changes { view: view.try_into()?, chunks }))
}

#[derive(diesel::QueryableByName)]
struct Position {
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// The keys travel as one JSON array, because the number of parameters of a statement is limited.
pub(crate) fn unreferenced(
    connection: &mut SqliteConnection,
    keys: &[AudioKey],
) -> Result<Vec<AudioKey>, Failure> {
    let hexadecimal = keys.iter().map(|key| key.0.simple().to_string()).collect::<Vec<_>>();
    let positions = diesel::sql_query(
        "SELECT given.key AS position FROM json_each(?) AS given \
         WHERE NOT EXISTS (SELECT 1 FROM transcriptions \
             WHERE audio_key = unhex(given.value) AND audio_removed_at IS NULL) \
         ORDER BY given.key",
    )
    .bind::<Text, _>(serde_json::to_string(&hexadecimal).map_err(Failure::unstorable)?)
    .load::<Position>(connection)?;
    let key_at = |at: Position| usize::try_from(at.position).ok().and_then(|at| keys.get(at)).copied();
    Ok(positions.into_iter().filter_map(key_at).collect())
}
