//! What accounts may do.

use actix_web::{HttpResponse, put, web::Data};
use lectern_domain::{access::PermissionSet, account::UserId};

use super::dto::{PermissionsOfUserBody, RoleOfUserBody};
use crate::{
    api::Api,
    extract::{Id, Json, SignedIn},
    failures::{BodyFailures, CallerFailures, Clash, Missing},
    problem::Problem,
    v1::user::UserBody,
};

/// Give an account another role. Needs `users.grant`, and all that both roles allow. Access tokens of the account are
/// stale at once.
#[utoipa::path(
    tag = "users",
    operation_id = "set_role_of_user",
    params(("id" = Uuid, Path, description = "The account")),
    request_body = RoleOfUserBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), BodyFailures, CallerFailures, Missing, Clash)
)]
#[put("/users/{id}/role")]
pub(super) async fn set_role(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    body: Json<RoleOfUserBody>,
) -> Result<HttpResponse, Problem> {
    let account = api.set_role.execute(&caller.0, UserId(id.0), body.0.try_into()?).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}

/// Replace the permissions that an account holds besides those of its role. Needs `users.grant`, and each permission that
/// is given or taken. Access tokens of the account are stale at once.
#[utoipa::path(
    tag = "users",
    operation_id = "set_permissions_of_user",
    params(("id" = Uuid, Path, description = "The account")),
    request_body = PermissionsOfUserBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), BodyFailures, CallerFailures, Missing)
)]
#[put("/users/{id}/permissions")]
pub(super) async fn set_permissions(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    body: Json<PermissionsOfUserBody>,
) -> Result<HttpResponse, Problem> {
    let permissions = PermissionSet::try_from(body.0)?;
    let account = api.set_permissions.execute(&caller.0, UserId(id.0), permissions).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}
