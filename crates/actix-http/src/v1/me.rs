//! One's own account.

use actix_web::{HttpResponse, get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::user::UserBody;
use crate::{api::Api, extract::SignedIn, failures::CallerFailures, problem::Problem};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read);
}

/// Read one's own account.
#[utoipa::path(
    tag = "me",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = UserBody),
        CallerFailures,
    )
)]
#[get("/me")]
async fn read(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_account.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(account)))
}
