//! How it says that something failed.

use crate::{
    dialects::{Said, fastapi},
    problem::Problem,
};

/// The failure as `FastAPI` says it.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    match &*problem.code {
        "username_taken" | "email_taken" => fastapi::text(problem.status, "Такой пользователь уже есть"),
        _ => fastapi::said(problem),
    }
}
