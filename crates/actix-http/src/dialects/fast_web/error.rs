//! How it says that something failed.

use crate::{
    dialects::{Said, fastapi},
    problem::Problem,
};

/// The failure as `FastAPI` says it.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    match &*problem.code {
        "username_taken" | "email_taken" => fastapi::text(problem.status, "Такой пользователь уже есть"),
        "token_missing" | "token_invalid" | "token_expired" | "token_stale" | "session_revoked" => {
            fastapi::text(problem.status, "Вы не вошли в систему")
        }
        _ => fastapi::said(problem),
    }
}
