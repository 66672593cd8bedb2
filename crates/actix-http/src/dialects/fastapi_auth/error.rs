//! How it says that something failed.

use actix_web::http::StatusCode;
use lectern_application::{
    accounts::AdministerError,
    auth::{LoginError, RefreshError},
};
use lectern_domain::access::PermissionDenied;

use crate::{
    dialects::{Said, fastapi},
    problem::Problem,
};

/// The failure as `FastAPI` says it, in the words that clients know.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let (status, text) = match &*problem.code {
        "email_taken" => {
            (StatusCode::BAD_REQUEST, "A user with this email already exists (пользователь уже существует)")
        }
        "invalid_credentials" => (StatusCode::UNAUTHORIZED, "Invalid credentials"),
        "account_blocked" => (StatusCode::FORBIDDEN, "Your account is blocked."),
        "token_missing" => (StatusCode::UNAUTHORIZED, "Not authenticated"),
        "wrong_password" => (StatusCode::UNAUTHORIZED, "Old password is incorrect"),
        "profile_incomplete" => (StatusCode::FORBIDDEN, "Profile incomplete"),
        "administrator_stays" => (StatusCode::FORBIDDEN, "Admin cannot delete their own account."),
        "administrators_balance" => (StatusCode::FORBIDDEN, "Admin cannot change their own balance."),
        "insufficient_balance" | "balance_overflow" => (StatusCode::BAD_REQUEST, "Unable to update balance"),
        // To whoever may not, there is nothing.
        "permission_denied" => (StatusCode::NOT_FOUND, "Not found"),
        "account_not_found" | "account_deleted" => (StatusCode::NOT_FOUND, "User not found"),
        "own_account" => {
            (StatusCode::BAD_REQUEST, "You can't block your own account; ask another administrator.")
        }
        _ => return fastapi::said(problem),
    };
    fastapi::text(status, text)
}

/// Why nobody was signed in: whoever knows the password of a deleted account is told what became of it.
pub(super) fn not_signed_in(error: LoginError) -> Problem {
    match error {
        LoginError::Deleted => {
            Problem::new(StatusCode::FORBIDDEN, "signed_in_too_late", "Your account has been deleted.")
        }
        error => error.into(),
    }
}

/// Why there is no new access token: it is no refresh token at all, or not any more.
pub(super) fn not_refreshed(error: RefreshError) -> Problem {
    let refused = |text| Problem::unauthenticated("refresh_refused", text);
    match error {
        RefreshError::Invalid | RefreshError::AccessToken => refused("Invalid refresh token"),
        RefreshError::Expired | RefreshError::Reused | RefreshError::Revoked => {
            refused("Refresh token is invalid or expired")
        }
        error @ (RefreshError::Sign(_) | RefreshError::Store(_)) => error.into(),
    }
}

/// Why an account is as it was. Whoever may block accounts knows that they exist, so that one is out of their reach is no
/// secret.
pub(super) fn not_changed(error: AdministerError) -> Problem {
    match error {
        AdministerError::Denied(outranked @ PermissionDenied::Outranked) => {
            Problem::new(StatusCode::FORBIDDEN, "outranked", outranked.to_string())
        }
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_text_of_its_own_is_told_in_ours() {
        let problem = Problem::of_status(StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(said(&problem).body, fastapi::said(&problem).body);
    }

    #[test]
    fn a_taken_address_is_told_as_a_text() {
        let taken = lectern_application::auth::RegisterError::EmailTaken;
        let Said { status, body } = said(&taken.into());
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(body.get("detail").is_some_and(serde_json::Value::is_string));
    }
}
