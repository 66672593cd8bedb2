//! Recordings in forms: `multipart/form-data` (RFC 7578), streamed into a staging file as they come.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::StatusCode,
    mime::{self, Mime},
};
use futures::StreamExt;
use lectern_application::{
    Caller,
    ports::StagedAudio,
    transcriptions::{StageError, UploadInterrupted},
};

use lectern_domain::transcription::Title;

use crate::{api::Api, problem::Problem};

/// The most bytes of a text field.
const TEXT_LIMIT: usize = 4096;

/// A recording that has arrived.
pub(crate) struct Arrived {
    /// Its bytes.
    pub(crate) staged: StagedAudio,
    /// What its sender calls the file.
    pub(crate) file_name: Option<String>,
}

impl Arrived {
    /// What a recording is called that nobody gave a title: the file's name without folders and extension.
    pub(crate) fn title(&self) -> Option<Title> {
        self.file_name.as_deref().and_then(|name| Title::parse(stem(name)).ok())
    }
}

/// The form in a request's body; 415 if it is none.
pub(crate) async fn open(request: &HttpRequest, payload: &mut Payload) -> Result<Multipart, Problem> {
    Multipart::from_request(request, payload).await.map_err(|_| not_multipart())
}

/// The form's next field.
pub(crate) async fn next_field(form: &mut Multipart) -> Result<Option<Field>, Problem> {
    form.next().await.transpose().map_err(|error| malformed(&error))
}

/// Streams a field into a staging file.
pub(crate) async fn stage(api: &Api, caller: &Caller, field: Field) -> Result<Arrived, StageError> {
    let file_name =
        field.content_disposition().and_then(|disposition| disposition.get_filename().map(ToOwned::to_owned));
    let pieces = field.map(|piece| piece.map_err(|_| UploadInterrupted));
    Ok(Arrived { staged: api.stage_recording.execute(caller, pieces).await?, file_name })
}

/// Whether what a part calls itself may be audio. It is probed later whatever it says; this only turns away what is plainly
/// something else. Browsers call some recordings video, and unknown ones an octet stream.
pub(crate) fn may_be_audio(media_type: Option<&Mime>) -> bool {
    media_type.is_none_or(|media_type| {
        matches!(media_type.type_(), mime::AUDIO | mime::VIDEO)
            || matches!(media_type.essence_str(), "application/octet-stream" | "application/ogg")
    })
}

/// Reads a field of text, to be sent once.
pub(crate) async fn text(
    pointer: &str,
    mut field: Field,
    before: Option<&String>,
) -> Result<String, Problem> {
    if before.is_some() {
        return Err(Problem::field(pointer, "send this field once"));
    }
    let mut text = Vec::new();
    while let Some(piece) = field.next().await {
        text.extend_from_slice(&piece.map_err(|error| malformed(&error))?);
        if text.len() > TEXT_LIMIT {
            return Err(Problem::field(pointer, format!("must be at most {TEXT_LIMIT} bytes long")));
        }
    }
    String::from_utf8(text).map_err(|_| Problem::field(pointer, "must be UTF-8 text"))
}

/// Reads past a field that means nothing. It may not be longer than a text: nobody streams for nothing.
pub(crate) async fn skip(field: Field) -> Result<(), Problem> {
    let pointer = format!("/{}", field.name().unwrap_or_default());
    text(&pointer, field, None).await.map(drop)
}

fn stem(file_name: &str) -> &str {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn not_multipart() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "the body must be a form with the header 'Content-Type: multipart/form-data; boundary=…'",
    )
}

fn malformed(error: &MultipartError) -> Problem {
    if matches!(
        error,
        MultipartError::ContentTypeMissing
            | MultipartError::ContentTypeParse
            | MultipartError::ContentTypeIncompatible
            | MultipartError::BoundaryMissing
    ) {
        return not_multipart();
    }
    Problem::new(StatusCode::BAD_REQUEST, "malformed_body", format!("the form can't be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_becomes_a_title_without_folders_and_extension() {
        assert_eq!(stem("C:\\talks\\Oceans 7.final.mp3"), "Oceans 7.final");
        assert_eq!(stem("../../etc/passwd"), "passwd");
    }
}
