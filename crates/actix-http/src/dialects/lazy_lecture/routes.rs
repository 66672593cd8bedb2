//! Accounts, and whether the service is up.

use actix_web::{HttpResponse, get, guard::GuardContext, http::StatusCode, http::header, patch, web::Data};
use lectern_application::{
    accounts::{AdministerError, SetPasswordError},
    auth::RegisterError,
    ports::LimitClass,
};
use lectern_domain::{account::Username, audit::Origin};
use secrecy::ExposeSecret;

use super::{
    dto::{PatchBody, RegisterBody, RootBody, TokensBody, UserBody},
    extract::{AdminToken, Bearer, wants_html},
    transcripts, upload,
    worker::configure_worker,
};
use crate::{
    api::Api,
    extract::{Json, RawBody},
    limits::limited,
    openapi::Routes,
    problem::Problem,
};

/// Mounts those that no other dialect has.
pub(in crate::dialects) fn configure(config: &mut Routes<'_>) {
    config.service(root).service(info).service(change);
    config.configure(transcripts::configure).configure(upload::configure).configure(configure_worker);
}

/// Make an account.
pub(in crate::dialects) async fn register(
    api: &Api,
    origin: &Origin,
    body: &RawBody,
) -> Result<HttpResponse, Problem> {
    let input = body.json::<RegisterBody>()?.input()?;
    let name = input.username.as_ref().map(Username::to_string).unwrap_or_default();
    match api.register.execute(input, origin).await {
        Ok(account) => Ok(HttpResponse::Created().json(UserBody::new(account.user.parts()))),
        Err(RegisterError::UsernameTaken) => {
            let text = format!("User '{name}' already exists");
            Err(Problem::new(StatusCode::CONFLICT, "name_taken", text))
        }
        Err(error) => Err(error.into()),
    }
}

/// Get the next pair of tokens.
pub(in crate::dialects) async fn refresh(
    api: &Api,
    origin: &Origin,
    token: &str,
) -> Result<HttpResponse, Problem> {
    let tokens = api.refresh.execute(token, origin).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(TokensBody {
        access_token: tokens.access_token.expose_secret(),
        refresh_token: tokens.refresh_token.expose_secret(),
        token_type: "bearer",
    }))
}

/// Read one's own account.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_info",
    security(("bearer" = [])),
    responses(
        (status = 200, body = UserBody),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
    )
)]
#[get("/auth/info")]
async fn info(api: Data<Api>, caller: Bearer) -> Result<HttpResponse, Problem> {
    let account = api.read_own_account.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(UserBody::new(account.user.parts())))
}

/// Change an account's password, which ends its sessions, and whether it may upload. Needs the admin token; accounts with
/// power over others are out of its reach.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_patch",
    params(("user_id" = i64, Query, description = "The account's number")),
    request_body = PatchBody,
    security(("admin_token" = [])),
    responses(
        (status = 200, body = UserBody),
        (status = 401, description = "The admin token is wrong"),
        (status = 403, description = "The account may do what the admin token may not"),
        (status = 404, description = "There is no such account"),
        (status = 422, description = "The input is invalid"),
        (status = 429, description = "Too often"),
    )
)]
#[patch("/auth/patch", wrap = "limited(LimitClass::LogIn)")]
async fn change(api: Data<Api>, token: AdminToken, body: Json<PatchBody>) -> Result<HttpResponse, Problem> {
    match api.change_by_admin_token.execute(&token.holder, token.user, body.0.input()?).await {
        Ok(account) => Ok(HttpResponse::Ok().json(UserBody::new(account.user.parts()))),
        Err(SetPasswordError::Account(AdministerError::Denied(denied))) => {
            Err(Problem::new(StatusCode::FORBIDDEN, "out_of_reach", denied.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the service is up, and its database with it. For clients that don't ask for HTML.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_root",
    responses((status = 200, body = RootBody))
)]
#[get("/", guard = "asks_for_no_page")]
async fn root(api: Data<Api>) -> HttpResponse {
    let parts = api.check_readiness.execute().await;
    let body = RootBody { api: true, database: parts.has_database() };
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}

/// Pages for people are at the same path.
fn asks_for_no_page(context: &GuardContext<'_>) -> bool {
    !wants_html(context.header().as_ref())
}
