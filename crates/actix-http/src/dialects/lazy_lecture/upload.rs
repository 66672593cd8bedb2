//! Recordings.

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Payload},
};
use lectern_application::{
    Caller,
    ports::LimitClass,
    transcriptions::{AlreadyActive, StageError, SubmitError, SubmitInput},
};
use lectern_domain::{surface::Surface, transcription::DurationOutOfRange};
use utoipa::ToSchema;

use super::{dto::transcriptions::UploadedBody, extract::Bearer};
use crate::{
    api::Api,
    limits::limited,
    openapi::Routes,
    problem::Problem,
    recording_form::{self, Arrived},
};

/// The form's field.
const AUDIO: &str = "audiofile";

/// Mounts it.
pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(upload);
}

/// A recording to be transcribed.
#[derive(ToSchema)]
#[schema(as = LazyLectureUpload)]
#[expect(dead_code, reason = "describes the form; the field is read as it comes")]
struct UploadForm {
    /// An mp3, as `audio/mpeg`.
    #[schema(value_type = String, format = Binary)]
    audiofile: Vec<u8>,
}

/// Upload a recording. It is queued at once; an account has one active transcription at a time.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_upload",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    security(("bearer" = [])),
    responses(
        (status = 200, body = UploadedBody),
        (status = 400, description = "It is no mp3"),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 403, description = "The account may not upload"),
        (status = 409, description = "Another one is active"),
        (status = 413, description = "The recording is too large"),
        (status = 422, description = "The recording is missing, too short or too long"),
        (status = 429, description = "Too often"),
        (status = 507, description = "There is no room left"),
    )
)]
#[post("/upload-audiofile", wrap = "limited(LimitClass::Upload)")]
async fn upload(
    api: Data<Api>,
    caller: Bearer,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    api.stage_recording.permit(&caller.0, None).await.map_err(not_staged)?;
    let mut payload = payload.into_inner();
    let form = recording_form::open(&request, &mut payload).await.map_err(unreadable)?;
    let audio = receive(&api, &caller.0, form).await?;
    let title = audio.title();
    let Arrived { staged, file_name } = audio;
    let kinds = Surface::LazyLecture.recording_kinds();
    let input = SubmitInput { staged, title, language: None, kinds, idempotency_key: None };
    let view = api.submit_recording.execute(&caller.0, input).await.map_err(not_submitted)?;
    let (message, task_id) = ("File uploaded successfully", view.transcription.parts().number.0);
    Ok(HttpResponse::Ok().json(UploadedBody { message, task_id, file: file_name }))
}

/// Reads the form. Fields besides the recording mean nothing.
async fn receive(api: &Api, caller: &Caller, mut form: Multipart) -> Result<Arrived, Problem> {
    let mut audio = None;
    while let Some(field) = recording_form::next_field(&mut form).await.map_err(unreadable)? {
        match field.name() {
            Some(AUDIO) if audio.is_some() => {
                return Err(Problem::field(format!("/{AUDIO}"), "send one recording at a time"));
            }
            Some(AUDIO) if field.content_type().is_none_or(|kind| kind.essence_str() != "audio/mpeg") => {
                return Err(not_audio());
            }
            Some(AUDIO) => audio = Some(recording_form::stage(api, caller, field).await.map_err(not_staged)?),
            _ => recording_form::skip(field).await?,
        }
    }
    audio.ok_or_else(missing)
}

fn not_staged(error: StageError) -> Problem {
    match error {
        StageError::Active(active) => already_active(active),
        error => error.into(),
    }
}

fn not_submitted(error: SubmitError) -> Problem {
    match error {
        SubmitError::Active(active) => already_active(active),
        SubmitError::Duration(DurationOutOfRange { limits, duration }) => {
            let text = format!(
                "Audio duration must be between {} and {} seconds. Provided file is {:.2} seconds long.",
                limits.min.as_secs(),
                limits.max.as_secs(),
                duration.as_secs_f64()
            );
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "duration_out_of_range", text)
        }
        error => error.into(),
    }
}

/// Clients look for the first word.
fn already_active(AlreadyActive { number, state, .. }: AlreadyActive) -> Problem {
    let text = format!(
        "Transcription {} is {state}. Please cancel the job or wait before its completion to start a new one.",
        number.0
    );
    Problem::new(StatusCode::CONFLICT, "transcription_active", text)
}

/// A body that is no form has no such field; one that breaks off in the middle is no JSON document that does.
fn unreadable(problem: Problem) -> Problem {
    match &*problem.code {
        "unsupported_media_type" => missing(),
        _ => Problem::new(StatusCode::BAD_REQUEST, "malformed_form", problem.detail),
    }
}

fn not_audio() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "not_audio", "Invalid audio file")
}

fn missing() -> Problem {
    Problem::field("", format!("missing field `{AUDIO}`"))
}
