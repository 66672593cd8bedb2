//! What is shown when there is no page.

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use askama::Template;
use lectern_application::{ErrorKind, UseCaseError};

use crate::answer;

/// How long to wait before trying again when a part of the service is not available.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Why there is no page. The sources of an error go to the log and are never shown.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    detail: String,
    retry_after: Option<Duration>,
    /// The error with all that is beneath it, for the log.
    cause: Option<String>,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    title: &'static str,
    detail: &'a str,
}

impl Failure {
    /// A defect of ours.
    pub(crate) fn internal(cause: &str) -> Self {
        let detail = "Something went wrong on our side.".to_owned();
        let cause = Some(cause.to_owned());
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, detail, retry_after: None, cause }
    }

    /// There is no such page.
    pub(crate) fn not_found() -> Self {
        let detail = "There is nothing here.".to_owned();
        Self { status: StatusCode::NOT_FOUND, detail, retry_after: None, cause: None }
    }

    /// The address asks for something that can't be.
    pub(crate) fn invalid(detail: String) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail, retry_after: None, cause: None }
    }

    fn title(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::SERVICE_UNAVAILABLE => "Not available at the moment",
            status if status.is_server_error() => "Something went wrong",
            _ => "That can't be shown",
        }
    }
}

impl<E: UseCaseError> From<E> for Failure {
    fn from(error: E) -> Self {
        let sources = std::iter::successors(error.source(), |source| source.source());
        let cause = sources.fold(error.to_string(), |text, source| format!("{text}: {source}"));
        let status = status_of(error.kind());
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            return Self::internal(&cause);
        }
        Self {
            status,
            detail: sentence(&error.to_string()),
            retry_after: error.retry_after(),
            cause: Some(cause),
        }
    }
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).chain(['.']).collect()
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

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        if self.status.is_server_error() {
            let cause = self.cause.as_deref().unwrap_or(&self.detail);
            tracing::error!(status = self.status.as_u16(), cause, "a page could not be shown");
        }
        let mut response =
            answer::page(self.status, &FailurePage { title: self.title(), detail: &self.detail });
        let usual = (self.status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER);
        if let Some(wait) = self.retry_after.or(usual) {
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errors_text_becomes_a_sentence() {
        assert_eq!(sentence("there is no such transcription"), "There is no such transcription.");
        assert_eq!(sentence(""), ".");
    }
}
