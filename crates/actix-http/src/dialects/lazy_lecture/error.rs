//! How it says that something failed.

use actix_web::http::StatusCode;

use crate::{
    dialects::{Said, fastapi},
    problem::Problem,
};

/// The failure as `FastAPI` says it, in the words that its clients compare.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let (status, text) = match &*problem.code {
        "invalid_credentials" => (StatusCode::UNAUTHORIZED, "Incorrect username or password"),
        "account_blocked" => (StatusCode::UNAUTHORIZED, "Your account is blocked"),
        "token_missing" => (StatusCode::UNAUTHORIZED, "Invalid Authorization Header"),
        "token_invalid" | "token_expired" | "token_stale" | "session_revoked" | "refresh_reused" => {
            (StatusCode::UNAUTHORIZED, "Invalid or expired token")
        }
        "permission_denied" | "not_approved" => (
            StatusCode::FORBIDDEN,
            "Access restricted. Either your role or can_interact is invalid for the action.",
        ),
        "account_not_found" => (StatusCode::NOT_FOUND, "User not found"),
        "no_chunks" => (
            StatusCode::CONFLICT,
            "No transcription chunks for this transcription is available right now. Try again later.",
        ),
        "not_audio" | "not_mp3" | "unsupported_codec" => (StatusCode::BAD_REQUEST, "Invalid audio file"),
        _ => return fastapi::said(problem),
    };
    fastapi::text(status, text)
}
