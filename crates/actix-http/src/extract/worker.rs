//! Workers, who share one secret.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use super::{caller::bearer, origin::secret_equals};
use crate::{api::HttpSettings, problem::Problem};

/// A request with the worker token.
pub(crate) struct WorkerToken;

impl FromRequest for WorkerToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let settings = request.app_data::<Data<HttpSettings>>();
        let valid = match (bearer(request), settings) {
            (Some(token), Some(settings)) => secret_equals(token, &settings.worker_token),
            _ => false,
        };
        ready(if valid {
            Ok(Self)
        } else {
            Err(Problem::unauthenticated(
                "token_invalid",
                "send the worker token with the header 'Authorization: Bearer …'",
            ))
        })
    }
}
