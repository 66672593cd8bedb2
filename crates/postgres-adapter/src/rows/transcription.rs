//! Transcriptions.

use std::{num::TryFromIntError, time::Duration};

use diesel::{
    dsl::sql,
    expression::SqlLiteral,
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, QueryableByName, Selectable},
    sql_types::{BigInt, Nullable, Text},
};
use lectern_application::ports::{StoreError, TranscriptionView};
use lectern_domain::{
    account::{UserId, UserNumber},
    transcription::{
        AudioKey, ChunkPlan, Language, MAX_ERRORS, Recording, Sha256, State, StateName, Title, Transcription,
        TranscriptionId, TranscriptionNumber, TranscriptionParts,
    },
};

use uuid::Uuid;

use super::{At, Row};
use crate::{schema::transcriptions, words::Words};

/// How many planned chunks are stored. Planned are those that cover any time: the quotient rounded up.
pub(crate) const CHUNKS_DONE: &str = "(\
    SELECT count(*) FROM chunks WHERE chunks.transcription_id = transcriptions.id AND chunks.number < \
    (transcriptions.duration_ns + transcriptions.chunk_ns - 1) / transcriptions.chunk_ns)";

/// The beginning of the first chunk. PostgreSQL counts in characters, as the port does.
pub(crate) const DESCRIPTION: &str = "(\
    SELECT substr(chunks.text, 1, 256) FROM chunks \
    WHERE chunks.transcription_id = transcriptions.id AND chunks.number = 0)";

/// The number of the account whose it is.
pub(crate) const OWNER_NUMBER: &str =
    "(SELECT users.number FROM users WHERE users.id = transcriptions.owner_id)";

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = transcriptions, check_for_backend(Pg))]
pub(crate) struct TranscriptionRow {
    number: i64,
    id: Uuid,
    owner_id: Uuid,
    title: Option<String>,
    language: Option<String>,
    audio_key: Uuid,
    media_type: String,
    audio_bytes: i64,
    audio_sha256: Vec<u8>,
    duration_ns: i64,
    chunk_ns: i64,
    state: String,
    finished_at: Option<At>,
    error_count: i64,
    revision: i64,
    audio_removed_at: Option<At>,
    created_at: At,
    updated_at: At,
}

impl TryFrom<TranscriptionRow> for Transcription {
    type Error = StoreError;

    fn try_from(row: TranscriptionRow) -> Result<Self, StoreError> {
        let cells = Row { table: "transcriptions", key: &row.number };
        let duration = cells.valid("duration_ns", nanos(row.duration_ns))?;
        let chunk = cells.valid("chunk_ns", nanos(row.chunk_ns))?;
        let state = cells.valid("state", StateName::parse(&row.state))?;
        let finished_at = row.finished_at.map(|at| at.0);
        let error_count = u8::try_from(row.error_count).ok().filter(|count| *count <= MAX_ERRORS);
        Ok(Self::from_parts(TranscriptionParts {
            id: TranscriptionId(row.id),
            number: TranscriptionNumber(row.number),
            owner: UserId(row.owner_id),
            title: cells.optional("title", row.title, |title| Title::parse(&title).ok())?,
            language: cells.optional("language", row.language, |tag| Language::parse(&tag).ok())?,
            recording: Recording {
                key: AudioKey(row.audio_key),
                media_type: row.media_type,
                bytes: cells.valid("audio_bytes", row.audio_bytes.try_into().ok())?,
                sha256: Sha256(cells.valid("audio_sha256", row.audio_sha256.try_into().ok())?),
            },
            plan: cells.valid("chunk_ns", ChunkPlan::new(duration, chunk).ok())?,
            state: cells.valid("finished_at", State::from_name(state, finished_at))?,
            error_count: cells.valid("error_count", error_count)?,
            revision: cells.valid("revision", row.revision.try_into().ok())?,
            audio_removed_at: row.audio_removed_at.map(|at| at.0),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }))
    }
}

fn nanos(count: i64) -> Option<Duration> {
    count.try_into().ok().map(Duration::from_nanos)
}

/// A transcription as it is listed.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = transcriptions, check_for_backend(Pg))]
pub(crate) struct TranscriptionViewRow {
    #[diesel(embed)]
    transcription: TranscriptionRow,
    #[diesel(
        sql_type = BigInt,
        select_expression = sql::<BigInt>(OWNER_NUMBER),
        select_expression_type = SqlLiteral<BigInt>
    )]
    owner_number: i64,
    #[diesel(
        sql_type = BigInt,
        select_expression = sql::<BigInt>(CHUNKS_DONE),
        select_expression_type = SqlLiteral<BigInt>
    )]
    chunks_done: i64,
    #[diesel(
        sql_type = Nullable<Text>,
        select_expression = sql::<Nullable<Text>>(DESCRIPTION),
        select_expression_type = SqlLiteral<Nullable<Text>>
    )]
    description: Option<String>,
}

impl TryFrom<TranscriptionViewRow> for TranscriptionView {
    type Error = StoreError;

    fn try_from(row: TranscriptionViewRow) -> Result<Self, StoreError> {
        let number = row.transcription.number;
        let cells = Row { table: "transcriptions", key: &number };
        Ok(Self {
            transcription: row.transcription.try_into()?,
            owner_number: UserNumber(row.owner_number),
            chunks_done: cells.valid("chunk_ns", row.chunks_done.try_into().ok())?,
            description: row.description,
        })
    }
}

/// A whole transcription, all but its number.
#[derive(Insertable)]
#[diesel(table_name = transcriptions)]
pub(crate) struct TranscriptionValues<'a> {
    id: Uuid,
    owner_id: Uuid,
    language: Option<&'a str>,
    audio_key: Uuid,
    media_type: &'a str,
    audio_bytes: i64,
    audio_sha256: &'a [u8],
    duration_ns: i64,
    chunk_ns: i64,
    created_at: At,
    #[diesel(embed)]
    progress: TranscriptionProgress<'a>,
}

/// Fails if a size or a duration (292 years) is beyond what a `bigint` holds.
impl<'a> TryFrom<&'a Transcription> for TranscriptionValues<'a> {
    type Error = TryFromIntError;

    fn try_from(transcription: &'a Transcription) -> Result<Self, TryFromIntError> {
        let progress = transcription.into();
        let transcription = transcription.parts();
        Ok(Self {
            id: transcription.id.0,
            owner_id: transcription.owner.0,
            language: transcription.language.as_ref().map(Language::as_str),
            audio_key: transcription.recording.key.0,
            media_type: &transcription.recording.media_type,
            audio_bytes: transcription.recording.bytes.try_into()?,
            audio_sha256: &transcription.recording.sha256.0,
            duration_ns: transcription.plan.duration().as_nanos().try_into()?,
            chunk_ns: transcription.plan.size().as_nanos().try_into()?,
            created_at: At(transcription.created_at),
            progress,
        })
    }
}

/// What changes in the life of a transcription.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = transcriptions, treat_none_as_null = true)]
pub(crate) struct TranscriptionProgress<'a> {
    title: Option<&'a str>,
    title_words: Words,
    state: &'a str,
    finished_at: Option<At>,
    error_count: i64,
    revision: i64,
    audio_removed_at: Option<At>,
    updated_at: At,
}

impl<'a> From<&'a Transcription> for TranscriptionProgress<'a> {
    fn from(transcription: &'a Transcription) -> Self {
        let transcription = transcription.parts();
        Self {
            title: transcription.title.as_ref().map(Title::as_str),
            title_words: Words::of(
                transcription.owner,
                transcription.title.as_ref().map_or("", Title::as_str),
            ),
            state: transcription.state.name().as_str(),
            finished_at: transcription.state.finished_at().map(At),
            error_count: transcription.error_count.into(),
            revision: transcription.revision.into(),
            audio_removed_at: transcription.audio_removed_at.map(At),
            updated_at: At(transcription.updated_at),
        }
    }
}
