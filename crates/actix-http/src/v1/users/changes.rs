//! Making accounts, and changing their names and standing.

use actix_web::{HttpResponse, delete, http::header, patch, post, web::Data};
use lectern_domain::account::UserId;

use super::dto::{CreateBody, UpdateBody};
use crate::{
    api::Api,
    extract::{Id, Json, MaybeIdempotencyKey, SignedIn},
    failures::{BodyFailures, CallerFailures, Clash, Missing},
    problem::Problem,
    v1::user::UserBody,
};

/// Make an account for somebody else. Needs `users.create`.
#[utoipa::path(
    tag = "users",
    operation_id = "create_user",
    params(MaybeIdempotencyKey),
    request_body = CreateBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = UserBody, headers(("Location" = String, description = "The account"))),
        BodyFailures, CallerFailures, Clash,
    )
)]
#[post("/users")]
pub(super) async fn create(
    api: Data<Api>,
    caller: SignedIn,
    key: MaybeIdempotencyKey,
    body: Json<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let account = api.create_account.execute(&caller.0, body.0.input(key.0)?).await?;
    let location = format!("/v1/users/{}", account.user.id().0);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(UserBody::from(account)))
}

/// Change an account's names, which needs `users.update`, and whether it may upload and change things, which needs
/// `users.approve`.
#[utoipa::path(
    tag = "users",
    operation_id = "update_user",
    params(("id" = Uuid, Path, description = "The account")),
    request_body = UpdateBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), BodyFailures, CallerFailures, Missing, Clash)
)]
#[patch("/users/{id}")]
pub(super) async fn update(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    body: Json<UpdateBody>,
) -> Result<HttpResponse, Problem> {
    let account = api.update_account.execute(&caller.0, UserId(id.0), body.0.try_into()?).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}

/// Delete an account. Its names are free at once, and all of its devices are signed out. Needs `users.delete`.
#[utoipa::path(
    tag = "users",
    operation_id = "delete_user",
    params(("id" = Uuid, Path, description = "The account")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), CallerFailures, Missing, Clash)
)]
#[delete("/users/{id}")]
pub(super) async fn delete(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    api.delete_account.execute(&caller.0, UserId(id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Block an account. All of its devices are signed out. Needs `users.block`.
#[utoipa::path(
    tag = "users",
    operation_id = "block_user",
    params(("id" = Uuid, Path, description = "The account")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), CallerFailures, Missing, Clash)
)]
#[post("/users/{id}/block")]
pub(super) async fn block(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let account = api.block_account.execute(&caller.0, UserId(id.0)).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}

/// Let a blocked account be used again. Needs `users.block`.
#[utoipa::path(
    tag = "users",
    operation_id = "unblock_user",
    params(("id" = Uuid, Path, description = "The account")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), CallerFailures, Missing, Clash)
)]
#[post("/users/{id}/unblock")]
pub(super) async fn unblock(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let account = api.unblock_account.execute(&caller.0, UserId(id.0)).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}

/// Bring a deleted account back, if its names are still free. Needs `users.delete`.
#[utoipa::path(
    tag = "users",
    operation_id = "restore_user",
    params(("id" = Uuid, Path, description = "The account")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), CallerFailures, Missing, Clash)
)]
#[post("/users/{id}/restore")]
pub(super) async fn restore(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let account = api.restore_account.execute(&caller.0, UserId(id.0)).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}

/// Sign an account out on all of its devices. Needs `users.block`.
#[utoipa::path(
    tag = "users",
    operation_id = "end_sessions_of_user",
    params(("id" = Uuid, Path, description = "The account")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), CallerFailures, Missing)
)]
#[delete("/users/{id}/sessions")]
pub(super) async fn end_sessions(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    api.end_sessions_of.execute(&caller.0, UserId(id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
