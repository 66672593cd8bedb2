//! The recordings of active transcriptions, as a read model.

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::ShelvedRecording;
use lectern_domain::{account::UserNumber, transcription::AudioKey};
use uuid::Uuid;

use crate::{
    failure::Failure,
    schema::{transcriptions, users},
};

/// Active is what has not finished, and has an index of its own.
pub(crate) async fn active_recordings(
    connection: &mut AsyncPgConnection,
) -> Result<Vec<ShelvedRecording>, Failure> {
    let rows = transcriptions::table
        .inner_join(users::table.on(users::id.eq(transcriptions::owner_id)))
        .filter(transcriptions::finished_at.is_null())
        .select((users::number, transcriptions::audio_key))
        .load::<(i64, Uuid)>(connection)
        .await?;
    let shelved = |(owner, key)| ShelvedRecording { owner: UserNumber(owner), key: AudioKey(key) };
    Ok(rows.into_iter().map(shelved).collect())
}
