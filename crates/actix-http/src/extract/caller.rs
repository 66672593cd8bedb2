//! Who asks.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, http::header, web::Data};
use futures::future::LocalBoxFuture;
use lectern_application::Caller;

use super::{
    ClientOrigin,
    cookies::{ACCESS_COOKIE, from_same_origin},
};
use crate::{api::Api, problem::Problem};

/// The caller of a request with a valid access token, as `Authorization: Bearer` or as a cookie. A request that
/// changes something by cookie must come from our own pages.
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::with_token(&request, &access_token(&request)?).await })
    }
}

impl SignedIn {
    /// The caller of a request that came with this access token.
    pub(crate) async fn with_token(request: &HttpRequest, token: &str) -> Result<Self, Problem> {
        let Some(api) = request.app_data::<Data<Api>>() else {
            return Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR));
        };
        let principal = api.authenticate.execute(token).await?;
        Ok(Self(Caller { principal, origin: ClientOrigin::of(request) }))
    }
}

fn access_token(request: &HttpRequest) -> Result<String, Problem> {
    if let Some(token) = bearer(request) {
        return Ok(token.to_owned());
    }
    let Some(cookie) = request.cookie(ACCESS_COOKIE) else {
        return Err(Problem::unauthenticated(
            "token_missing",
            "sign in, and send the access token with the header 'Authorization: Bearer …'",
        ));
    };
    if !request.method().is_safe() && !from_same_origin(request) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site_request",
            "requests authenticated by cookie must come from this site; use 'Authorization: Bearer …' instead",
        ));
    }
    Ok(cookie.value().to_owned())
}

/// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1).
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    // `HeaderValue::to_str` would look at each byte for itself, and tokens are long.
    let value = std::str::from_utf8(request.headers().get(header::AUTHORIZATION)?.as_bytes()).ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
