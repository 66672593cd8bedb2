//! Requests that may be sent again (draft-ietf-httpapi-idempotency-key-header).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use lectern_domain::idempotency::IdempotencyKey;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use crate::problem::Problem;

const HEADER: &str = "Idempotency-Key";

/// The header `Idempotency-Key`, if the request has it. One that is no key is refused: whoever sends it relies on it.
///
/// As `params(MaybeIdempotencyKey)` it describes the header in the OpenAPI document.
pub(crate) struct MaybeIdempotencyKey(pub(crate) Option<IdempotencyKey>);

impl FromRequest for MaybeIdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(key_of(request).map(Self))
    }
}

fn key_of(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::field(HEADER, "send this header once"));
    }
    // What is no text has no visible ASCII characters, and is refused as such.
    let key = IdempotencyKey::parse(value.to_str().unwrap_or_default());
    key.map(Some).map_err(|error| Problem::field(HEADER, error.to_string()))
}

impl IntoParams for MaybeIdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let longest = IdempotencyKey::MAX_CHARS;
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(longest))
            .pattern(Some("^[!-~]+$"))
            .examples(["8e03978e-40d5-43dd-bc93-6894a57f9324"]);
        let parameter = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "A text that no other request has, such as a UUID, bare or in double quotes. The same request may then be \
                 sent again, and creates nothing again: the answer has the status and `Location` of the first, and shows \
                 what it created as it is now. Another request under the same key is refused with 409 \
                 `idempotency_key_reused`, and the same one with 409 `idempotency_result_gone` if what it created has been \
                 deleted. Failures are not remembered. Keys are kept for at least 24 hours.",
            ))
            .schema(Some(schema));
        vec![parameter.build()]
    }
}
