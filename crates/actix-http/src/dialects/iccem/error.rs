//! How it says that something failed.

use serde_json::json;

use crate::{dialects::Said, problem::Problem};

/// The failure in its envelope.
pub(in crate::dialects) fn said(problem: &Problem) -> Said {
    let (status, text) = (problem.status, &problem.detail);
    let body = json!({"status_code": status.as_u16(), "result": "error", "data": text, "detail": text});
    Said { status, body }
}
