//! Who asks: its clients send their token as `Authorization: Bearer …` or bare, and keep none in cookies.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::Data,
};
use futures::future::LocalBoxFuture;
use lectern_application::{Caller, accounts::ReadAccountError, auth::AuthenticateError};
use lectern_domain::account::{Standing, UserId};
use uuid::Uuid;

use crate::{api::Api, extract::ClientOrigin, problem::Problem};

/// The token of the header, unchecked.
pub(super) struct AccessToken(pub(super) String);

/// The caller of a request with a valid access token.
pub(super) struct Client(pub(super) Caller);

/// An account that the path's `{user_id}` names, which is not deleted, and a caller who may see it.
pub(super) struct Named {
    pub(super) caller: Caller,
    pub(super) user: UserId,
}

/// Why a token doesn't count.
pub(super) fn refused(error: AuthenticateError) -> Problem {
    match error {
        AuthenticateError::RefreshToken => {
            Problem::new(StatusCode::FORBIDDEN, "access_token_expected", "Expected access token")
        }
        other => other.into(),
    }
}

impl AccessToken {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let value = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
        let value = value.map(String::from_utf8_lossy).unwrap_or_default();
        let value = value.trim();
        if value.is_empty() {
            return Err(Problem::unauthenticated("token_missing", "Missing Authorization header"));
        }
        let token = match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            Some(_) | None => value,
        };
        Ok(Self(token.to_owned()))
    }
}

impl FromRequest for AccessToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Client {
    async fn of(request: &HttpRequest, api: &Api) -> Result<Self, Problem> {
        let AccessToken(token) = AccessToken::of(request)?;
        let principal = api.authenticate.execute(&token).await.map_err(refused)?;
        Ok(Self(Caller { principal, origin: ClientOrigin::of(request) }))
    }
}

impl FromRequest for Client {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request, api(&request)?).await })
    }
}

impl FromRequest for Named {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let api = api(&request)?;
            let Client(caller) = Client::of(&request, api).await?;
            let id = request.match_info().get("user_id").and_then(|id| Uuid::try_parse(id).ok());
            let user = UserId(id.ok_or(ReadAccountError::NotFound)?);
            let account = api.read_account.execute(&caller, user).await?;
            match account.user.standing() {
                Standing::Active | Standing::Blocked { .. } => Ok(Self { caller, user }),
                Standing::Deleted { .. } => Err(ReadAccountError::NotFound.into()),
            }
        })
    }
}

fn api(request: &HttpRequest) -> Result<&Api, Problem> {
    let api = request.app_data::<Data<Api>>().map(Data::get_ref);
    api.ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
}
