//! Whoever collects metrics.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use super::{caller::bearer, origin::secret_equals};
use crate::{api::HttpSettings, problem::Problem};

/// A request with the metrics token, or any request where there is none.
pub(crate) struct MetricsToken;

impl FromRequest for MetricsToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_let_in = match request.app_data::<Data<HttpSettings>>().map(|settings| &settings.metrics_token)
        {
            Some(Some(token)) => bearer(request).is_some_and(|given| secret_equals(given, token)),
            Some(None) => true,
            None => false,
        };
        ready(if is_let_in {
            Ok(Self)
        } else {
            Err(Problem::unauthenticated(
                "token_invalid",
                "send the metrics token with the header 'Authorization: Bearer …'",
            ))
        })
    }
}
