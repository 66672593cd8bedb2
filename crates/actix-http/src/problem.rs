//! Failures as `application/problem+json` (RFC 9457).
//!
//! Handlers return a [`Problem`]; the [middleware](crate::respond) gives it the request's id and writes it, once, for
//! every failure there is. Sources of errors go to the log and are never rendered.

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use lectern_application::{ErrorKind, UseCaseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::limits::delta_seconds;

/// How long to wait before trying again when a part of the service is not available.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901) into the body, or the name of a query parameter or form field.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

/// The body of every failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: the code says more.
    #[schema(example = "about:blank")]
    pub r#type: &'static str,
    /// The status in words.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong and what to do about it, for people.
    pub detail: &'a str,
    /// What went wrong, for programs. Stable.
    pub code: &'a str,
    /// Which fields of the input are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    pub errors: &'a [FieldError],
    /// The request's id, also in the header `X-Request-Id` and in the server's log.
    pub request_id: String,
}

/// A failure on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    /// How long to wait before trying again, if it is known.
    pub(crate) retry_after: Option<Duration>,
    /// The error with all that is beneath it, for the log.
    pub(crate) cause: Option<String>,
}

impl Problem {
    /// A failure without any field at fault.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.into(), detail.into());
        Self { status, code, detail, errors: Vec::new(), retry_after: None, cause: None }
    }

    /// Input that is well-formed but wrong, field by field.
    pub fn validation(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation_failed",
                "some of the input is invalid; see 'errors'",
            )
        }
    }

    /// One wrong field.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::validation(vec![FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Nobody knows who is asking.
    pub fn unauthenticated(code: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// The network asks too often.
    pub(crate) fn rate_limited(retry_after: Duration) -> Self {
        let detail =
            "too many requests come from this network; wait as long as the header 'Retry-After' says";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail)
        }
    }

    /// What a bare status means, for responses that did not come from a use case.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::BAD_REQUEST => ("malformed_request", "the request can't be read"),
            StatusCode::NOT_FOUND => ("not_found", "there is nothing at this path"),
            StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this path doesn't have this method"),
            StatusCode::NOT_ACCEPTABLE => {
                ("not_acceptable", "this path has nothing of the kind that 'Accept' asks for")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "the request's body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported_media_type", "the content type is not supported")
            }
            StatusCode::REQUEST_TIMEOUT => ("request_timeout", "the request took too long to arrive"),
            status if status.is_server_error() => ("internal", "something went wrong on our side"),
            _ => ("request_failed", "the request can't be served"),
        };
        Self::new(status, code, detail)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl<E: UseCaseError> From<E> for Problem {
    fn from(error: E) -> Self {
        let status = status_of(error.kind());
        let sources = std::iter::successors(error.source(), |source| source.source());
        let cause = sources.fold(error.to_string(), |text, source| format!("{text}: {source}"));
        let errors =
            error.field().map(|field| FieldError { pointer: format!("/{field}"), detail: error.to_string() });
        Self {
            status,
            code: error.code().into(),
            detail: match error.kind() {
                ErrorKind::Internal => "something went wrong on our side".to_owned(),
                _ => error.to_string(),
            },
            errors: errors.into_iter().collect(),
            retry_after: error.retry_after(),
            cause: Some(cause),
        }
    }
}

const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Full => StatusCode::INSUFFICIENT_STORAGE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// A response without a body, which the middleware writes when it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let usual = (self.status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER);
        if let Some(wait) = self.retry_after.or(usual) {
            response.insert_header((header::RETRY_AFTER, delta_seconds(wait)));
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// Collects what is wrong with the fields of a body, so that all of it is said at once.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// Parses a field that must be there.
    pub(crate) fn required<'a, T, E: fmt::Display>(
        &mut self,
        pointer: &str,
        text: &'a str,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        parse(text).map_err(|error| self.add(pointer, &error)).ok()
    }

    /// Parses a field that may be missing or null.
    pub(crate) fn optional<'a, T, E: fmt::Display>(
        &mut self,
        pointer: &str,
        text: Option<&'a str>,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        self.required(pointer, text?, parse)
    }

    /// Notes what is wrong with a field.
    pub(crate) fn add(&mut self, pointer: &str, detail: &dyn fmt::Display) {
        self.0.push(FieldError { pointer: pointer.to_owned(), detail: detail.to_string() });
    }

    /// What was wrong, for whoever knows that something was.
    pub(crate) fn into_problem(self) -> Problem {
        Problem::validation(self.0)
    }

    /// Whether nothing was wrong.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::validation(self.0)) }
    }
}
