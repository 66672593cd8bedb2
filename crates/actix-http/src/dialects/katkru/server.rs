//! The site's own servers: what `/api/v1/server` is for.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web::Data};
use futures::future::LocalBoxFuture;
use lectern_application::{ErrorKind, UseCaseError};

use super::{error::CALLER_UNKNOWN, private::refuse_other_sites, wording};
use crate::{
    api::{Api, HttpSettings},
    extract::{ACCESS_COOKIE, ClientOrigin, bearer},
    problem::Problem,
};

/// A request from an address that is allowed, or with a good access token. It is nobody's: who sent it doesn't matter to what
/// these paths do.
pub(super) struct SiteServer;

impl FromRequest for SiteServer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (Some(api), Some(settings)) =
                (request.app_data::<Data<Api>>(), request.app_data::<Data<HttpSettings>>())
            else {
                return Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR));
            };
            let address = ClientOrigin::address(&request);
            if address.is_some_and(|address| settings.katkru_allowed.contains(address)) {
                return Ok(Self);
            }
            let unknown = || Problem::unauthenticated(CALLER_UNKNOWN, wording::CALLER_UNKNOWN);
            let token = access_token(&request)?.ok_or_else(unknown)?;
            match api.authenticate.execute(&token).await {
                Ok(_) => Ok(Self),
                Err(error) if error.kind() == ErrorKind::Unauthenticated => Err(unknown()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

fn access_token(request: &HttpRequest) -> Result<Option<String>, Problem> {
    if let Some(token) = bearer(request) {
        return Ok(Some(token.to_owned()));
    }
    let Some(cookie) = request.cookie(ACCESS_COOKIE) else { return Ok(None) };
    refuse_other_sites(request)?;
    Ok(Some(cookie.value().to_owned()))
}
