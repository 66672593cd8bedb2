//! What administrators do with accounts. To all others there is nothing at these paths.

use actix_web::{HttpResponse, get, post, web::Data};
use lectern_application::ports::AccountView;
use lectern_domain::account::{EmailAddress, Username};

use super::{
    super::{
        account::{ByNumber, DeletedBody, ListedBody},
        dto::{DeletedUsersBody, MessageBody, UsersBody},
        error::not_changed,
        failures::{CallerFailures, FailureBody, HiddenFailures, InputFailures},
        numbered::Numbered,
        parameters::{ListParams, deleted as deleted_last_first},
    },
    done,
};
use crate::{
    api::Api,
    extract::{Query, SignedIn},
    problem::Problem,
};

/// List accounts, without the deleted. Needs `users.view`. The first 10,000 are looked at.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_list_users",
    params(ListParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UsersBody), CallerFailures, HiddenFailures, InputFailures)
)]
#[get("/users/")]
pub(super) async fn list(
    api: Data<Api>,
    caller: SignedIn,
    query: Query<ListParams>,
) -> Result<HttpResponse, Problem> {
    let accounts = api.list_all_accounts.execute(&caller.0, &query.0.try_into()?).await?;
    Ok(HttpResponse::Ok().json(by_number(accounts)))
}

/// The same.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_list_users_without_slash",
    params(ListParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UsersBody), CallerFailures, HiddenFailures, InputFailures)
)]
#[get("/users")]
pub(super) async fn list_without_slash(
    api: Data<Api>,
    caller: SignedIn,
    query: Query<ListParams>,
) -> Result<HttpResponse, Problem> {
    let accounts = api.list_all_accounts.execute(&caller.0, &query.0.try_into()?).await?;
    Ok(HttpResponse::Ok().json(by_number(accounts)))
}

fn by_number(accounts: Vec<AccountView>) -> UsersBody {
    UsersBody { users: ByNumber(accounts.into_iter().map(ListedBody::from).collect()) }
}

/// List deleted accounts, the one that was deleted last first. Needs `users.view`. At most 10,000 are listed.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_list_deleted_users",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = DeletedUsersBody), CallerFailures, HiddenFailures)
)]
#[get("/users/deleted")]
pub(super) async fn deleted(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let accounts = api.list_all_accounts.execute(&caller.0, &deleted_last_first()).await?;
    let deleted_users = accounts.into_iter().map(DeletedBody::from).collect();
    Ok(HttpResponse::Ok().json(DeletedUsersBody { deleted_users }))
}

/// Block an account: all of its devices are signed out. One that is blocked stays so. Needs `users.block`.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_block",
    params(("id" = i64, Path, description = "The account's number")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = MessageBody, example = json!({"message": "User 7 has been blocked."})),
        (status = 400, description = "It is the caller's own", body = FailureBody),
        (status = 403, description = "It may do things that the caller may not", body = FailureBody),
        (status = 409, description = "It is the last administrator's", body = FailureBody),
        CallerFailures, HiddenFailures,
    )
)]
#[post("/admin/block/{id}")]
pub(super) async fn block(
    api: Data<Api>,
    caller: SignedIn,
    account: Numbered,
) -> Result<HttpResponse, Problem> {
    let blocked = api.block_account.execute(&caller.0, account.0).await.map_err(not_changed)?;
    Ok(done(format!("User {} has been blocked.", blocked.user.parts().number.0)))
}

/// Let a blocked account be used again. One that is not blocked stays so. Needs `users.block`.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_unblock",
    params(("id" = i64, Path, description = "The account's number")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = MessageBody, example = json!({"message": "User 7 has been unblocked."})),
        (status = 403, description = "It may do things that the caller may not", body = FailureBody),
        CallerFailures, HiddenFailures,
    )
)]
#[post("/admin/unblock/{id}")]
pub(super) async fn unblock(
    api: Data<Api>,
    caller: SignedIn,
    account: Numbered,
) -> Result<HttpResponse, Problem> {
    let unblocked = api.unblock_account.execute(&caller.0, account.0).await.map_err(not_changed)?;
    Ok(done(format!("User {} has been unblocked.", unblocked.user.parts().number.0)))
}

/// Ask whether one is an administrator: somebody who may do everything.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_check_admin",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = MessageBody, example = json!({"message": "Welcome, admin root@example.org!"})),
        CallerFailures, HiddenFailures,
    )
)]
#[get("/admin/check")]
pub(super) async fn check(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_administrator.execute(&caller.0).await?;
    let names = account.user.parts();
    let email = names.email.as_ref().map(EmailAddress::as_str);
    let name = email.or_else(|| names.username.as_ref().map(Username::as_str)).unwrap_or_default();
    Ok(done(format!("Welcome, admin {name}!")))
}
