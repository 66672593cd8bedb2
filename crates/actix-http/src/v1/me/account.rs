//! One's own account.

use actix_web::{HttpResponse, delete, get, patch, web::Data};
use lectern_domain::account::{FirstName, LastName};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, HttpSettings},
    extract::{CookieTerms, Json, SignedIn, spent_cookies},
    failures::{BodyFailures, CallerFailures, Clash, TooMany},
    problem::{Fields, Problem},
    v1::{patch::Patch, user::UserBody},
};

/// Read one's own account.
#[utoipa::path(
    tag = "me",
    operation_id = "read_own_account",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), CallerFailures)
)]
#[get("/me")]
pub(super) async fn read(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_account.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(&*account)))
}

/// What to change. What is left out stays; null takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameAccountBody {
    /// Given name, at most 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    first_name: Patch,
    /// Family name, at most 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    last_name: Patch,
}

/// Change one's names.
#[utoipa::path(
    tag = "me",
    operation_id = "rename_own_account",
    request_body = RenameAccountBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), BodyFailures, CallerFailures)
)]
#[patch("/me")]
pub(super) async fn rename(
    api: Data<Api>,
    caller: SignedIn,
    body: Json<RenameAccountBody>,
) -> Result<HttpResponse, Problem> {
    let Json(RenameAccountBody { first_name, last_name }) = body;
    let mut fields = Fields::default();
    let first = first_name.change(&mut fields, "/first_name", FirstName::parse);
    let last = last_name.change(&mut fields, "/last_name", LastName::parse);
    fields.finish()?;
    let account = api.rename_own_account.execute(&caller.0, first, last).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}

/// The password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteBody {
    /// The account's password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Delete one's account. Its names are free at once, and all devices are signed out.
#[utoipa::path(
    tag = "me",
    operation_id = "delete_own_account",
    request_body = DeleteBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), BodyFailures, CallerFailures, Clash, TooMany)
)]
#[delete("/me")]
pub(super) async fn delete(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    caller: SignedIn,
    body: Json<DeleteBody>,
) -> Result<HttpResponse, Problem> {
    api.delete_own_account.execute(&caller.0, body.0.password).await?;
    let mut response = HttpResponse::NoContent();
    for cookie in spent_cookies(CookieTerms::V1, settings.secure_cookies) {
        response.cookie(cookie);
    }
    Ok(response.finish())
}
