//! Getting back in without the password: ask, show the code from the mail, choose another.

use actix_web::{HttpResponse, get, http::StatusCode, http::header, post, put, web::Data};
use lectern_application::{
    auth::{ConfirmResetError, ResetPasswordError},
    ports::LimitClass,
};
use lectern_domain::challenge::Code;
use secrecy::ExposeSecret;

use super::{
    dto::{CompareParams, DoneBody, ForgotBody, NewPasswordBody, ResetTokenBody, done, weak},
    error::{AnyFailures, BodyFailures, CODE_WRONG, CallerUnknownBody, FailureBody, RESET_OVER},
    server::SiteServer,
    wording,
};
use crate::{
    api::Api,
    extract::{ClientOrigin, Json, Query},
    limits::limited,
    problem::Problem,
};

/// Ask for a way back in. If an active account has the address, a code is mailed to it; the answer is the same in any case.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_forget_passw",
    request_body = ForgotBody,
    responses(
        (status = 200, body = ResetTokenBody),
        BodyFailures,
        AnyFailures,
    )
)]
#[post("/api/v1/public/users/passw/forget_passw", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn forgot(
    api: Data<Api>,
    origin: ClientOrigin,
    body: Json<ForgotBody>,
) -> Result<HttpResponse, Problem> {
    let token = api.forgot_password.execute(&body.0.address()?, &origin.0).await?;
    let mut response = HttpResponse::Ok();
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).json(ResetTokenBody::from(token)))
}

/// Show the code from the mail, so that the token works. Five wrong codes end the token, as do ten minutes.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_compare_confirm_code",
    params(CompareParams),
    responses(
        (status = 200, body = DoneBody),
        (status = 410, body = FailureBody, description = "No code helps any more"),
        (status = 422, body = FailureBody, description = "The code is wrong"),
        AnyFailures,
    )
)]
#[get("/api/v1/public/users/passw/compare_confirm_code", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn compare(api: Data<Api>, shown: Query<CompareParams>) -> Result<HttpResponse, Problem> {
    let wrong = |_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, CODE_WRONG, wording::CODE_WRONG);
    let code = Code::parse(shown.0.code.expose_secret()).map_err(wrong)?;
    let confirmed = api.confirm_reset.execute(&shown.0.reset_token, &code).await;
    confirmed.map_err(|error| match error {
        ConfirmResetError::Over => Problem::new(StatusCode::GONE, RESET_OVER, wording::RESET_OVER),
        other => other.into(),
    })?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(done(wording::CODE_RIGHT)))
}

/// Replace the password. All devices are signed out. For the site's servers.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_set_new_passw",
    security((), ("bearer" = []), ("cookie" = [])),
    request_body = NewPasswordBody,
    responses(
        (status = 200, body = DoneBody),
        (status = 401, body = CallerUnknownBody, description = "The request is from no server of the site's"),
        (status = 403, body = FailureBody, description = "Another site made a browser ask"),
        (status = 410, body = FailureBody, description = "The token is unknown, used, expired, or its code was not confirmed"),
        BodyFailures,
        AnyFailures,
    )
)]
#[put("/api/v1/server/users/passw/set_new_passw", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn set(
    _server: SiteServer,
    api: Data<Api>,
    origin: ClientOrigin,
    body: Json<NewPasswordBody>,
) -> Result<HttpResponse, Problem> {
    let replaced = api.reset_password.execute(body.0.try_into()?, &origin.0).await;
    replaced.map_err(|error| match error {
        ResetPasswordError::Weak(violation) => weak(violation),
        other => other.into(),
    })?;
    Ok(HttpResponse::Ok().json(done(wording::PASSWORD_SET)))
}
