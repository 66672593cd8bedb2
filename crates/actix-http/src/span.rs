//! The span of a request: method, route, status, duration and id. No address, query, header or body ever gets into it.

use std::time::{Duration, Instant};

use actix_web::HttpMessage as _;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::{RequestId, RootSpanBuilder};

use crate::measured::{self, Present};

/// What the log calls the part of the program that writes a line for each request.
pub const REQUEST_LOG: &str = module_path!();

/// What the route of a request is called that has none.
const NO_ROUTE: &str = "none";

/// Builds the root span of each request.
pub(crate) struct RequestSpan;

/// A request that is being answered.
struct Began {
    /// When its head had come.
    at: Instant,
    /// The pattern of its route, if it has one.
    route: Option<String>,
    _present: Present,
}

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let at = Instant::now();
        let id = request.extensions().get::<RequestId>().map(ToString::to_string);
        let route = request.match_pattern();
        let span = tracing::info_span!(
            "request",
            method = request.method().as_str(),
            route = route.as_deref().unwrap_or(NO_ROUTE),
            status = Empty,
            duration_ms = Empty,
            id = id.as_deref().unwrap_or_default(),
        );
        request.extensions_mut().insert(Began { at, route, _present: Present::request() });
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => {
                let request = response.request();
                // Taken out, as what it stands for ends here.
                if let Some(began) = request.extensions_mut().remove::<Began>() {
                    let took = began.at.elapsed();
                    span.record("duration_ms", milliseconds(took));
                    let route = began.route.as_deref().unwrap_or(NO_ROUTE);
                    measured::answered(request.method(), route, response.status(), took);
                }
                response.status()
            }
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        tracing::info!(parent: &span, "served");
    }
}

/// Milliseconds, to the microsecond.
pub(crate) fn milliseconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_have_three_decimals() {
        for (nanos, shown) in
            [(0, "0"), (499, "0"), (412_499, "0.412"), (1_500_000, "1.5"), (59_999_999_999, "60000")]
        {
            assert_eq!(milliseconds(Duration::from_nanos(nanos)).to_string(), shown);
        }
    }
}
