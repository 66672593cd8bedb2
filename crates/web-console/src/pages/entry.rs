//! Signing in and signing up. The script sends the forms to `/auth/login` and `/auth/register` as JSON.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use crate::{answer, gate::is_signed_in};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage;

/// The form to sign in with.
pub(crate) async fn login(request: HttpRequest) -> HttpResponse {
    for_strangers(&request, &LoginPage).await
}

/// The form to sign up with.
pub(crate) async fn register(request: HttpRequest) -> HttpResponse {
    for_strangers(&request, &RegisterPage).await
}

/// Whoever is signed in has nothing to do here. Whoever can't be asked about may as well try.
async fn for_strangers(request: &HttpRequest, page: &impl Template) -> HttpResponse {
    if is_signed_in(request).await { answer::redirect("/") } else { answer::page(StatusCode::OK, page) }
}
