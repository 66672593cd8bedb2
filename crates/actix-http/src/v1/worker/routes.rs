//! Routes under `/v1/worker`.

use actix_web::{HttpRequest, HttpResponse, get, post, web::Data};
use lectern_application::ports::Pulse;
use lectern_domain::transcription::{Chunk, LeaseId};

use super::dto::{FailBody, JobBody, LeaseBody, NewChunkBody, PulseBody};
use crate::{
    api::Api,
    extract::{Id, Json, WorkerToken},
    failures::{BodyFailures, Clash, Missing, RangeFailures, WorkerFailures},
    openapi::Routes,
    problem::Problem,
    v1::transcriptions::audio::{requested_range, respond},
};

/// The most bytes of a chunk's body: its text, and its segments with theirs.
const CHUNK_LIMIT: usize = 4 * 1024 * 1024;

pub(in crate::v1) fn configure(config: &mut Routes<'_>) {
    config
        .service(lease_job)
        .service(heartbeat)
        .service(audio)
        .service(store_chunk)
        .service(complete)
        .service(fail)
        .service(release);
}

/// Lease the job that has waited longest.
#[utoipa::path(
    tag = "worker",
    request_body = LeaseBody,
    security(("worker" = [])),
    responses(
        (status = 200, body = JobBody),
        (status = 204, description = "There is nothing to do"),
        BodyFailures, WorkerFailures,
    )
)]
#[post("/worker/jobs/lease")]
async fn lease_job(api: Data<Api>, _: WorkerToken, body: Json<LeaseBody>) -> Result<HttpResponse, Problem> {
    Ok(match api.lease_job.execute(&body.0.try_into()?).await? {
        Some(job) => HttpResponse::Ok().json(JobBody::from(job)),
        None => HttpResponse::NoContent().finish(),
    })
}

/// Say that the worker is still at it.
#[utoipa::path(
    tag = "worker",
    params(("id" = Uuid, Path, description = "The lease")),
    security(("worker" = [])),
    responses(
        (status = 200, body = PulseBody),
        WorkerFailures, Missing, Clash,
    )
)]
#[post("/worker/jobs/{id}/heartbeat")]
async fn heartbeat(api: Data<Api>, _: WorkerToken, id: Id) -> Result<HttpResponse, Problem> {
    let pulse = api.heartbeat_job.execute(LeaseId(id.0)).await?;
    Ok(HttpResponse::Ok().json(PulseBody { cancelled: pulse == Pulse::Cancelled }))
}

/// Get the job's recording, whole or a range of it.
#[utoipa::path(
    tag = "worker",
    params(("id" = Uuid, Path, description = "The lease")),
    security(("worker" = [])),
    responses(
        (status = 200, description = "The recording", content_type = "audio/*"),
        (status = 206, description = "The range asked for", content_type = "audio/*"),
        WorkerFailures, Missing, Clash, RangeFailures,
    )
)]
#[get("/worker/jobs/{id}/audio")]
async fn audio(
    api: Data<Api>,
    _: WorkerToken,
    id: Id,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let lease = LeaseId(id.0);
    let recording = api.open_job_audio.recording(lease).await?;
    let range = requested_range(&request, recording.bytes)?;
    let stream = api.open_job_audio.execute(lease, range).await?;
    Ok(respond(&recording, stream, range))
}

/// Store a recognised chunk. One of the same number is replaced.
#[utoipa::path(
    tag = "worker",
    params(("id" = Uuid, Path, description = "The lease")),
    request_body = NewChunkBody,
    security(("worker" = [])),
    responses(
        (status = 204),
        BodyFailures, WorkerFailures, Missing, Clash,
    )
)]
#[post("/worker/jobs/{id}/chunks")]
async fn store_chunk(
    api: Data<Api>,
    _: WorkerToken,
    id: Id,
    body: Json<NewChunkBody, CHUNK_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let chunk = Chunk::try_from(body.0)?;
    api.store_chunk.execute(LeaseId(id.0), &chunk).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End a job: completed, or partially if chunks are missing.
#[utoipa::path(
    tag = "worker",
    params(("id" = Uuid, Path, description = "The lease")),
    security(("worker" = [])),
    responses(
        (status = 204),
        WorkerFailures, Missing, Clash,
    )
)]
#[post("/worker/jobs/{id}/complete")]
async fn complete(api: Data<Api>, _: WorkerToken, id: Id) -> Result<HttpResponse, Problem> {
    api.complete_job.execute(LeaseId(id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Say that the job could not be done. It is tried again later; the third time is the last.
#[utoipa::path(
    tag = "worker",
    params(("id" = Uuid, Path, description = "The lease")),
    request_body = FailBody,
    security(("worker" = [])),
    responses(
        (status = 204),
        BodyFailures, WorkerFailures, Missing, Clash,
    )
)]
#[post("/worker/jobs/{id}/fail")]
async fn fail(api: Data<Api>, _: WorkerToken, id: Id, body: Json<FailBody>) -> Result<HttpResponse, Problem> {
    api.fail_job.execute(LeaseId(id.0), &body.0.reason()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a job back unfinished, for another worker to go on.
#[utoipa::path(
    tag = "worker",
    params(("id" = Uuid, Path, description = "The lease")),
    security(("worker" = [])),
    responses(
        (status = 204),
        WorkerFailures, Missing, Clash,
    )
)]
#[post("/worker/jobs/{id}/release")]
async fn release(api: Data<Api>, _: WorkerToken, id: Id) -> Result<HttpResponse, Problem> {
    api.release_job.execute(LeaseId(id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
