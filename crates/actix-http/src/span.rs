//! The span of a request: method, route, status and id. No address, query, header or body ever gets into it.

use actix_web::HttpMessage as _;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// Builds the root span of each request.
pub(crate) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string);
        let route = request.match_pattern();
        tracing::info_span!(
            "request",
            method = request.method().as_str(),
            route = route.as_deref().unwrap_or("none"),
            status = Empty,
            id = id.as_deref().unwrap_or_default(),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        tracing::info!(parent: &span, "served");
    }
}
