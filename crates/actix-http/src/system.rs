//! Routes about the service itself: health, metrics and keys.

use actix_web::{HttpResponse, get, http::header, web::Data};
use lectern_application::maintenance::{Need, PartState};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{api::Api, extract::MetricsToken, failures::MetricsFailures, openapi::Routes, v1::rfc3339};

/// Mounts the routes that the OpenAPI document describes.
pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(healthz).service(readyz).service(metrics).service(jwks);
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
    /// Whether every part is available that the service can't do without.
    ready: bool,
    /// Every part, as far as it is configured.
    parts: Vec<PartBody>,
}

/// A part of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = Part)]
struct PartBody {
    /// `database`, `audio`, `redis` or `amqp`.
    name: &'static str,
    /// Whether the service can't do without it.
    required: bool,
    /// `available` or `unavailable`.
    state: &'static str,
    /// Since when, in RFC 3339.
    since: String,
}

impl From<PartState> for PartBody {
    fn from(part: PartState) -> Self {
        Self {
            name: part.name,
            required: part.need == Need::Always,
            state: if part.reach.is_in_reach() { "available" } else { "unavailable" },
            since: rfc3339(part.reach.since()),
        }
    }
}

/// Every part that the service can't do without answers, within two seconds.
#[utoipa::path(
    tag = "system",
    responses((status = 200, body = ReadinessBody), (status = 503, body = ReadinessBody))
)]
#[get("/readyz")]
async fn readyz(api: Data<Api>) -> HttpResponse {
    let readiness = api.check_readiness.execute().await;
    let ready = readiness.is_ready();
    let body = ReadinessBody { ready, parts: readiness.parts.into_iter().map(PartBody::from).collect() };
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    // A report is the answer here, not a problem.
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// What was counted and measured, in the text format of Prometheus. Where a token is configured, only for those who present
/// it.
#[utoipa::path(
    tag = "system",
    security((), ("metrics" = [])),
    responses(
        (status = 200, body = String, content_type = "text/plain; version=0.0.4"),
        MetricsFailures,
    )
)]
#[get("/metrics")]
async fn metrics(api: Data<Api>, _: MetricsToken) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(api.metrics.text())
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
