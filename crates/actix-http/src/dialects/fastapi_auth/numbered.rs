//! Accounts by their numbers.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web::Data};
use futures::future::LocalBoxFuture;
use lectern_domain::account::{UserId, UserNumber};
use uuid::Uuid;

use crate::{api::Api, problem::Problem};

/// The account whose number is the path's `{id}`.
///
/// For a number that no account has it is an id that none has either: so it is the use case that says there is none, once
/// it knows that whoever asks may hear it.
pub(super) struct Numbered(pub(super) UserId);

impl FromRequest for Numbered {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let number = request.match_info().get("id").and_then(|id| id.parse().ok()).map(UserNumber);
        let api = request.app_data::<Data<Api>>().cloned();
        Box::pin(async move {
            let api = api.ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
            let id = match number {
                Some(number) => api.resolve_number.execute(number).await?,
                None => None,
            };
            Ok(Self(id.unwrap_or(UserId(Uuid::nil()))))
        })
    }
}
