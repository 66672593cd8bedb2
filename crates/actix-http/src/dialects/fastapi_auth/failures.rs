//! How its routes may fail, for its OpenAPI document.

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoResponses, ToSchema};

/// A failure.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthFailure)]
pub(super) struct FailureBody {
    /// What went wrong.
    detail: String,
}

/// Invalid input.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthInvalid)]
pub(super) struct InvalidBody {
    /// What is wrong, field by field.
    detail: Vec<InvalidField>,
}

/// A field that is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthInvalidField)]
struct InvalidField {
    /// In what way, such as `missing`, `string_type` or `value_error`.
    r#type: String,
    /// Where: `body` or `query`, then the names of fields.
    #[schema(example = json!(["body", "amount"]))]
    loc: Vec<String>,
    /// In words.
    msg: String,
    /// Always null.
    input: Value,
}

/// Of routes for accounts.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only described")]
pub(super) enum CallerFailures {
    /// There is no valid access token
    #[response(status = 401)]
    Unauthenticated(FailureBody),
    /// A part of the service is not available; try again later
    #[response(status = 503)]
    Unavailable(FailureBody),
}

/// Of routes that take input.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only described")]
pub(super) enum InputFailures {
    /// The input is invalid
    #[response(status = 422)]
    Invalid(InvalidBody),
}

/// Of routes for administrators.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only described")]
pub(super) enum HiddenFailures {
    /// The caller may not do this, or there is no such account
    #[response(status = 404)]
    NotFound(FailureBody),
}
