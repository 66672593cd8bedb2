//! Routes about the service itself: health and keys.

use actix_web::{HttpResponse, get, http::header, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{api::Api, v1::rfc3339};

/// Mounts the routes that the OpenAPI document describes.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(healthz).service(readyz).service(jwks);
}

/// The process is up.
#[utoipa::path(tag = "system", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/healthz")]
async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body("ok")
}

/// Whether requests should come here.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
struct ReadinessBody {
    /// Whether every part is available.
    ready: bool,
    /// `available` or `unavailable`.
    database: &'static str,
    /// `available` or `unavailable`.
    audio: &'static str,
    /// What the service can do without for a while, as far as it is configured: `redis`, `amqp`.
    parts: Vec<PartBody>,
}

/// A part that the service can do without for a while.
#[derive(Serialize, ToSchema)]
#[schema(as = Part)]
struct PartBody {
    /// `redis` or `amqp`.
    name: &'static str,
    /// `available` or `unavailable`.
    state: &'static str,
    /// Since when, in RFC 3339.
    since: String,
}

/// Every part that the service can't do without answers.
#[utoipa::path(
    tag = "system",
    responses((status = 200, body = ReadinessBody), (status = 503, body = ReadinessBody))
)]
#[get("/readyz")]
async fn readyz(api: Data<Api>) -> HttpResponse {
    let parts = api.check_readiness.execute().await;
    let word = |ok| if ok { "available" } else { "unavailable" };
    let body = ReadinessBody {
        ready: parts.is_ready(),
        database: word(parts.database.is_ok()),
        audio: word(parts.audio.is_ok()),
        parts: parts
            .parts
            .into_iter()
            .map(|(name, reach)| PartBody {
                name,
                state: word(reach.is_in_reach()),
                since: rfc3339(reach.since()),
            })
            .collect(),
    };
    let mut response = if body.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    // A report is the answer here, not a problem.
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// The public keys that access tokens can be checked with (RFC 7517).
#[utoipa::path(tag = "system", responses((status = 200, body = serde_json::Value, content_type = "application/jwk-set+json")))]
#[get("/.well-known/jwks.json")]
async fn jwks(api: Data<Api>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/jwk-set+json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(api.signer.public_keys())
}
