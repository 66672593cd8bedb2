//! What owners do with a transcription.

use actix_web::{HttpResponse, delete, patch, post, web::Data};
use lectern_domain::transcription::{Title, TranscriptionId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::TranscriptionBody;
use crate::{
    api::Api,
    extract::{Id, Json, SignedIn},
    failures::{BodyFailures, CallerFailures, Clash, Missing},
    problem::{Fields, Problem},
};

/// Call a transcription off. What is transcribed so far stays.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = TranscriptionBody),
        CallerFailures, Missing, Clash,
    )
)]
#[post("/transcriptions/{id}/cancel")]
pub(super) async fn cancel(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let view = api.cancel_transcription.execute(&caller.0, TranscriptionId(id.0)).await?;
    Ok(HttpResponse::Ok().json(TranscriptionBody::from(&view)))
}

/// Queue a transcription again that failed, was cancelled or is incomplete. Chunks are kept.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, body = TranscriptionBody),
        CallerFailures, Missing, Clash,
    )
)]
#[post("/transcriptions/{id}/retry")]
pub(super) async fn retry(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let view = api.retry_transcription.execute(&caller.0, TranscriptionId(id.0)).await?;
    Ok(HttpResponse::Accepted().json(TranscriptionBody::from(&view)))
}

/// What to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameTranscriptionBody {
    /// The new title, at most 200 characters; null takes it away.
    #[serde(deserialize_with = "present")]
    #[schema(example = "Lecture 7: oceans", required = true, min_length = 1, max_length = 200)]
    title: Option<String>,
}

/// Null is a value here, but absence is a mistake.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// Give a transcription another title.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription")),
    request_body = RenameTranscriptionBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = TranscriptionBody),
        BodyFailures, CallerFailures, Missing,
    )
)]
#[patch("/transcriptions/{id}")]
pub(super) async fn rename(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    body: Json<RenameTranscriptionBody>,
) -> Result<HttpResponse, Problem> {
    let mut fields = Fields::default();
    let title = fields.optional("/title", body.0.title.as_deref(), Title::parse);
    fields.finish()?;
    let view = api.rename_transcription.execute(&caller.0, TranscriptionId(id.0), title).await?;
    Ok(HttpResponse::Ok().json(TranscriptionBody::from(&view)))
}

/// Delete a transcription with its text and its recording.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204),
        CallerFailures, Missing,
    )
)]
#[delete("/transcriptions/{id}")]
pub(super) async fn delete(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    api.delete_transcription.execute(&caller.0, TranscriptionId(id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
