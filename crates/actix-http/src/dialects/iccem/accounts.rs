//! Making, changing, deleting and listing accounts.

use actix_web::{HttpResponse, delete, get, http::StatusCode, post, put, web::Data};
use lectern_application::accounts::ReadAccountError;
use lectern_domain::access::{PermissionDenied, PermissionSet};

use super::{
    caller::{Client, Named},
    dto::{CreateUserBody, Failure, MessageBody, PermissionsBody, Success, UserBody, UsersParams},
    permissions,
};
use crate::{
    api::{Api, HttpSettings},
    extract::{Query, RawBody},
    problem::Problem,
};

/// Make an account. For administrators.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_create_user",
    request_body = CreateUserBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = Success<UserBody>),
        (status = 400, description = "The body can't be read, or the login is taken", body = Failure),
        (status = 401, description = "There is no valid access token", body = Failure),
        (status = 403, description = "The account may not do this", body = Failure),
        (status = 422, description = "The input is invalid", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[post("/create_user")]
pub(super) async fn create(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    caller: Client,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let input = body.json::<CreateUserBody>()?.input(&settings.iccem)?;
    let account = api.create_account.execute(&caller.0, input).await?;
    Ok(Success::of(UserBody::from(account)))
}

/// Give an account other permissions of its own. For administrators.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_update_permissions",
    params(("user_id" = Uuid, Path, description = "The account")),
    request_body = PermissionsBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = Success<UserBody>),
        (status = 400, description = "The body can't be read", body = Failure),
        (status = 401, description = "There is no valid access token", body = Failure),
        (status = 403, description = "The account may not do this", body = Failure),
        (status = 404, description = "There is no such account", body = Failure),
        (status = 422, description = "The input is invalid", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[put("/update_permissions/{user_id}")]
pub(super) async fn update_permissions(
    api: Data<Api>,
    named: Named,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let permissions: PermissionSet = body.json::<PermissionsBody>()?.try_into()?;
    let account = api.set_permissions.execute(&named.caller, named.user, permissions).await?;
    Ok(Success::of(UserBody::from(account)))
}

/// Delete an account: its login is free at once, and all of its devices are signed out. For administrators and operators.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_remove_user",
    params(("user_id" = Uuid, Path, description = "The account")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Success<MessageBody>),
        (status = 401, description = "There is no valid access token", body = Failure),
        (status = 403, description = "The account may not do this", body = Failure),
        (status = 404, description = "There is no such account", body = Failure),
        (status = 409, description = "It is one's own, or the last administrator's", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[delete("/remove_user/{user_id}")]
pub(super) async fn remove(api: Data<Api>, named: Named) -> Result<HttpResponse, Problem> {
    api.delete_account.execute(&named.caller, named.user).await?;
    Ok(Success::of(MessageBody { message: "User removed" }))
}

/// List accounts by login. Needs `view_users`.
#[utoipa::path(
    tag = "iccem",
    operation_id = "iccem_users",
    params(UsersParams),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Success<Vec<UserBody>>),
        (status = 401, description = "There is no valid access token", body = Failure),
        (status = 403, description = "The account may not do this", body = Failure),
        (status = 422, description = "A parameter is invalid", body = Failure),
        (status = 503, description = "A part of the service is not available", body = Failure),
    )
)]
#[get("/get_users")]
pub(super) async fn list(
    api: Data<Api>,
    caller: Client,
    params: Result<Query<UsersParams>, Problem>,
) -> Result<HttpResponse, Problem> {
    // Who asks is looked at before what they ask for.
    let (filter, page) = params?.0.request()?;
    let found = api.list_accounts.execute(&caller.0, &filter, page).await.map_err(permission_named)?;
    Ok(Success::of(found.items.into_iter().map(UserBody::from).collect::<Vec<_>>()))
}

/// Here the permission is named that is missing.
fn permission_named(error: ReadAccountError) -> Problem {
    match error {
        ReadAccountError::Denied(PermissionDenied::Missing(permission)) => {
            let detail = format!("Permission '{}' required", permissions::name(&permission));
            Problem::new(StatusCode::FORBIDDEN, "permission_required", detail)
        }
        other => other.into(),
    }
}
