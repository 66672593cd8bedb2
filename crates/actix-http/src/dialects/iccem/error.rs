//! How it says that something failed: in its envelope, with the words that its clients know.

use actix_web::http::StatusCode;
use serde_json::json;

use crate::{
    dialects::Said,
    problem::{FieldError, Problem},
};

/// The failure in its envelope. The message is twice there, as some clients read `data`, and others `detail`.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let (status, text) = known(problem)
        .map_or_else(|| (problem.status, in_words(problem)), |(status, text)| (status, text.to_owned()));
    let body = json!({"status_code": status.as_u16(), "result": "error", "data": text, "detail": text});
    Said { status, body }
}

/// What has always been said of that.
fn known(problem: &Problem) -> Option<(StatusCode, &'static str)> {
    Some(match &*problem.code {
        "token_invalid" | "session_revoked" | "refresh_reused" => (StatusCode::UNAUTHORIZED, "Invalid token"),
        // Refreshing helps against both, and that is what its clients do when they read this.
        "token_expired" | "token_stale" => (StatusCode::UNAUTHORIZED, "Token has expired"),
        "credentials_missing" => (StatusCode::BAD_REQUEST, "Missing login/password"),
        "account_blocked" => (StatusCode::FORBIDDEN, "User is blocked"),
        "guests_refused" => (StatusCode::FORBIDDEN, "Guests are not admitted"),
        "role_refused" => (StatusCode::FORBIDDEN, "Role not allowed"),
        "permission_denied" => (StatusCode::FORBIDDEN, "Permission denied"),
        "account_not_found" => (StatusCode::NOT_FOUND, "User not found"),
        "username_taken" | "email_taken" => (StatusCode::BAD_REQUEST, "Login already exists"),
        "rate_limited" => (StatusCode::TOO_MANY_REQUESTS, "5 per 1 minute"),
        _ => return None,
    })
}

/// What is wrong, field by field if it is some of them.
fn in_words(problem: &Problem) -> String {
    if problem.errors.is_empty() {
        return problem.detail.clone();
    }
    let wrong = |FieldError { pointer, detail }: &FieldError| match pointer.trim_start_matches('/') {
        "" => detail.clone(),
        field => format!("{}: {detail}", field.replace('/', ".")),
    };
    problem.errors.iter().map(wrong).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use lectern_application::ports::{LimitClass, Quotas};

    use super::*;

    #[test]
    fn every_failure_is_in_the_envelope() {
        let Said { status, body } = said(&Problem::of_status(StatusCode::NOT_FOUND));
        let text = "there is nothing at this path";
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(body, json!({"status_code": 404, "result": "error", "data": text, "detail": text}));
    }

    #[test]
    fn the_status_within_is_the_status_without() {
        let taken = Problem::new(StatusCode::CONFLICT, "username_taken", "this user name is taken");
        let Said { status, body } = said(&taken);
        assert_eq!((status.as_u16(), body.get("status_code")), (400, Some(&json!(400))));
    }

    #[test]
    fn wrong_fields_are_named() {
        let wrong =
            |pointer: &str, detail: &str| FieldError { pointer: pointer.into(), detail: detail.into() };
        let problem = Problem::validation(vec![
            wrong("/permissions/0", "is none"),
            wrong("limit", "must be at most 100"),
            wrong("", "missing field `role`"),
        ]);
        let expected = "permissions.0: is none; limit: must be at most 100; missing field `role`";
        assert_eq!(said(&problem).body.get("data"), Some(&json!(expected)));
    }

    #[test]
    fn the_limit_is_the_one_that_is_told() {
        for class in [LimitClass::IccemToken, LimitClass::IccemRefresh] {
            assert_eq!(format!("{} per 1 minute", Quotas::default().of(class).burst()), "5 per 1 minute");
        }
    }
}
