//! Uploads.

use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    post,
    web::{Data, Payload},
};
use lectern_application::{Caller, ports::LimitClass, transcriptions::SubmitInput};
use lectern_domain::{
    surface::Surface,
    transcription::{Language, Title},
};
use utoipa::ToSchema;

use super::dto::TranscriptionBody;
use crate::{
    api::Api,
    extract::{MaybeIdempotencyKey, SignedIn},
    failures::{CallerFailures, Clash, TooMany, UploadFailures},
    limits::limited,
    problem::{Fields, Problem},
    recording_form::{self, Arrived},
};

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
    let form = recording_form::open(&request, &mut payload).await?;
    let input = receive(&api, &caller.0, key, form).await?;
    let view = api.submit_recording.execute(&caller.0, input).await?;
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
    mut form: Multipart,
) -> Result<SubmitInput, Problem> {
    let mut audio: Option<Arrived> = None;
    let mut title: Option<String> = None;
    let mut language: Option<String> = None;
    while let Some(field) = recording_form::next_field(&mut form).await? {
        match field.name().unwrap_or_default() {
            "audio" if audio.is_some() => {
                return Err(Problem::field("/audio", "send one recording at a time"));
            }
            "audio" => audio = Some(receive_audio(api, caller, field).await?),
            "title" => title = Some(recording_form::text("/title", field, title.as_ref()).await?),
            "language" => language = Some(recording_form::text("/language", field, language.as_ref()).await?),
            _ => {
                return Err(Problem::field(
                    "",
                    "the form has the fields audio, title and language, no others",
                ));
            }
        }
    }
    let Some(audio) = audio else {
        return Err(Problem::field("/audio", "send the recording in a form field named 'audio'"));
    };
    let mut fields = Fields::default();
    // An empty field of a web form is one that was left out.
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (title, language) = (given(title), given(language));
    let title = fields.optional("/title", title.as_deref(), Title::parse).or_else(|| audio.title());
    let language = fields.optional("/language", language.as_deref(), Language::parse);
    fields.finish()?;
    let kinds = Surface::V1.recording_kinds();
    Ok(SubmitInput { staged: audio.staged, title, language, kinds, idempotency_key: key.0 })
}

async fn receive_audio(api: &Api, caller: &Caller, field: Field) -> Result<Arrived, Problem> {
    if !recording_form::may_be_audio(field.content_type()) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the form field 'audio' must have an audio content type, such as audio/mpeg",
        ));
    }
    Ok(recording_form::stage(api, caller, field).await?)
}
