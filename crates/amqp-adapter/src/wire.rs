//! An announcement as it goes over the wire.

use lapin::BasicProperties;
use lectern_application::ports::Announcement;
use lectern_domain::time::Timestamp;
use serde::Serialize;

/// AMQP's number for a message that survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// The body that workers read: exactly this.
#[derive(Serialize)]
struct Body {
    transcription_id: i64,
    user_id: i64,
}

/// The message's body, as JSON.
pub(crate) fn body(of: &Announcement) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Body { transcription_id: of.transcription.0, user_id: of.owner.0 })
}

/// What the broker and programs that list messages know of it. The id is the transcription's, so that an announcement
/// that came twice can be told from two.
pub(crate) fn properties(of: &Announcement, at: Timestamp) -> BasicProperties {
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(of.id.0.to_string().into())
        .with_timestamp(at.as_unix_seconds().try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use lectern_domain::{
        account::UserNumber,
        transcription::{TranscriptionId, TranscriptionNumber},
    };
    use uuid::Uuid;

    use super::*;

    #[test]
    fn workers_are_told_two_numbers_and_nothing_else() {
        let announcement = Announcement {
            transcription: TranscriptionNumber(7),
            owner: UserNumber(i64::MAX),
            id: TranscriptionId(Uuid::nil()),
        };
        let body = String::from_utf8(body(&announcement).unwrap()).unwrap();
        assert_eq!(body, r#"{"transcription_id":7,"user_id":9223372036854775807}"#);
    }
}
