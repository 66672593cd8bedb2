//! How it says that something failed.

use serde_json::json;

use crate::{dialects::Said, problem::Problem};

/// The failure in its envelope.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let body = json!({"success": false, "message": problem.detail, "detail": problem.detail});
    Said { status: problem.status, body }
}
