//! Signing in, refreshing, and who one is.

use actix_web::{HttpResponse, get, http::StatusCode, post, web::Data};
use lectern_application::{
    auth::{EnterBySecretError, IntrospectError, LoginError, RefreshError},
    ports::LimitClass,
};
use secrecy::ExposeSecret;

use super::{
    caller::{AccessToken, refused},
    dto::{Failure, MeBody, MessageBody, RefreshBody, Success, TokenBody, TokensBody},
};
use crate::{
    api::{Api, HttpSettings},
    extract::{ClientOrigin, RawBody},
    limits::limited,
    problem::Problem,
};

/// Sign somebody in, for a front end that holds the shared secret: a guest, the holder of an account, or somebody new, for
/// whom an account is made.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_token",
    request_body = TokenBody,
    responses(
        (status = 200, body = Success<TokensBody>),
        (status = 400, description = "The body can't be read, or login or password are missing", body = Failure),
        (status = 403, description = "The secret or the password is wrong, the role may not be had so, the account is \
            blocked, or guests are not admitted", body = Failure),
        (status = 422, description = "The input is invalid", body = Failure),
        (status = 429, description = "Too often", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[post("/token", wrap = "limited(LimitClass::IccemToken)")]
pub(super) async fn token(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let input = TokenBody::input(&body, &settings.iccem)?;
    let tokens = api.enter_by_secret.execute(input, &origin.0).await.map_err(not_let_in)?;
    Ok(Success::of(TokensBody::both(&tokens)))
}

/// A wrong password is not answered as a missing token is: with 401, and the scheme to use.
fn not_let_in(error: EnterBySecretError) -> Problem {
    match error {
        EnterBySecretError::LogIn(LoginError::InvalidCredentials | LoginError::Deleted) => {
            Problem::new(StatusCode::FORBIDDEN, "invalid_credentials", "Invalid password")
        }
        other => other.into(),
    }
}

/// Get a new access token. The refresh token stays the same.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_refresh",
    request_body = RefreshBody,
    responses(
        (status = 200, body = Success<TokensBody>),
        (status = 400, description = "The body can't be read", body = Failure),
        (status = 401, description = "The refresh token is not, or no longer, good", body = Failure),
        (status = 403, description = "This is an access token", body = Failure),
        (status = 422, description = "The input is invalid", body = Failure),
        (status = 429, description = "Too often", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[post("/refresh", wrap = "limited(LimitClass::IccemRefresh)")]
pub(super) async fn refresh(
    api: Data<Api>,
    origin: ClientOrigin,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let RefreshBody { refresh_token } = body.json()?;
    let tokens = api.refresh.execute(refresh_token.expose_secret(), &origin.0).await;
    let tokens = tokens.map_err(|error| match error {
        RefreshError::AccessToken => {
            Problem::new(StatusCode::FORBIDDEN, "refresh_token_expected", "Expected refresh token")
        }
        other => other.into(),
    })?;
    Ok(Success::of(TokensBody::refreshed(&tokens)))
}

/// Read what an access token stands for.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_me",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Success<MeBody>),
        (status = 401, description = "There is no valid access token", body = Failure),
        (status = 403, description = "This is a refresh token", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[get("/me")]
pub(super) async fn me(api: Data<Api>, presented: AccessToken) -> Result<HttpResponse, Problem> {
    let read = api.introspect.execute(&presented.0).await;
    Ok(Success::of(MeBody::from(read.map_err(|IntrospectError::Token(error)| refused(error))?)))
}

/// See whether somebody answers.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_ping",
    responses((status = 200, body = Success<MessageBody>))
)]
#[get("/ping")]
pub(super) async fn ping() -> HttpResponse {
    Success::of(MessageBody { message: "pong" })
}
