//! How `FastAPI` says that something failed: `{"detail": "…"}`, and for invalid input a list of what is wrong.
//!
//! Not copied: `input`, which repeats what was sent, is always null, as it may be a password.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::Said;
use crate::{
    extract::missing_field,
    problem::{FieldError, Problem},
};

/// The failure in words, or field by field.
pub(super) fn said(problem: &Problem) -> Said {
    Said { status: status(problem), body: json!({ "detail": detail(problem) }) }
}

/// The text, for failures without fields.
pub(super) fn text(status: StatusCode, text: &str) -> Said {
    Said { status, body: json!({ "detail": text }) }
}

/// `FastAPI` takes a body that it can't read for invalid input.
pub(super) fn status(problem: &Problem) -> StatusCode {
    if is_unreadable(problem) { StatusCode::UNPROCESSABLE_ENTITY } else { problem.status }
}

/// What goes into `detail`.
pub(super) fn detail(problem: &Problem) -> Value {
    if is_unreadable(problem) {
        return json!([entry("json_invalid", &json!(["body"]), "JSON decode error")]);
    }
    if problem.errors.is_empty() || problem.status != StatusCode::UNPROCESSABLE_ENTITY {
        return Value::from(problem.detail.as_str());
    }
    problem.errors.iter().map(wrong_field).collect()
}

fn is_unreadable(problem: &Problem) -> bool {
    matches!(&*problem.code, "malformed_body" | "unsupported_media_type")
}

fn wrong_field(error: &FieldError) -> Value {
    let said = &error.detail;
    if let Some(name) = missing_field(said) {
        let is_parameter = error.pointer == name;
        let whole = if is_parameter { name.to_owned() } else { format!("{}/{name}", error.pointer) };
        return entry("missing", &location(&whole), "Field required");
    }
    let kind = if said.starts_with("must be a string") { "string_type" } else { "value_error" };
    entry(kind, &location(&error.pointer), said)
}

fn entry(kind: &str, location: &Value, message: &str) -> Value {
    json!({ "type": kind, "loc": location, "msg": message, "input": null })
}

/// A JSON Pointer into the body, or the name of a parameter, as a list.
fn location(pointer: &str) -> Value {
    match pointer.strip_prefix('/') {
        Some(path) => ["body"].into_iter().chain(path.split('/')).collect(),
        None if pointer.is_empty() => json!(["body"]),
        None => json!(["query", pointer]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail_of(pointer: &str, said: &str) -> Value {
        detail(&Problem::field(pointer, said))
    }

    #[test]
    fn a_wrong_field_is_told_as_fastapi_tells_it() {
        let wrong =
            json!([{"type": "value_error", "loc": ["body", "username"], "msg": "is taken", "input": null}]);
        assert_eq!(detail_of("/username", "is taken"), wrong);
        let missing =
            json!([{"type": "missing", "loc": ["body", "username"], "msg": "Field required", "input": null}]);
        assert_eq!(detail_of("", "missing field `username`"), missing);
    }

    #[test]
    fn a_wrong_parameter_is_one_of_the_query() {
        let wrong =
            json!([{"type": "value_error", "loc": ["query", "page"], "msg": "is no page", "input": null}]);
        assert_eq!(detail_of("page", "is no page"), wrong);
        let missing =
            json!([{"type": "missing", "loc": ["query", "page"], "msg": "Field required", "input": null}]);
        assert_eq!(detail_of("page", "missing field `page`"), missing);
    }

    #[test]
    fn a_body_that_can_not_be_read_is_invalid_input() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "malformed_body", "the body is not JSON");
        assert_eq!(said(&problem).status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[test]
    fn a_field_that_clashes_or_is_too_large_is_a_text() {
        let mut problem = Problem::field("/audio", "is too large");
        problem.status = StatusCode::PAYLOAD_TOO_LARGE;
        assert_eq!(detail(&problem), Value::from(problem.detail.as_str()));
    }

    #[test]
    fn any_other_failure_is_a_text() {
        let problem = Problem::new(StatusCode::NOT_FOUND, "account_not_found", "there is no such account");
        assert_eq!(said(&problem).body, json!({"detail": "there is no such account"}));
    }
}
