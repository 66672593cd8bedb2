//! How it says that something failed.

use actix_web::http::StatusCode;

use crate::{
    dialects::{Said, fastapi},
    problem::Problem,
};

/// The failure as `FastAPI` says it, in the words that its clients compare.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let unauthorised = |text| fastapi::text(StatusCode::UNAUTHORIZED, text);
    match &*problem.code {
        "invalid_credentials" => unauthorised("Incorrect username or password"),
        "account_blocked" => unauthorised("Your account is blocked"),
        "token_missing" => unauthorised("Invalid Authorization Header"),
        "token_invalid" | "token_expired" | "token_stale" | "session_revoked" | "refresh_reused" => {
            unauthorised("Invalid or expired token")
        }
        _ => fastapi::said(problem),
    }
}
