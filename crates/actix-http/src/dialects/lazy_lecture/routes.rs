//! Its routes.

use actix_web::{HttpResponse, http::StatusCode};
use lectern_application::auth::RegisterError;
use lectern_domain::{account::Username, audit::Origin};
use secrecy::ExposeSecret;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    dto::{RegisterBody, TokensBody, UserBody},
    worker::configure_worker,
};
use crate::{api::Api, extract::RawBody, problem::Problem};

/// Mounts those that no other dialect has.
pub(in crate::dialects) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(configure_worker);
}

/// Make an account.
pub(in crate::dialects) async fn register(
    api: &Api,
    origin: &Origin,
    body: &RawBody,
) -> Result<HttpResponse, Problem> {
    let input = body.json::<RegisterBody>()?.input()?;
    let name = input.username.as_ref().map(Username::to_string).unwrap_or_default();
    match api.register.execute(input, origin).await {
        Ok(account) => Ok(HttpResponse::Created().json(UserBody::from(account))),
        Err(RegisterError::UsernameTaken) => {
            let text = format!("User '{name}' already exists");
            Err(Problem::new(StatusCode::CONFLICT, "name_taken", text))
        }
        Err(error) => Err(error.into()),
    }
}

/// Get the next pair of tokens.
pub(in crate::dialects) async fn refresh(
    api: &Api,
    origin: &Origin,
    token: &str,
) -> Result<HttpResponse, Problem> {
    let tokens = api.refresh.execute(token, origin).await?;
    Ok(HttpResponse::Ok().json(TokensBody {
        access_token: tokens.access_token.expose_secret(),
        refresh_token: tokens.refresh_token.expose_secret(),
        token_type: "bearer",
    }))
}
