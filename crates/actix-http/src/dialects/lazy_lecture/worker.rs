//! The status protocol of its worker, which hears of a job by a message and reports by the transcription's number.
//!
//! The secret is presented in the query, as the worker does, or in the header `X-Worker-Token`, where proxies don't log it.

use std::{
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, dev::Payload, get, http::StatusCode, post, web::Data,
};
use lectern_application::jobs::{ReportStatusError, StatusReport, TranscriptionStatus};
use lectern_domain::transcription::{Chunk, ChunkNumber, StateName, TranscriptionNumber, TransitionError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

use super::dto::naive_utc;
use crate::{
    api::{Api, HttpSettings},
    extract::{Json, Query, secret_equals},
    openapi::Routes,
    problem::{Fields, Problem},
};

/// The header of the worker token.
const X_WORKER_TOKEN: &str = "x-worker-token";
/// The most bytes of a report: a chunk's text, each character as an escape.
const REPORT_LIMIT: usize = 4 * 1024 * 1024;

/// Mounts them.
pub(super) fn configure_worker(config: &mut Routes<'_>) {
    config.service(report_status).service(read_status);
}

/// A request with the worker token.
struct ReportingWorker;

/// Where the token is, unless it is in the header.
#[derive(Deserialize)]
struct TokenQuery {
    secret_worker_token: Option<SecretString>,
}

impl FromRequest for ReportingWorker {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl ReportingWorker {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let Query(TokenQuery { secret_worker_token }) = Query::extract(request).into_inner()?;
        let in_header = request.headers().get(X_WORKER_TOKEN);
        let in_header = in_header.and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        let in_query = secret_worker_token.as_ref().map(ExposeSecret::expose_secret);
        let Some(given) = in_query.or(in_header) else {
            return Err(Problem::field("secret_worker_token", "missing field `secret_worker_token`"));
        };
        let settings = request.app_data::<Data<HttpSettings>>();
        if settings.is_some_and(|settings| secret_equals(given, &settings.worker_token)) {
            Ok(Self)
        } else {
            Err(Problem::unauthenticated("worker_token_invalid", "Wrong worker token"))
        }
    }
}

/// What the worker reports.
#[derive(Deserialize, ToSchema)]
#[schema(as = LazyLectureReport)]
struct ReportBody {
    /// The number from the message.
    transcription_id: i64,
    /// In which state it is: `in_progress`, `processing_error`, `completed`, `completed_partially` or `cancelled`.
    current_state: Option<String>,
    /// What it recognised. It is stored before the state is looked at.
    new_chunk: Option<NewChunkBody>,
}

/// A recognised chunk.
#[derive(Deserialize, ToSchema)]
#[schema(as = LazyLectureNewChunk)]
struct NewChunkBody {
    /// What was said.
    text: String,
    /// Its number, from 0.
    chunk_no: i64,
}

impl TryFrom<ReportBody> for StatusReport {
    type Error = Problem;

    fn try_from(body: ReportBody) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let state = fields.optional("/current_state", body.current_state.as_deref(), |name| {
            let states = StateName::ALL.map(StateName::as_str).join(", ");
            StateName::parse(name).ok_or_else(|| format!("Input should be one of {states}"))
        });
        let chunk = body.new_chunk.and_then(|NewChunkBody { text, chunk_no }| {
            let Ok(number) = u32::try_from(chunk_no) else {
                fields.add("/new_chunk/chunk_no", &format!("Input should be from 0 to {}", u32::MAX));
                return None;
            };
            fields.required("/new_chunk/text", &text, |text| Chunk::new(ChunkNumber(number), text, vec![]))
        });
        fields.finish()?;
        Ok(Self { state, chunk })
    }
}

/// How far a transcription is.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureStatus)]
struct StatusBody {
    transcription: TranscriptionBody,
}

/// A transcription.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureStatusTranscription)]
struct TranscriptionBody {
    /// Its number.
    id: i64,
    /// Its owner's number.
    creator_id: i64,
    /// How long the recording is.
    audio_len_secs: f64,
    /// How long a chunk is: a whole number, as workers count with it, unless it isn't one.
    #[schema(value_type = f64)]
    chunk_size_secs: Number,
    /// Its state.
    current_state: &'static str,
    /// Errors since it was last queued.
    error_count: u8,
    /// When it was made, in UTC.
    create_date: String,
    /// When it last changed, in UTC.
    update_date: String,
}

impl From<TranscriptionStatus> for StatusBody {
    fn from(TranscriptionStatus { transcription, owner }: TranscriptionStatus) -> Self {
        let parts = transcription.parts();
        Self {
            transcription: TranscriptionBody {
                id: parts.number.0,
                creator_id: owner.0,
                audio_len_secs: parts.plan.duration().as_secs_f64(),
                chunk_size_secs: whole_or_not(parts.plan.size()),
                current_state: transcription.state().as_str(),
                error_count: parts.error_count,
                create_date: naive_utc(parts.created_at),
                update_date: naive_utc(parts.updated_at),
            },
        }
    }
}

/// Seconds, as a whole number unless they are none.
pub(super) fn whole_or_not(time: Duration) -> Number {
    let whole = Number::from(time.as_secs());
    if time.subsec_nanos() == 0 { whole } else { Number::from_f64(time.as_secs_f64()).unwrap_or(whole) }
}

/// Report a state, a chunk, or both; with neither, read the state.
#[utoipa::path(
    tag = "lazy-lecture",
    params(("secret_worker_token" = Option<String>, Query, description = "The worker token, unless it is in X-Worker-Token")),
    request_body = ReportBody,
    security(("worker_query" = []), ("worker_header" = [])),
    responses(
        (status = 200, body = StatusBody),
        (status = 401, description = "Wrong worker token"),
        (status = 404, description = "There is no such transcription"),
        (status = 409, description = "Its state doesn't allow that, or another worker has it"),
        (status = 422, description = "The input is invalid, or the recording has no such chunk"),
    )
)]
#[post("/worker/transcription_status")]
async fn report_status(
    api: Data<Api>,
    _: ReportingWorker,
    body: Json<ReportBody, REPORT_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let number = TranscriptionNumber(body.0.transcription_id);
    let report = StatusReport::try_from(body.0)?;
    match api.report_status.execute(number, &report).await {
        Ok(status) => Ok(HttpResponse::Ok().json(StatusBody::from(status))),
        Err(ReportStatusError::Transition(TransitionError::ChunkOutOfPlan { number, last })) => {
            let text = format!("Chunk no is bigger than max chunk no {} > {}", number.0, last.0);
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "chunk_out_of_plan", text))
        }
        Err(error) => Err(error.into()),
    }
}

/// Which transcription.
#[derive(Deserialize)]
struct StatusQuery {
    transcription_id: i64,
}

/// Read the state.
#[utoipa::path(
    tag = "lazy-lecture",
    params(
        ("transcription_id" = i64, Query, description = "The number from the message"),
        ("secret_worker_token" = Option<String>, Query, description = "The worker token, unless it is in X-Worker-Token"),
    ),
    security(("worker_query" = []), ("worker_header" = [])),
    responses(
        (status = 200, body = StatusBody),
        (status = 401, description = "Wrong worker token"),
        (status = 404, description = "There is no such transcription"),
        (status = 422, description = "A parameter is missing or invalid"),
    )
)]
#[get("/worker/transcription_status")]
async fn read_status(
    api: Data<Api>,
    _: ReportingWorker,
    query: Query<StatusQuery>,
) -> Result<HttpResponse, Problem> {
    let status = api.read_status.execute(TranscriptionNumber(query.0.transcription_id)).await?;
    Ok(HttpResponse::Ok().json(StatusBody::from(status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_size_is_a_whole_number_unless_it_is_none() {
        assert_eq!(whole_or_not(Duration::from_mins(1)).to_string(), "60");
        assert_eq!(whole_or_not(Duration::from_millis(2500)).to_string(), "2.5");
    }
}
