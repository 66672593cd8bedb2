//! Its routes.

use actix_web::HttpResponse;
use lectern_application::auth::LoginInput;
use lectern_domain::{account::EmailAddress, audit::Origin, surface::Surface};
use secrecy::ExposeSecret;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{LoginForm, RegisterBody, RegisteredBody, TokensBody};
use crate::{api::Api, extract::RawBody, problem::Problem};

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
    let tokens = api.log_in.execute(input, origin).await?;
    Ok(HttpResponse::Ok().json(TokensBody {
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
    let tokens = api.refresh.execute(token, origin).await?;
    Ok(HttpResponse::Ok().json(TokensBody {
        access_token: tokens.access_token.expose_secret(),
        refresh_token: None,
        token_type: "bearer",
    }))
}
