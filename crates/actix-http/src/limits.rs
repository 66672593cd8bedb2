//! Limits by network. A route is limited by wrapping it, where it is declared:
//! `#[post("/auth/login", wrap = "limited(LimitClass::LogIn)")]`.
//!
//! Every answer of such a route says how much of the quota is left, with the headers of
//! draft-ietf-httpapi-ratelimit-headers-06 (the last version with one header for each number). Of a refused request,
//! `RateLimit-Reset` and `Retry-After` name the same instant, as it asks for.

use std::time::Duration;

use actix_web::{
    Error, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::{Next, from_fn},
    web::Data,
};
use lectern_application::ports::LimitClass;
use lectern_domain::throttling::{Network, Verdict};

use crate::{api::Api, extract::ClientOrigin, problem::Problem};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Lets requests of a network through as often as the quota of `class` allows. Nothing of a refused one is read.
pub(crate) fn limited<S, B>(
    class: LimitClass,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(move |request: ServiceRequest, next: Next<B>| limit(class, request, next))
}

async fn limit<B: MessageBody + 'static>(
    class: LimitClass,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let limiter = request.app_data::<Data<Api>>().and_then(|api| api.rate_limiter.clone());
    let Some(limiter) = limiter else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let network = Network::of(ClientOrigin::address(request.request()));
    let verdict = limiter.take(class, network).await;
    let mut response = match verdict.retry_after {
        Some(wait) => request.into_response(Problem::rate_limited(wait).error_response()),
        None => next.call(request).await?.map_into_boxed_body(),
    };
    tell(&verdict, response.headers_mut());
    Ok(response)
}

fn tell(verdict: &Verdict, headers: &mut HeaderMap) {
    headers.insert(LIMIT, verdict.limit.into());
    headers.insert(REMAINING, verdict.remaining.into());
    headers.insert(RESET, delta_seconds(verdict.reset));
}

/// Whole seconds, rounded up: whoever waits that long has waited long enough (RFC 9110, section 10.2.3).
pub(crate) fn delta_seconds(span: Duration) -> HeaderValue {
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_second_is_a_second() {
        for (millis, seconds) in [(0, "0"), (1, "1"), (999, "1"), (1000, "1"), (1001, "2")] {
            assert_eq!(delta_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
