//! One's own account.

use actix_web::{HttpResponse, delete, get, put, web::Data};
use lectern_application::balance::AdjustOwnBalanceInput;
use lectern_domain::account::UserSnapshot;

use super::{
    super::{
        account::ProfileBody,
        dto::{BalanceBody, BalanceChangeBody, MessageBody, NamesBody, NewBalanceBody},
        failures::{CallerFailures, FailureBody, InputFailures},
    },
    done,
};
use crate::{
    api::Api,
    extract::{Json, MaybeIdempotencyKey, SignedIn},
    problem::Problem,
};

/// Read one's own account.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_read_me",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = ProfileBody), CallerFailures)
)]
#[get("/users/me")]
pub(super) async fn me(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_account.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(ProfileBody::from(&account.user)))
}

/// Read one's own account, once both names are known.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_read_profile",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = ProfileBody),
        (status = 403, description = "A name is missing", body = FailureBody),
        CallerFailures,
    )
)]
#[get("/users/profile")]
pub(super) async fn profile(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_profile.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(ProfileBody::from(&account.user)))
}

/// Say one's names.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_update_profile",
    request_body = NamesBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = ProfileBody),
        (status = 400, description = "A name is missing", body = FailureBody),
        CallerFailures, InputFailures,
    )
)]
#[put("/users/profile")]
pub(super) async fn rename(
    api: Data<Api>,
    caller: SignedIn,
    body: Json<NamesBody>,
) -> Result<HttpResponse, Problem> {
    let (first, last) = body.0.changes()?;
    let account = api.rename_own_account.execute(&caller.0, first, last).await?;
    Ok(HttpResponse::Ok().json(ProfileBody::from(&UserSnapshot::from(account.user))))
}

/// Delete one's account: its e-mail address is free at once, and all devices are signed out. Only with a session that was
/// opened by this API's form.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_delete_me",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = MessageBody, example = json!({"message": "Account successfully deleted"})),
        (status = 403, description = "It is an administrator's, or the session another API's", body = FailureBody),
        CallerFailures,
    )
)]
#[delete("/users/me")]
pub(super) async fn delete(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    api.delete_own_account_by_session.execute(&caller.0).await?;
    Ok(done("Account successfully deleted"))
}

/// Read one's own balance.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_read_balance",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = BalanceBody), CallerFailures)
)]
#[get("/users/balance")]
pub(super) async fn balance(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let balance = api.read_own_balance.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(BalanceBody { balance }))
}

/// Add to one's own balance, or take from it. Only with a session that was opened by this API's form. The
/// `Idempotency-Key` is kept for good; a change of 0 is none, and is not remembered.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_change_balance",
    params(MaybeIdempotencyKey),
    request_body = BalanceChangeBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = NewBalanceBody),
        (status = 400, description = "It would be less than nothing, or more than can be counted", body = FailureBody),
        (status = 403, description = "It is an administrator's, or the session another API's", body = FailureBody),
        (status = 409, description = "The key was used for another change", body = FailureBody),
        CallerFailures, InputFailures,
    )
)]
#[put("/users/balance")]
pub(super) async fn change_balance(
    api: Data<Api>,
    caller: SignedIn,
    key: MaybeIdempotencyKey,
    body: Json<BalanceChangeBody>,
) -> Result<HttpResponse, Problem> {
    let input = AdjustOwnBalanceInput { amount: body.0.amount, idempotency_key: key.0 };
    let new_balance = api.adjust_own_balance.execute(&caller.0, input).await?;
    Ok(HttpResponse::Ok().json(NewBalanceBody { new_balance }))
}
