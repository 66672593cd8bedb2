//! What every answer has: a request id, the headers for browsers, and if it is a failure, a body that says so:
//! problem+json, or what the dialect of its route has for it.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, BodyStream, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, Data},
};
use futures::stream;
use lectern_domain::surface::Surface;
use tracing_actix_web::RequestId;

use crate::{
    dialects::{self, Spoken},
    headers::{self, Reached},
    openapi::Operation,
    problem::{Problem, ProblemBody},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Adds the request's id and the headers for browsers to the answer, and writes failures' bodies. Outside whatever
/// answers, so that nothing leaves without it.
///
/// `HEAD` is `GET` without the body (RFC 9110, section 9.3.2), for every route.
pub(crate) async fn finish<B: MessageBody + 'static>(
    reached: Reached,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let dialects = request.app_data::<Data<Spoken>>().cloned();
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    // No clone of the request may be kept here: routing needs it for itself.
    match next.call(request).await {
        Ok(response) => {
            let (request, response) = response.into_parts();
            let surface = || dialects.map_or(Surface::V1, |dialects| dialects.of(&request));
            let response = complete(response.map_into_boxed_body(), reached, surface, &id);
            let response = if is_head { without_stream(response) } else { response };
            Ok(ServiceResponse::new(request, response))
        }
        Err(error) => {
            let response = complete(error.error_response(), reached, || Surface::V1, &id);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// The surface is asked for failures alone: looking it up takes copies, and most requests don't fail.
fn complete(
    mut response: HttpResponse,
    reached: Reached,
    surface: impl FnOnce() -> Surface,
    id: &str,
) -> HttpResponse {
    let status = response.status();
    // What answers JSON with such a status is a report, like that of `/readyz`; HTML is a page that says what is wrong.
    let is_written = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == "application/json" || value.as_bytes().starts_with(b"text/html"));
    if (status.is_client_error() || status.is_server_error()) && !is_written {
        let known = response.extensions().get::<Problem>().cloned();
        let problem = known.unwrap_or_else(|| Problem::of_status(status));
        if status.is_server_error() {
            let cause = problem.cause.as_deref().unwrap_or(&problem.detail);
            tracing::error!(request_id = id, status = status.as_u16(), code = %problem.code, cause, "request failed");
        }
        let said = dialects::said(surface(), &problem);
        let (media_type, body) = match said {
            None => ("application/problem+json", body(&problem, id.to_owned())),
            Some(said) => {
                *response.status_mut() = said.status;
                // Strings and numbers always serialise.
                ("application/json", serde_json::to_vec(&said.body).unwrap_or_default())
            }
        };
        response = response.set_body(BoxBody::new(body));
        let headers = response.headers_mut();
        // The body that was there may have been compressed.
        headers.remove(header::CONTENT_ENCODING);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A dialect may make such a status of another one, and a challenge belongs to it (RFC 9110, section 15.5.2).
        if response.status() == StatusCode::UNAUTHORIZED
            && !response.headers().contains_key(header::WWW_AUTHENTICATE)
        {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    headers::guard(reached, response.headers_mut());
    response
}

/// What a stream without any piece consists of.
type NoPiece = Result<Bytes, Infallible>;

/// What a request for the head alone gets. A body of known length is left out, and its length told, where the response
/// is written; one that has no end must not even begin.
fn without_stream(response: HttpResponse) -> HttpResponse {
    match response.body().size() {
        BodySize::Stream => response.set_body(BoxBody::new(BodyStream::new(stream::empty::<NoPiece>()))),
        BodySize::None | BodySize::Sized(_) => response,
    }
}

fn body(problem: &Problem, request_id: String) -> Vec<u8> {
    let body = ProblemBody {
        r#type: "about:blank",
        title: problem.status.canonical_reason().unwrap_or("Failure"),
        status: problem.status.as_u16(),
        detail: &problem.detail,
        code: &problem.code,
        errors: &problem.errors,
        request_id,
    };
    // Strings and numbers always serialise.
    serde_json::to_vec(&body).unwrap_or_default()
}

/// Answers 405 with `Allow` for paths that exist with other methods, 406 for those that have the method but nothing that
/// the client accepts, and 404 for all others.
#[derive(Clone)]
pub(crate) struct Fallback {
    /// Patterns, and the methods that are allowed there.
    paths: Arc<[(String, String)]>,
}

impl Fallback {
    /// Knows these operations.
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            for operation in operations.iter().filter(|operation| operation.method == method) {
                paths.entry(&operation.path).or_default().push(method);
            }
        }
        let paths = paths.into_iter().map(|(path, methods)| (path.to_owned(), methods.join(", ")));
        Self { paths: paths.collect() }
    }

    /// The answer to a request that no route took.
    pub(crate) fn answer(&self, method: &Method, path: &str) -> HttpResponse {
        match self.paths.iter().find(|(pattern, _)| is_of(pattern, path)) {
            Some((_, allowed)) if allowed.split(", ").any(|allowed| allowed == method.as_str()) => {
                HttpResponse::NotAcceptable().finish()
            }
            Some((_, allowed)) => {
                HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed.as_str())).finish()
            }
            None => HttpResponse::NotFound().finish(),
        }
    }
}

/// Whether a path is one of a pattern, such as `/v1/users/{id}`.
fn is_of(pattern: &str, path: &str) -> bool {
    let (mut expected, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return true,
            (Some(expected), Some(given)) if expected == given => {}
            (Some(expected), Some(given)) if expected.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_segment_that_is_not_empty() {
        for (path, expected) in [
            ("/v1/users/7/block", true),
            ("/v1/users/7", false),
            ("/v1/users//block", false),
            ("/v1/users/7/8/block", false),
            ("/v1/users/7/block/", false),
            ("/v1/roles/7/block", false),
            ("", false),
        ] {
            assert_eq!(is_of("/v1/users/{id}/block", path), expected, "{path}");
        }
    }
}
