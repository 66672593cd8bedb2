//! Query strings. Unknown parameters are refused, like unknown fields.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use super::rejected::{known_by, missing_field, without_value};
use crate::problem::Problem;

/// The parameters of the query string.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let query = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        ready(query.map(Self).map_err(|error| {
            let said = without_value(&error.inner().to_string());
            let parameter = match (error.path().to_string(), missing_field(&said)) {
                (_, Some(name)) => name.to_owned(),
                (path, None) if path == "." => String::new(),
                (path, None) => known_by(&path),
            };
            Problem::field(parameter, said)
        }))
    }
}
