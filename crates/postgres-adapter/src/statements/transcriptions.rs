//! Transcriptions.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, QueryResult, SelectableHelper,
    result::Error,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{Changes, StoreError, TranscriptionView};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{AudioKey, Chunk, NewTranscription, Transcription, TranscriptionId, TranscriptionNumber},
};

use crate::{
    failure::Failure,
    rows::{
        At, ChunkRow, TranscriptionProgress, TranscriptionRow, TranscriptionValues, TranscriptionViewRow,
    },
    schema::{chunks, transcriptions},
};

pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    transcription: NewTranscription,
) -> Result<Transcription, Failure> {
    // The number is not among the values that are written.
    let unnumbered = transcription.clone().numbered(TranscriptionNumber(0));
    let number = diesel::insert_into(transcriptions::table)
        .values(TranscriptionValues::try_from(&unnumbered).map_err(Failure::unstorable)?)
        .returning(transcriptions::number)
        .get_result(connection)
        .await?;
    Ok(transcription.numbered(TranscriptionNumber(number)))
}

pub(crate) async fn by_id(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .find(id.0)
        .select(TranscriptionRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await)
}

/// Active is what has not finished: the table's constraint ties the state to it, and the index of active ones is one of
/// unfinished ones.
pub(crate) async fn active(
    connection: &mut AsyncPgConnection,
    owner: UserId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .filter(transcriptions::owner_id.eq(owner.0))
        .filter(transcriptions::finished_at.is_null())
        .select(TranscriptionRow::as_select())
        .first(connection)
        .await)
}

/// As [`active`], to be kept as it is.
pub(crate) async fn active_held(
    connection: &mut AsyncPgConnection,
    owner: UserId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .filter(transcriptions::owner_id.eq(owner.0))
        .filter(transcriptions::finished_at.is_null())
        .select(TranscriptionRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await)
}

pub(crate) async fn oldest_finished(
    connection: &mut AsyncPgConnection,
    owner: UserId,
) -> Result<Option<Transcription>, Failure> {
    one(transcriptions::table
        .filter(transcriptions::owner_id.eq(owner.0))
        .filter(transcriptions::finished_at.is_not_null())
        .order((transcriptions::created_at, transcriptions::number))
        .select(TranscriptionRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await)
}

/// What the index `transcriptions_with_audio` has, in its order. Passes over what others hold.
pub(crate) async fn finished_with_audio(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Transcription>, Failure> {
    let rows = transcriptions::table
        .filter(transcriptions::audio_removed_at.is_null())
        .filter(transcriptions::finished_at.is_not_null())
        .filter(transcriptions::finished_at.lt(At(before)))
        .order((transcriptions::finished_at, transcriptions::number))
        .limit(limit.into())
        .select(TranscriptionRow::as_select())
        .for_no_key_update()
        .skip_locked()
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Transcription::try_from).collect::<Result<_, StoreError>>()?)
}

fn one(row: QueryResult<TranscriptionRow>) -> Result<Option<Transcription>, Failure> {
    Ok(row.optional()?.map(Transcription::try_from).transpose()?)
}

pub(crate) async fn save(
    connection: &mut AsyncPgConnection,
    transcription: &Transcription,
) -> Result<(), Failure> {
    let saved = diesel::update(transcriptions::table.find(transcription.id().0))
        .set(TranscriptionProgress::from(transcription))
        .execute(connection)
        .await?;
    if saved == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

pub(crate) async fn count(connection: &mut AsyncPgConnection, owner: UserId) -> Result<u32, Failure> {
    let all = transcriptions::table.filter(transcriptions::owner_id.eq(owner.0)).count();
    all.get_result::<i64>(connection).await?.try_into().map_err(Failure::unstorable)
}

/// Chunks and job go with it, by their foreign keys.
pub(crate) async fn delete(connection: &mut AsyncPgConnection, id: TranscriptionId) -> Result<(), Failure> {
    diesel::delete(transcriptions::table.find(id.0)).execute(connection).await?;
    Ok(())
}

pub(crate) async fn view(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
) -> Result<Option<TranscriptionView>, Failure> {
    let row = transcriptions::table
        .find(id.0)
        .select(TranscriptionViewRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(TranscriptionView::try_from).transpose()?)
}

pub(crate) async fn view_by_number(
    connection: &mut AsyncPgConnection,
    number: TranscriptionNumber,
) -> Result<Option<TranscriptionView>, Failure> {
    let row = transcriptions::table
        .filter(transcriptions::number.eq(number.0))
        .select(TranscriptionViewRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(TranscriptionView::try_from).transpose()?)
}

pub(crate) async fn changes_since(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
    revision: u32,
) -> Result<Option<Changes>, Failure> {
    let later = chunks::transcription_id.eq(transcriptions::id).and(chunks::revision.gt(i64::from(revision)));
    let rows = transcriptions::table
        .left_join(chunks::table.on(later))
        .filter(transcriptions::id.eq(id.0))
        .order((chunks::revision.nullable(), chunks::number.nullable()))
        .select((TranscriptionViewRow::as_select(), Option::<ChunkRow>::as_select()))
        .load::<(TranscriptionViewRow, Option<ChunkRow>)>(connection)
        .await?;

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

pub(crate) async fn unreferenced(
    connection: &mut AsyncPgConnection,
    keys: &[AudioKey],
) -> Result<Vec<AudioKey>, Failure> {
    let ids = keys.iter().map(|key| key.0).collect::<Vec<_>>();
    let positions = diesel::sql_query(
        "SELECT given.position - 1 AS position FROM unnest($1::uuid[]) WITH ORDINALITY AS given (key, position) \
         WHERE NOT EXISTS (\
             SELECT 1 FROM transcriptions WHERE audio_key = given.key AND audio_removed_at IS NULL) \
         ORDER BY given.position",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load::<Position>(connection)
    .await?;
    let key_at = |at: Position| usize::try_from(at.position).ok().and_then(|at| keys.get(at)).copied();
    Ok(positions.into_iter().filter_map(key_at).collect())
}
