//! The recordings of active transcriptions, as a read model.

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Binary},
};
use lectern_application::ports::{ShelvedRecording, StoreError};
use lectern_domain::{account::UserNumber, transcription::AudioKey};
use uuid::Uuid;

use crate::failure::Failure;

#[derive(QueryableByName)]
struct ShelvedRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    owner_number: i64,
    #[diesel(sql_type = Binary)]
    audio_key: Vec<u8>,
}

impl TryFrom<ShelvedRow> for ShelvedRecording {
    type Error = StoreError;

    fn try_from(row: ShelvedRow) -> Result<Self, StoreError> {
        let key = Uuid::from_slice(&row.audio_key).map_err(|_| StoreError::Corrupt {
            table: "transcriptions",
            column: "audio_key",
            row: row.number.to_string(),
        })?;
        Ok(Self { owner: UserNumber(row.owner_number), key: AudioKey(key) })
    }
}

/// Joined in this order, whatever the planner thinks: few transcriptions are active, and they have an index of their own.
pub(crate) fn active_recordings(connection: &mut SqliteConnection) -> Result<Vec<ShelvedRecording>, Failure> {
    let rows = diesel::sql_query(
        "SELECT transcriptions.number, users.number AS owner_number, transcriptions.audio_key \
         FROM transcriptions INDEXED BY transcriptions_active \
         CROSS JOIN users ON users.id = transcriptions.owner_id WHERE transcriptions.finished_at IS NULL",
    )
    .load::<ShelvedRow>(connection)?;
    Ok(rows.into_iter().map(ShelvedRecording::try_from).collect::<Result<_, StoreError>>()?)
}
