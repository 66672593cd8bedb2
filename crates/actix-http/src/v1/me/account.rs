//! One's own account.

use actix_web::{HttpResponse, get, web::Data};

use crate::{api::Api, extract::SignedIn, failures::CallerFailures, problem::Problem, v1::user::UserBody};

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
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}
