//! The password of the documentation, by HTTP Basic (RFC 7617).

use actix_web::{
    Error, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderValue},
    middleware::Next,
    web::Data,
};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{api::HttpSettings, extract::secret_equals, problem::Problem};

const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"Lectern API documentation\", charset=\"UTF-8\"");

/// Turns away whoever wants the documentation without its password. It is wrapped around the pages' own scopes, so whatever
/// spelling of a path leads to a page leads through here.
pub(super) async fn protect<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if !is_reader(&request) {
        let detail = "the documentation has a user and a password of its own, to be sent by HTTP Basic; the settings docs_user \
            and docs_password say them";
        let mut response = Problem::unauthenticated("docs_password_needed", detail).error_response();
        response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
        return Ok(request.into_response(response).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn is_reader(request: &ServiceRequest) -> bool {
    let Some(settings) = request.app_data::<Data<HttpSettings>>() else { return false };
    let Some((user, password)) = credentials(request) else { return false };
    // Both are compared whatever the first comparison says.
    let user_matches = secret_equals(&user, &settings.docs_user.clone().into());
    let password_matches = secret_equals(&password, &settings.docs_password);
    user_matches & password_matches
}

fn credentials(request: &ServiceRequest) -> Option<(String, String)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
