//! Lists and single accounts.

use actix_web::{HttpResponse, get, web::Data};
use lectern_domain::account::UserId;

use super::dto::ListParams;
use crate::{
    api::Api,
    extract::{Id, Query, SignedIn},
    failures::{CallerFailures, Missing, QueryFailures},
    problem::Problem,
    v1::{
        page::{PageBody, page_request},
        user::UserBody,
    },
};

/// List accounts. Needs `users.view`.
#[utoipa::path(
    tag = "users",
    operation_id = "list_users",
    params(ListParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = PageBody<UserBody>), QueryFailures, CallerFailures)
)]
#[get("/users")]
pub(super) async fn list(
    api: Data<Api>,
    caller: SignedIn,
    query: Query<ListParams>,
) -> Result<HttpResponse, Problem> {
    let page = page_request(query.0.page, query.0.size)?;
    let page = api.list_accounts.execute(&caller.0, &query.0.try_into()?, page).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(page, UserBody::from)))
}

/// Read an account, deleted ones too. Needs `users.view`.
#[utoipa::path(
    tag = "users",
    operation_id = "read_user",
    params(("id" = Uuid, Path, description = "The account")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody), CallerFailures, Missing)
)]
#[get("/users/{id}")]
pub(super) async fn read(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let account = api.read_account.execute(&caller.0, UserId(id.0)).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}
