//! Roles.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web::Data};
use lectern_domain::access::{Role, RoleName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::users::permission_set;
use crate::{
    api::Api,
    extract::{Json, MaybeIdempotencyKey, NamedRole, SignedIn},
    failures::{BodyFailures, CallerFailures, Clash, Missing},
    openapi::Routes,
    problem::Problem,
};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(create).service(update).service(delete);
}

/// A role.
#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
struct RoleBody {
    /// Its name.
    #[schema(example = "operator")]
    name: String,
    /// What it allows.
    permissions: Vec<String>,
    /// Whether it comes with Lectern, and so can't be changed or deleted.
    built_in: bool,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        Self {
            name: role.name.to_string(),
            permissions: role.permissions.named().iter().map(ToString::to_string).collect(),
            built_in: role.built_in,
        }
    }
}

/// All roles.
#[derive(Serialize, ToSchema)]
#[schema(as = Roles)]
struct RolesBody {
    /// They, by name.
    items: Vec<RoleBody>,
}

/// The role to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateRoleBody {
    /// A lower-case letter followed by at most 63 of `a-z`, `0-9`, `_` and `-`.
    #[schema(example = "auditor", pattern = "^[a-z][a-z0-9_-]{0,63}$")]
    name: String,
    /// What it allows, at most 64 names.
    #[schema(example = json!(["audit.view"]), max_items = 64)]
    permissions: Vec<String>,
}

/// What the role is to allow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateRoleBody {
    /// What it allows, at most 64 names.
    #[schema(example = json!(["audit.view"]), max_items = 64)]
    permissions: Vec<String>,
}

/// List all roles. Needs `roles.view`.
#[utoipa::path(
    tag = "roles",
    operation_id = "list_roles",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = RolesBody), CallerFailures)
)]
#[get("/roles")]
async fn list(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let roles = api.list_roles.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(RolesBody { items: roles.into_iter().map(RoleBody::from).collect() }))
}

/// Make a role. Needs `roles.manage`, and all that the role is to allow.
#[utoipa::path(
    tag = "roles",
    operation_id = "create_role",
    params(MaybeIdempotencyKey),
    request_body = CreateRoleBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = RoleBody, headers(("Location" = String, description = "The role"))),
        BodyFailures, CallerFailures, Clash,
    )
)]
#[post("/roles")]
async fn create(
    api: Data<Api>,
    caller: SignedIn,
    key: MaybeIdempotencyKey,
    body: Json<CreateRoleBody>,
) -> Result<HttpResponse, Problem> {
    let name = RoleName::parse(&body.0.name).map_err(|error| Problem::field("/name", error.to_string()))?;
    let permissions = permission_set(&body.0.permissions)?;
    let role = api.create_role.execute(&caller.0, name, permissions, key.0).await?;
    let location = format!("/v1/roles/{}", role.name);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(RoleBody::from(role)))
}

/// Change what a role allows. Needs `roles.manage`, and all that it allowed and is to allow. Access tokens of the accounts
/// that have it are stale at once.
#[utoipa::path(
    tag = "roles",
    operation_id = "update_role",
    params(("name" = String, Path, description = "The role")),
    request_body = UpdateRoleBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = RoleBody), BodyFailures, CallerFailures, Missing, Clash)
)]
#[put("/roles/{name}")]
async fn update(
    api: Data<Api>,
    caller: SignedIn,
    name: NamedRole,
    body: Json<UpdateRoleBody>,
) -> Result<HttpResponse, Problem> {
    let permissions = permission_set(&body.0.permissions)?;
    let role = api.update_role.execute(&caller.0, &name.0, permissions).await?;
    Ok(HttpResponse::Ok().json(RoleBody::from(role)))
}

/// Delete a role that no account has. Needs `roles.manage`, and all that it allows.
#[utoipa::path(
    tag = "roles",
    operation_id = "delete_role",
    params(("name" = String, Path, description = "The role")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), CallerFailures, Missing, Clash)
)]
#[delete("/roles/{name}")]
async fn delete(api: Data<Api>, caller: SignedIn, name: NamedRole) -> Result<HttpResponse, Problem> {
    api.delete_role.execute(&caller.0, &name.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
