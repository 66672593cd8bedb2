//! Its routes.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    get,
    http::{StatusCode, header},
    web::Data,
};
use lectern_application::{ErrorKind, UseCaseError as _, ports::LimitClass};
use lectern_domain::{account::Username, audit::Origin};

use super::{
    dto::{MessageBody, RefreshParams, RegisterBody, UserBody},
    redirect::{LOGIN, on_this_site},
};
use crate::{
    api::{Api, HttpSettings},
    extract::{
        ClientOrigin, CookieAge, CookieTerms, Query, REFRESH_COOKIE, RawBody, SignedIn, from_another_site,
        session_cookies, spent_cookies,
    },
    limits::limited,
    openapi::Routes,
    problem::Problem,
};

/// The access token's cookie outlives the token, so that the server sees that it has expired, and refreshes it.
pub(in crate::dialects) const COOKIES: CookieTerms = CookieTerms {
    refresh_path: "/",
    same_site: SameSite::Lax,
    access_age: CookieAge::OfRefreshToken,
    refresh_age: CookieAge::OfRefreshToken,
};

/// What it says to whoever signed in.
pub(in crate::dialects) const SIGNED_IN: &str = "Вход успешен";

/// Mounts those that no other dialect has.
pub(in crate::dialects) fn configure(config: &mut Routes<'_>) {
    config.service(refresh).service(logout).service(info);
}

/// Make an account.
pub(in crate::dialects) async fn register(
    api: &Api,
    origin: &Origin,
    body: &RawBody,
) -> Result<HttpResponse, Problem> {
    let input = body.json::<RegisterBody>()?.input()?;
    let account = api.register.execute(input, origin).await?;
    let name = account.user.parts().username.as_ref().map_or("", Username::as_str);
    Ok(HttpResponse::Created()
        .json(MessageBody { message: format!("Пользователь {name} создан") }))
}

/// Renew the cookies by the refresh token in one of them, and go on to `redirect_url`. Whoever has none that is good is
/// sent to sign in, without any cookie.
#[utoipa::path(
    tag = "fast-web",
    params(RefreshParams),
    responses(
        (status = 307, description = "To `redirect_url` with new cookies, or to `/login` without"),
        (status = 429, description = "Too often"),
        (status = 503, description = "A part of the service is not available; the cookies stay as they are"),
    )
)]
#[get("/auth/refresh", wrap = "limited(LimitClass::Refresh)")]
async fn refresh(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    origin: ClientOrigin,
    request: HttpRequest,
    query: Query<RefreshParams>,
) -> Result<HttpResponse, Problem> {
    let secure = settings.secure_cookies;
    let Some(cookie) = request.cookie(REFRESH_COOKIE) else {
        return Ok(lead_to(LOGIN, spent_cookies(COOKIES, secure)));
    };
    match api.refresh.execute(cookie.value(), &origin.0).await {
        Ok(tokens) => {
            let back = on_this_site(query.0.redirect_url.as_deref());
            Ok(lead_to(&back, session_cookies(COOKIES, &tokens, secure)))
        }
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            Ok(lead_to(LOGIN, spent_cookies(COOKIES, secure)))
        }
        Err(error) => Err(error.into()),
    }
}

fn lead_to(path: &str, cookies: [Cookie<'static>; 2]) -> HttpResponse {
    let mut response = HttpResponse::TemporaryRedirect();
    for cookie in cookies {
        response.cookie(cookie);
    }
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.insert_header((header::LOCATION, path)).finish()
}

/// Sign out: the session ends, and the cookies go. Not by a link or a form of another site.
#[utoipa::path(
    tag = "fast-web",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = MessageBody),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Another site led here"),
    )
)]
#[get("/auth/logout")]
async fn logout(
    api: Data<Api>,
    settings: Data<HttpSettings>,
    request: HttpRequest,
    caller: SignedIn,
) -> Result<HttpResponse, Problem> {
    if from_another_site(&request) {
        let detail = "signing out has to begin on this site";
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross_site_request", detail));
    }
    api.log_out.execute(&caller.0).await?;
    let mut response = HttpResponse::Ok();
    for cookie in spent_cookies(COOKIES, settings.secure_cookies) {
        response.cookie(cookie);
    }
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response
        .json(MessageBody { message: "Вы успешно вышли из системы".to_owned() }))
}

/// Read one's own account.
#[utoipa::path(
    tag = "fast-web",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = UserBody<'_>), (status = 401, description = "Not signed in"))
)]
#[get("/users/info")]
async fn info(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let account = api.read_own_account.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(&*account)))
}
