//! Signing up, in and out, and the devices.

use std::time::Duration;

use actix_web::{HttpResponse, cookie::SameSite, http::header, post, put, web::Data};
use lectern_application::{auth::RegisterError, ports::LimitClass};

use super::{
    dto::{DoneBody, LoginBody, SeancesBody, SignUpBody, done, weak},
    error::{AnyFailures, BodyFailures, CallerUnknownBody, FailureBody, SignInAgainBody},
    password_reset,
    private::Private,
    server::SiteServer,
    wording,
};
use crate::{
    api::{Api, HttpSettings},
    extract::{ClientOrigin, CookieAge, CookieTerms, Json, session_cookies, spent_cookies},
    limits::limited,
    openapi::Routes,
    problem::Problem,
};

/// Both cookies outlive what is in them, so that the server sees what has expired, and says so or replaces it.
pub(super) const COOKIES: CookieTerms = CookieTerms {
    refresh_path: "/",
    same_site: SameSite::Strict,
    access_age: CookieAge::Fixed(Duration::from_hours(180 * 24)),
    refresh_age: CookieAge::Fixed(Duration::from_hours(180 * 24)),
};

/// Mounts its routes.
pub(in crate::dialects) fn configure(config: &mut Routes<'_>) {
    config.service(sign_up).service(login).service(logout).service(seances);
    config.service(password_reset::forgot).service(password_reset::compare).service(password_reset::set);
}

/// Make an account of the role `methodist`. For the site's servers.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_sign_up",
    security((), ("bearer" = []), ("cookie" = [])),
    request_body = SignUpBody,
    responses(
        (status = 200, body = DoneBody),
        (status = 401, body = CallerUnknownBody, description = "The request is from no server of the site's"),
        (status = 403, body = FailureBody, description = "Registration is closed, or another site made a browser ask"),
        (status = 409, body = FailureBody, description = "The address is taken"),
        BodyFailures,
        AnyFailures,
    )
)]
#[post("/api/v1/server/users/sign_up", wrap = "limited(LimitClass::Register)")]
async fn sign_up(
    _server: SiteServer,
    api: Data<Api>,
    origin: ClientOrigin,
    body: Json<SignUpBody>,
) -> Result<HttpResponse, Problem> {
    let made = api.register.execute(body.0.input()?, &origin.0).await;
    made.map_err(|error| match error {
        RegisterError::Password(violation) => weak(violation),
        other => other.into(),
    })?;
    Ok(HttpResponse::Ok().json(done(wording::SIGNED_UP)))
}

/// Sign in: sets both cookies. On a device that has a session of the account, known by its `User-Agent`, that session goes
/// on. After five failures in five minutes a network has to wait.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_login",
    request_body = LoginBody,
    responses(
        (status = 200, body = DoneBody, headers(("Set-Cookie" = String, description = "`access_token`, `refresh_token`"))),
        (status = 401, body = FailureBody, description = "The address or the password is wrong"),
        (status = 403, body = FailureBody, description = "The account is blocked"),
        BodyFailures,
        AnyFailures,
    )
)]
#[post("/api/v1/public/users/login", wrap = "limited(LimitClass::LogIn)")]
async fn login(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    body: Json<LoginBody>,
) -> Result<HttpResponse, Problem> {
    let tokens = api.log_in.execute(body.0.into(), &origin.0).await?;
    let mut response = HttpResponse::Ok();
    for cookie in session_cookies(COOKIES, &tokens, settings.secure_cookies) {
        response.cookie(cookie);
    }
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).json(done(wording::SIGNED_IN)))
}

/// Sign out: the session ends, and both cookies are taken away.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_logout",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = DoneBody),
        (status = 401, body = SignInAgainBody, description = "There is no live session"),
        (status = 403, body = FailureBody, description = "Another site made a browser ask"),
        AnyFailures,
    )
)]
#[put("/api/v1/private/users/logout", wrap = "limited(LimitClass::Refresh)")]
async fn logout(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    private: Private,
) -> Result<HttpResponse, Problem> {
    api.log_out.execute(&private.caller).await?;
    let mut response = HttpResponse::Ok();
    for cookie in spent_cookies(COOKIES, settings.secure_cookies) {
        response.cookie(cookie);
    }
    Ok(response.json(done(wording::SIGNED_OUT)))
}

/// List the devices that one is signed in on: all of them, however the session was opened.
#[utoipa::path(
    tag = "katkru",
    operation_id = "katkru_seances",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SeancesBody, headers(("Set-Cookie" = String, description = "A new `access_token`, if the one that came was not good any more"))),
        (status = 401, body = SignInAgainBody, description = "There is no live session"),
        (status = 403, body = FailureBody, description = "Another site made a browser ask"),
        AnyFailures,
    )
)]
#[post("/api/v1/private/users/seances", wrap = "limited(LimitClass::Refresh)")]
async fn seances(api: Data<Api>, private: Private) -> Result<HttpResponse, Problem> {
    let sessions = api.list_own_sessions.execute(&private.caller).await?;
    Ok(private.answer().json(SeancesBody::from(sessions)))
}

#[cfg(test)]
mod tests {
    use lectern_application::auth::IssuedTokens;
    use lectern_domain::{session::SessionId, surface::Surface};

    use super::*;

    #[test]
    fn the_cookies_are_kept_from_scripts_other_sites_and_clear_text() {
        let tokens = IssuedTokens {
            access_token: "a".into(),
            refresh_token: "r".into(),
            expires_in: Duration::from_mins(15),
            refresh_expires_in: Duration::from_secs(1000),
            session: SessionId(uuid::Uuid::nil()),
            opened_by: Surface::Katkru,
        };
        let written = session_cookies(COOKIES, &tokens, true).map(|cookie| cookie.to_string());
        let terms = "HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=15552000";
        assert_eq!(written, [format!("access_token=a; {terms}"), format!("refresh_token=r; {terms}")]);
    }
}
