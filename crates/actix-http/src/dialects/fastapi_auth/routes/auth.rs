//! Signing up, in and out. The first three share their paths with other dialects.

use actix_web::{HttpResponse, get, http::header, post, web::Data};
use lectern_application::{auth::LoginInput, ports::LimitClass};
use lectern_domain::{account::EmailAddress, audit::Origin, surface::Surface};
use secrecy::ExposeSecret;

use super::{
    super::{
        dto::{ChangePasswordBody, LoginForm, MeBody, MessageBody, RegisterBody, RegisteredBody, TokensBody},
        error::{not_refreshed, not_signed_in},
        failures::{CallerFailures, FailureBody, InvalidBody},
    },
    done,
};
use crate::{
    api::Api,
    extract::{ClientOrigin, Json, RawBody, SignedIn},
    limits::limited,
    problem::Problem,
};

/// Make an account.
pub(in crate::dialects) async fn register(
    api: &Api,
    origin: &Origin,
    body: &RawBody,
) -> Result<HttpResponse, Problem> {
    let input = body.json::<RegisterBody>()?.input()?;
    let account = api.register.execute(input, origin).await?;
    let email = account.user.parts().email.as_ref().map_or("", EmailAddress::as_str);
    Ok(HttpResponse::Ok().json(RegisteredBody { email }))
}

/// Sign in.
pub(in crate::dialects) async fn login(
    api: &Api,
    origin: &Origin,
    body: &RawBody,
) -> Result<HttpResponse, Problem> {
    let LoginForm { username, password } = body.form()?;
    let input = LoginInput { login: username, password, surface: Surface::FastapiAuth };
    let tokens = api.log_in.execute(input, origin).await.map_err(not_signed_in)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(TokensBody {
        access_token: tokens.access_token.expose_secret(),
        refresh_token: Some(tokens.refresh_token.expose_secret()),
        token_type: "bearer",
    }))
}

/// Get a new access token.
pub(in crate::dialects) async fn refresh(
    api: &Api,
    origin: &Origin,
    token: &str,
) -> Result<HttpResponse, Problem> {
    let tokens = api.refresh.execute(token, origin).await.map_err(not_refreshed)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(TokensBody {
        access_token: tokens.access_token.expose_secret(),
        refresh_token: None,
        token_type: "bearer",
    }))
}

/// Sign out: the session ends, and both of its tokens with it.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_logout",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = MessageBody, example = json!({"message": "Logged out"})), CallerFailures)
)]
#[post("/auth/logout")]
pub(super) async fn logout(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    api.log_out.execute(&caller.0).await?;
    Ok(done("Logged out"))
}

/// Change one's password, signed in or not. All devices are signed out. Limited together with signing in.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_change_password",
    request_body = ChangePasswordBody,
    responses(
        (status = 200, body = MessageBody, example = json!({"message": "Password updated successfully"})),
        (status = 401, description = "The old password is wrong, or there is no such account", body = FailureBody),
        (status = 429, description = "Too often", body = FailureBody),
        (status = 503, description = "A part of the service is not available; try again later", body = FailureBody),
        // Named, and not by `InputFailures`, whose schemas would not get into the document.
        (status = 422, description = "The input is invalid", body = InvalidBody),
    )
)]
#[post("/auth/change-password", wrap = "limited(LimitClass::LogIn)")]
pub(super) async fn change_password(
    api: Data<Api>,
    origin: ClientOrigin,
    body: Json<ChangePasswordBody>,
) -> Result<HttpResponse, Problem> {
    api.change_password_by_login.execute(body.0.try_into()?, &origin.0).await?;
    Ok(done("Password updated successfully"))
}

/// Ask who is signed in.
#[utoipa::path(
    tag = "fastapi-auth",
    operation_id = "fastapi_auth_who_am_i",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = MeBody), CallerFailures)
)]
#[get("/auth/me")]
pub(super) async fn me(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_account.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(MeBody { user_id: account.user.parts().number.0 }))
}
