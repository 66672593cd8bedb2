//! How it says that something failed: in `message`, and again in `detail`.

use std::{borrow::Cow, collections::BTreeMap};

use actix_web::http::StatusCode;
use serde_json::json;
use utoipa::{
    IntoResponses,
    openapi::{Content, Ref, RefOr, Response, response::ResponseBuilder},
};

use super::wording;
use crate::{
    dialects::Said,
    extract::missing_field,
    problem::{FieldError, Problem},
};

/// Nobody is signed in on a path that is for whoever is.
pub(super) const SIGN_IN_AGAIN: &str = "sign_in_again";
/// A request to a path for servers is from none.
pub(super) const CALLER_UNKNOWN: &str = "caller_unknown";
/// What was sent is wrong, as the text says.
pub(super) const REFUSED_INPUT: &str = "refused_input";
/// The code from the mail is wrong.
pub(super) const CODE_WRONG: &str = "reset_code_invalid";
/// No code helps any more.
pub(super) const RESET_OVER: &str = "reset_over";

/// The failure in its envelope; of those that come before any handler of it was asked, the body is another.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let (status, text) = worded(problem);
    let body = match &*problem.code {
        SIGN_IN_AGAIN => json!({"message": text, "error": "Unauthorized"}),
        CALLER_UNKNOWN => json!({"detail": text}),
        _ => json!({"success": false, "message": text, "detail": text}),
    };
    Said { status, body }
}

/// Status and text of a failure.
fn worded(problem: &Problem) -> (StatusCode, Cow<'_, str>) {
    let wait = problem.retry_after;
    let (status, text): (StatusCode, Cow<'_, str>) = match &*problem.code {
        SIGN_IN_AGAIN => (problem.status, wording::SIGN_IN_AGAIN.into()),
        CALLER_UNKNOWN => (problem.status, wording::CALLER_UNKNOWN.into()),
        REFUSED_INPUT => (problem.status, problem.detail.as_str().into()),
        "validation_failed" => (problem.status, invalid(&problem.errors).into()),
        "email_taken" | "username_taken" => (problem.status, wording::TAKEN.into()),
        "invalid_credentials" => (problem.status, wording::WRONG_CREDENTIALS.into()),
        "account_blocked" => (problem.status, wording::BLOCKED.into()),
        "registration_closed" => (problem.status, wording::REGISTRATION_CLOSED.into()),
        "too_many_attempts" => (problem.status, wording::too_many_attempts(wait).into()),
        "rate_limited" => (problem.status, wording::too_many_requests(wait).into()),
        CODE_WRONG => (problem.status, wording::CODE_WRONG.into()),
        RESET_OVER | "reset_token_invalid" => (StatusCode::GONE, wording::RESET_OVER.into()),
        "cross_site_request" => (problem.status, wording::CROSS_SITE.into()),
        "malformed_body" | "unsupported_media_type" => (problem.status, wording::NOT_JSON.into()),
        "body_too_large" => (problem.status, wording::TOO_LARGE.into()),
        _ => (problem.status, by_status(problem)),
    };
    (status, text)
}

/// What no code of its own has words for.
fn by_status(problem: &Problem) -> Cow<'_, str> {
    match problem.status {
        StatusCode::SERVICE_UNAVAILABLE => wording::UNAVAILABLE.into(),
        status if status.is_server_error() => wording::OUR_FAULT.into(),
        _ => problem.detail.as_str().into(),
    }
}

/// Which fields could not be read.
fn invalid(errors: &[FieldError]) -> String {
    let worded = errors.iter().map(|error| match missing_field(&error.detail) {
        Some(field) => wording::missing(field),
        None => match error.pointer.trim_start_matches('/') {
            "" => wording::NOT_JSON.to_owned(),
            field => wording::malformed(field),
        },
    });
    worded.collect::<Vec<_>>().join(". ")
}

/// The body of a failure, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[schema(as = KatkruFailure)]
#[expect(dead_code, reason = "only described")]
pub(super) struct FailureBody {
    /// Always false.
    success: bool,
    /// What failed, in Russian.
    message: String,
    /// The same.
    detail: String,
}

/// Of routes that take a JSON body.
pub(super) struct BodyFailures;

impl IntoResponses for BodyFailures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of_statuses(&[
            ("400", "The body is not JSON"),
            ("413", "The body is too large"),
            ("415", "The body has another content type"),
            ("422", "The input is invalid"),
        ])
    }
}

/// Of all routes.
pub(super) struct AnyFailures;

impl IntoResponses for AnyFailures {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of_statuses(&[
            ("429", "Too often; `Retry-After` says how long to wait"),
            ("503", "A part of the service is not available; try again later"),
        ])
    }
}

fn of_statuses(statuses: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let described = statuses.iter().map(|(status, meaning)| {
        let body = Content::new(Some(Ref::from_schema_name("KatkruFailure")));
        let response = ResponseBuilder::new().description(*meaning).content("application/json", body);
        ((*status).to_owned(), RefOr::T(response.build()))
    });
    described.collect()
}

/// That of a path for whoever is signed in.
#[derive(utoipa::ToSchema)]
#[schema(as = KatkruSignInAgain)]
#[expect(dead_code, reason = "only described")]
pub(super) struct SignInAgainBody {
    #[schema(example = "Нужна повторная аутентификация")]
    message: String,
    #[schema(example = "Unauthorized")]
    error: String,
}

/// That of a path for servers.
#[derive(utoipa::ToSchema)]
#[schema(as = KatkruCallerUnknown)]
#[expect(dead_code, reason = "only described")]
pub(super) struct CallerUnknownBody {
    #[schema(example = "Требуется аутентификация.")]
    detail: String,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn body(problem: &Problem) -> Value {
        said(problem).body
    }

    #[test]
    fn fields_that_can_not_be_read_are_named() {
        let problem = Problem::validation(vec![
            FieldError { pointer: String::new(), detail: "missing field `passw`".to_owned() },
            FieldError { pointer: "/email".to_owned(), detail: "must be a string".to_owned() },
        ]);
        let text = "Не указано поле passw. Поле email заполнено неверно";
        assert_eq!(body(&problem), json!({"success": false, "message": text, "detail": text}));
    }

    #[test]
    fn nothing_of_what_went_wrong_inside_is_told() {
        let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "a secret");
        assert_eq!(body(&problem).get("message"), Some(&json!("Внутренняя ошибка сервера")));
    }
}
