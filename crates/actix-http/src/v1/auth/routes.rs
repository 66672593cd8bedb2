//! Routes under `/v1/auth`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    post,
    web::Data,
};
use lectern_application::{
    auth::{IssuedTokens, LoginInput},
    ports::LimitClass,
};
use lectern_domain::surface::Surface;
use secrecy::ExposeSecret;

use super::{
    dto::{ChangePasswordBody, LoginBody, RefreshBody, RegisterBody, TokensBody},
    email_verification, password_reset,
};
use crate::{
    api::{Api, HttpSettings},
    extract::{
        ClientOrigin, CookieTerms, Json, MaybeIdempotencyKey, MaybeJson, REFRESH_COOKIE, SignedIn,
        from_same_origin, session_cookies, spent_cookies,
    },
    failures::{BodyFailures, CallerFailures, Clash, CredentialFailures, PublicFailures, TooMany},
    limits::limited,
    openapi::Routes,
    problem::Problem,
    v1::user::UserBody,
};

pub(in crate::v1) fn configure(config: &mut Routes<'_>) {
    config.service(register).service(login).service(refresh).service(logout).service(change_password);
    config.service(password_reset::forgot).service(password_reset::confirm).service(password_reset::reset);
    config.service(email_verification::verify);
}

/// Make an account.
#[utoipa::path(
    tag = "auth",
    params(MaybeIdempotencyKey),
    request_body = RegisterBody,
    responses(
        (status = 201, body = UserBody, headers(("Location" = String, description = "The account"))),
        BodyFailures, CredentialFailures, PublicFailures, Clash, TooMany,
    )
)]
#[post("/auth/register", wrap = "limited(LimitClass::Register)")]
async fn register(
    api: Data<Api>,
    origin: ClientOrigin,
    key: MaybeIdempotencyKey,
    body: Json<RegisterBody>,
) -> Result<HttpResponse, Problem> {
    let account = api.register.execute(body.0.input(key)?, &origin.0).await?;
    let location = format!("/v1/users/{}", account.user.id().0);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(UserBody::from(account)))
}

/// Sign in.
#[utoipa::path(
    tag = "auth",
    request_body = LoginBody,
    responses(
        (status = 200, body = TokensBody),
        BodyFailures, CredentialFailures, PublicFailures, TooMany,
    )
)]
#[post("/auth/login", wrap = "limited(LimitClass::LogIn)")]
async fn login(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    body: Json<LoginBody>,
) -> Result<HttpResponse, Problem> {
    let Json(LoginBody { login, password, cookies }) = body;
    let input = LoginInput { login, password, surface: Surface::V1 };
    let tokens = api.log_in.execute(input, &origin.0).await?;
    Ok(if cookies { in_cookies(&tokens, &settings) } else { in_body(&tokens) })
}

/// Exchange a refresh token, from the body or from the cookie, for the next pair of tokens.
#[utoipa::path(
    tag = "auth",
    request_body = Option<RefreshBody>,
    responses(
        (status = 200, body = TokensBody),
        BodyFailures, CredentialFailures, PublicFailures, TooMany,
    )
)]
#[post("/auth/refresh", wrap = "limited(LimitClass::Refresh)")]
async fn refresh(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    request: HttpRequest,
    body: MaybeJson<RefreshBody>,
) -> Result<HttpResponse, Problem> {
    if let MaybeJson(Some(body)) = body {
        let tokens = api.refresh.execute(body.refresh_token.expose_secret(), &origin.0).await?;
        return Ok(in_body(&tokens));
    }
    let cookie = request
        .cookie(REFRESH_COOKIE)
        .ok_or_else(|| Problem::unauthenticated("token_missing", "send the refresh token in the body"))?;
    if !from_same_origin(&request) {
        let detail = "requests authenticated by cookie must come from this site";
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross_site_request", detail));
    }
    let tokens = api.refresh.execute(cookie.value(), &origin.0).await?;
    Ok(in_cookies(&tokens, &settings))
}

/// Sign out: the session ends, and all of its tokens with it.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204),
        CallerFailures,
    )
)]
#[post("/auth/logout")]
async fn logout(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    caller: SignedIn,
) -> Result<HttpResponse, Problem> {
    api.log_out.execute(&caller.0).await?;
    let mut response = HttpResponse::NoContent();
    for cookie in spent_cookies(CookieTerms::V1, settings.secure_cookies) {
        response.cookie(cookie);
    }
    Ok(response.finish())
}

/// Change one's password. All other devices are signed out.
#[utoipa::path(
    tag = "auth",
    request_body = ChangePasswordBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), BodyFailures, CallerFailures, TooMany)
)]
#[post("/auth/password/change")]
async fn change_password(
    api: Data<Api>,
    caller: SignedIn,
    body: Json<ChangePasswordBody>,
) -> Result<HttpResponse, Problem> {
    api.change_password.execute(&caller.0, body.0.try_into()?).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn in_body(tokens: &IssuedTokens) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(TokensBody::in_body(tokens))
}

fn in_cookies(tokens: &IssuedTokens, settings: &HttpSettings) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for cookie in session_cookies(CookieTerms::V1, tokens, settings.secure_cookies) {
        response.cookie(cookie);
    }
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(TokensBody::in_cookies(tokens))
}
