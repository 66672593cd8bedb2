//! How it says that something failed.

use crate::{
    dialects::{Said, fastapi},
    problem::Problem,
};

/// The failure as `FastAPI` says it.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    fastapi::said(problem)
}
