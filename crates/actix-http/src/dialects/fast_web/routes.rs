//! Its routes.

use actix_web::{HttpResponse, cookie::SameSite};
use lectern_domain::{account::Username, audit::Origin};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{MessageBody, RegisterBody};
use crate::{
    api::Api,
    extract::{CookieAge, CookieTerms, RawBody},
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
pub(in crate::dialects) fn configure(_: &mut ServiceConfig<'_>) {}

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
