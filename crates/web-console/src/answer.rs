//! What every answer has.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use askama::Template;

/// What a page may do (Content Security Policy Level 3): nothing but what is listed, and no other host in any of it.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What browsers are told with every page.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Other sites don't learn what somebody was reading.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    // `/` is something else for those who don't want HTML.
    (header::VARY, "Accept, Cookie"),
];

/// A page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    let mut response = plain(status);
    match template.render() {
        Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Sends a browser to another page of this site, for now.
pub(crate) fn redirect(to: &str) -> HttpResponse {
    plain(StatusCode::TEMPORARY_REDIRECT).insert_header((header::LOCATION, to)).finish()
}

fn plain(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    for (name, value) in HEADERS {
        response.insert_header((name, HeaderValue::from_static(value)));
    }
    response
}
