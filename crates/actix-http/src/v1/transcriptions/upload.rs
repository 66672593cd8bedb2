//! Uploads: `multipart/form-data` (RFC 7578), streamed into a staging file as it comes.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    http::{StatusCode, header},
    post,
    web::{Data, Payload},
};
use futures::StreamExt;
use lectern_application::{
    Caller,
    ports::{LimitClass, StagedAudio},
    transcriptions::{SubmitInput, UploadInterrupted},
};
use lectern_domain::transcription::{Language, Title};
use utoipa::ToSchema;

use super::dto::TranscriptionBody;
use crate::{
    api::Api,
    extract::{MaybeIdempotencyKey, SignedIn},
    failures::{CallerFailures, Clash, TooMany, UploadFailures},
    limits::limited,
    problem::{Fields, Problem},
};

/// The most bytes of a text field.
const TEXT_LIMIT: usize = 4096;

/// A recording to be transcribed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the fields are read as they come")]
pub(super) struct UploadForm {
    /// The recording: mp3, m4a, flac, ogg, wav and others.
    #[schema(value_type = String, format = Binary)]
    audio: Vec<u8>,
    /// What to call it, at most 200 characters. The file's name without this.
    title: Option<String>,
    /// The language spoken, as a BCP 47 tag such as `en`.
    language: Option<String>,
}

/// Upload a recording. It is queued at once; an account has one active transcription at a time.
#[utoipa::path(
    tag = "transcriptions",
    params(MaybeIdempotencyKey),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, body = TranscriptionBody, headers(("Location" = String, description = "The transcription"))),
        UploadFailures, CallerFailures, Clash, TooMany,
    )
)]
#[post("/transcriptions", wrap = "limited(LimitClass::Upload)")]
pub(super) async fn upload(
    api: Data<Api>,
    caller: SignedIn,
    key: MaybeIdempotencyKey,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut payload = payload.into_inner();
    api.stage_recording.permit(&caller.0, key.0.as_ref()).await?;
    let multipart = Multipart::from_request(&request, &mut payload).await.map_err(|_| not_multipart())?;
    let form = receive(&api, &caller.0, key, multipart).await?;
    let view = api.submit_recording.execute(&caller.0, form).await?;
    let location = format!("/v1/transcriptions/{}", view.transcription.id().0);
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, location))
        .json(TranscriptionBody::from(&view)))
}

/// Reads the form's fields in whatever order they come.
async fn receive(
    api: &Api,
    caller: &Caller,
    key: MaybeIdempotencyKey,
    mut multipart: Multipart,
) -> Result<SubmitInput, Problem> {
    let mut audio: Option<(StagedAudio, Option<String>)> = None;
    let mut title: Option<String> = None;
    let mut language: Option<String> = None;
    while let Some(field) = multipart.next().await {
        let field = field.map_err(|error| malformed(&error))?;
        match field.name().unwrap_or_default() {
            "audio" if audio.is_some() => {
                return Err(Problem::field("/audio", "send one recording at a time"));
            }
            "audio" => audio = Some(receive_audio(api, caller, field).await?),
            "title" => title = Some(receive_text("/title", field, title.as_ref()).await?),
            "language" => language = Some(receive_text("/language", field, language.as_ref()).await?),
            _ => {
                return Err(Problem::field(
                    "",
                    "the form has the fields audio, title and language, no others",
                ));
            }
        }
    }
    let Some((staged, file_name)) = audio else {
        return Err(Problem::field("/audio", "send the recording in a form field named 'audio'"));
    };
    let mut fields = Fields::default();
    // An empty field of a web form is one that was left out.
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (title, language) = (given(title), given(language));
    let title = fields
        .optional("/title", title.as_deref(), Title::parse)
        .or_else(|| file_name.and_then(|name| Title::parse(stem(&name)).ok()));
    let language = fields.optional("/language", language.as_deref(), Language::parse);
    fields.finish()?;
    Ok(SubmitInput { staged, title, language, idempotency_key: key.0 })
}

async fn receive_audio(
    api: &Api,
    caller: &Caller,
    field: Field,
) -> Result<(StagedAudio, Option<String>), Problem> {
    if !may_hold_audio(&field) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the form field 'audio' must have an audio content type, such as audio/mpeg",
        ));
    }
    let file_name =
        field.content_disposition().and_then(|disposition| disposition.get_filename().map(ToOwned::to_owned));
    let pieces = field.map(|piece| piece.map_err(|_| UploadInterrupted));
    Ok((api.stage_recording.execute(caller, pieces).await?, file_name))
}

/// What the part calls itself. It is probed later whatever it says; this only turns away what is plainly something
/// else. Browsers call some recordings video, and unknown ones an octet stream.
fn may_hold_audio(field: &Field) -> bool {
    match field.content_type() {
        None => true,
        Some(mime) => {
            matches!(mime.type_(), mime::AUDIO | mime::VIDEO)
                || matches!(mime.essence_str(), "application/octet-stream" | "application/ogg")
        }
    }
}

async fn receive_text(pointer: &str, mut field: Field, before: Option<&String>) -> Result<String, Problem> {
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
