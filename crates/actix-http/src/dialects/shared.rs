//! Paths that three dialects have: signing in, signing up and refreshing under `/auth`. What the request itself says
//! decides which dialect's handler takes it.
//!
//! | path | the request | dialect |
//! |---|---|---|
//! | `/auth/login` | a form | fastapi-auth |
//! | | JSON | lazy-lecture and fast-web at once: one answer that has what the clients of both look for |
//! | `/auth/register` | JSON with `username` and `email` | fast-web |
//! | | with `username` | lazy-lecture |
//! | | with `email` | fastapi-auth |
//! | `/auth/refresh` | of a session that fastapi-auth opened | fastapi-auth |
//! | | of any other | lazy-lecture |
//!
//! A dialect that is not served takes nothing: the next one that could take it does, else there is nothing at the path.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header},
    post,
    web::Data,
};
use lectern_application::{auth::LoginInput, ports::LimitClass};
use lectern_domain::surface::Surface;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{address, fast_web, fastapi_auth, lazy_lecture};
use crate::{
    api::{Api, HttpSettings},
    extract::{ClientOrigin, RawBody, session_cookies},
    limits::limited,
    openapi::Routes,
    problem::{FieldError, Problem},
};

/// Mounts them if any of the three is served.
pub(super) fn configure(config: &mut Routes<'_>, served: &[Surface]) {
    let sharing = [Surface::FastapiAuth, Surface::LazyLecture, Surface::FastWeb];
    if sharing.iter().any(|surface| served.contains(surface)) {
        config.service(login).service(register).service(refresh);
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[schema(as = SharedLogin)]
struct LoginBody {
    /// User name or e-mail address.
    username: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Tokens, and what fast-web's clients look for.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedTokens)]
struct TokensBody<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    /// `bearer`.
    token_type: &'static str,
    /// Present if fast-web is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

/// Sign in: with a form as a client of fastapi-auth, with JSON as one of lazy-lecture and fast-web.
#[utoipa::path(
    tags = ["fastapi-auth", "lazy-lecture", "fast-web"],
    request_body(content((LoginBody = "application/json"), (LoginBody = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = TokensBody),
        (status = 401, description = "The user name or the password is wrong, or the account is blocked (JSON)"),
        (status = 403, description = "The account is blocked or deleted (form)"),
        (status = 422, description = "The input is invalid"),
        (status = 429, description = "Too often"),
    )
)]
#[post("/auth/login", wrap = "limited(LimitClass::LogIn)")]
async fn login(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let serves = |surface| settings.dialects.contains(&surface);
    let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if is_form && serves(Surface::FastapiAuth) {
        address(&request, Surface::FastapiAuth);
        return fastapi_auth::login(&api, &origin.0, &body).await;
    }
    let json = [Surface::LazyLecture, Surface::FastWeb].into_iter().find(|surface| serves(*surface));
    let Some(surface) = json.filter(|_| !is_form) else {
        return Err(Problem::of_status(StatusCode::NOT_FOUND));
    };
    address(&request, surface);
    let LoginBody { username, password } = body.json()?;
    let tokens = api.log_in.execute(LoginInput { login: username, password, surface }, &origin.0).await?;
    let mut response = HttpResponse::Ok();
    if serves(Surface::FastWeb) {
        for cookie in session_cookies(fast_web::COOKIES, &tokens, settings.secure_cookies) {
            response.cookie(cookie);
        }
    }
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).json(TokensBody {
        access_token: tokens.access_token.expose_secret(),
        refresh_token: tokens.refresh_token.expose_secret(),
        token_type: "bearer",
        message: serves(Surface::FastWeb).then_some(fast_web::SIGNED_IN),
    }))
}

/// Make an account: fast-web's with `username` and `email`, lazy-lecture's with `username`, fastapi-auth's with `email`.
#[utoipa::path(
    tags = ["lazy-lecture", "fast-web", "fastapi-auth"],
    request_body = Object,
    responses(
        (status = 200, description = "Made (fastapi-auth)"),
        (status = 201, description = "Made (lazy-lecture, fast-web)"),
        (status = 400, description = "Taken (fastapi-auth)"),
        (status = 409, description = "Taken (lazy-lecture, fast-web)"),
        (status = 422, description = "The input is invalid"),
        (status = 429, description = "Too often"),
    )
)]
#[post("/auth/register", wrap = "limited(LimitClass::Register)")]
async fn register(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    address(&request, Surface::LazyLecture);
    let fields: Map<String, Value> = body.json()?;
    let has = |field: &str| fields.get(field).is_some_and(|value| !value.is_null());
    let (username, email) = (has("username"), has("email"));
    let candidates = [
        (Surface::FastWeb, username && email),
        (Surface::LazyLecture, username),
        (Surface::FastapiAuth, email),
    ];
    let mut taking = candidates.into_iter().filter(|(_, could)| *could).map(|(surface, _)| surface);
    let Some(surface) = taking.find(|surface| settings.dialects.contains(surface)) else {
        let missing = |name| FieldError { pointer: String::new(), detail: format!("missing field `{name}`") };
        return Err(Problem::validation(vec![missing("username"), missing("email")]));
    };
    address(&request, surface);
    match surface {
        Surface::FastWeb => fast_web::register(&api, &origin.0, &body).await,
        Surface::FastapiAuth => fastapi_auth::register(&api, &origin.0, &body).await,
        _ => lazy_lecture::register(&api, &origin.0, &body).await,
    }
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[schema(as = SharedRefresh)]
struct RefreshBody {
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// Get new tokens: as the dialect has it through which the session was opened.
#[utoipa::path(
    tags = ["lazy-lecture", "fastapi-auth"],
    request_body = RefreshBody,
    responses(
        (status = 200, description = "An access token, and for lazy-lecture the next refresh token"),
        (status = 401, description = "The refresh token is not, or no longer, good"),
        (status = 422, description = "The input is invalid"),
        (status = 429, description = "Too often"),
    )
)]
#[post("/auth/refresh", wrap = "limited(LimitClass::Refresh)")]
async fn refresh(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let serves = |surface| settings.dialects.contains(&surface);
    address(&request, if serves(Surface::LazyLecture) { Surface::LazyLecture } else { Surface::FastapiAuth });
    let RefreshBody { refresh_token } = body.json()?;
    let token = refresh_token.expose_secret();
    let opened_by = api.find_surface.execute(token).await?;
    let is_its_own = opened_by == Some(Surface::FastapiAuth) || !serves(Surface::LazyLecture);
    if is_its_own && serves(Surface::FastapiAuth) {
        address(&request, Surface::FastapiAuth);
        fastapi_auth::refresh(&api, &origin.0, token).await
    } else if serves(Surface::LazyLecture) {
        lazy_lecture::refresh(&api, &origin.0, token).await
    } else {
        Err(Problem::of_status(StatusCode::NOT_FOUND))
    }
}
