//! Who is signed in: what `/api/v1/private` is for.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError,
    cookie::Cookie,
    dev::Payload,
    http::{StatusCode, header},
    web::Data,
};
use futures::future::LocalBoxFuture;
use lectern_application::{Caller, ErrorKind, UseCaseError};
use lectern_domain::surface::Surface;
use secrecy::ExposeSecret;

use super::{error::SIGN_IN_AGAIN, routes::COOKIES, wording};
use crate::{
    api::{Api, HttpSettings},
    extract::{
        ACCESS_COOKIE, ClientOrigin, REFRESH_COOKIE, bearer, from_same_origin, session_cookies, spent_cookies,
    },
    problem::Problem,
};

/// The caller of a request with the cookies of a live session, or with an access token as `Authorization: Bearer`.
///
/// An access token in a cookie that isn't good any more, or isn't there, is reissued for a good refresh token: the request is
/// served, and its answer sets the new one. Only sessions of this dialect are: those of others may rotate, and a token that
/// was rotated without its holder hearing of it would end the session.
pub(super) struct Private {
    /// Who it is.
    pub(super) caller: Caller,
    reissued: Option<Cookie<'static>>,
}

impl Private {
    /// An answer that nobody keeps, with the access token if that was reissued.
    pub(super) fn answer(self) -> HttpResponseBuilder {
        let mut answer = HttpResponse::Ok();
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(cookie) = self.reissued {
            answer.cookie(cookie);
        }
        answer
    }
}

/// Nobody is signed in, or it can't be found out.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(super) struct Refusal {
    problem: Problem,
    /// Takes away cookies that are of no more use.
    spent: Vec<Cookie<'static>>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, spent: Vec::new() }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.problem.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.problem.error_response();
        for cookie in &self.spent {
            // Cookies of our own making are values of headers.
            let _ = response.add_cookie(cookie);
        }
        response
    }
}

fn sign_in_again() -> Problem {
    Problem::unauthenticated(SIGN_IN_AGAIN, wording::SIGN_IN_AGAIN)
}

/// What was presented is not good; any other failure says nothing about it.
fn not_good<E: UseCaseError>(error: E) -> Problem {
    if error.kind() == ErrorKind::Unauthenticated { sign_in_again() } else { error.into() }
}

/// Refuses what a browser says that another site made it send.
pub(super) fn refuse_other_sites(request: &HttpRequest) -> Result<(), Problem> {
    let says_where = ["sec-fetch-site", "origin"].iter().any(|name| request.headers().contains_key(*name));
    if request.method().is_safe() || !says_where || from_same_origin(request) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "cross_site_request", wording::CROSS_SITE))
}

impl FromRequest for Private {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (Some(api), Some(settings)) =
                (request.app_data::<Data<Api>>(), request.app_data::<Data<HttpSettings>>())
            else {
                return Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into());
            };
            if let Some(token) = bearer(&request) {
                let principal = api.authenticate.execute(token).await.map_err(not_good)?;
                let caller = Caller { principal, origin: ClientOrigin::of(&request) };
                return Ok(Self { caller, reissued: None });
            }
            by_cookie(&request, api, settings.secure_cookies).await
        })
    }
}

async fn by_cookie(request: &HttpRequest, api: &Api, secure: bool) -> Result<Private, Refusal> {
    let [access, refresh] = [ACCESS_COOKIE, REFRESH_COOKIE].map(|name| request.cookie(name));
    if access.is_none() && refresh.is_none() {
        return Err(sign_in_again().into());
    }
    refuse_other_sites(request)?;
    let origin = ClientOrigin::of(request);
    if let Some(access) = access {
        match api.authenticate.execute(access.value()).await {
            Ok(principal) => return Ok(Private { caller: Caller { principal, origin }, reissued: None }),
            Err(error) if error.kind() == ErrorKind::Unauthenticated => {}
            Err(error) => return Err(Problem::from(error).into()),
        }
    }
    let spent = |problem: Problem| {
        let is_over = problem.code == SIGN_IN_AGAIN;
        let cookies = is_over.then(|| spent_cookies(COOKIES, secure));
        Refusal { problem, spent: cookies.into_iter().flatten().collect() }
    };
    let refresh = refresh.ok_or_else(|| spent(sign_in_again()))?;
    let opened_by = api.find_surface.execute(refresh.value()).await.map_err(Problem::from)?;
    if opened_by.is_some_and(|surface| surface != Surface::Katkru) {
        // The cookies are good elsewhere.
        return Err(sign_in_again().into());
    }
    let tokens =
        api.refresh.execute(refresh.value(), &origin).await.map_err(|error| spent(not_good(error)))?;
    let principal = api.authenticate.execute(tokens.access_token.expose_secret()).await;
    let principal = principal.map_err(|error| spent(not_good(error)))?;
    let [access, _] = session_cookies(COOKIES, &tokens, secure);
    Ok(Private { caller: Caller { principal, origin }, reissued: Some(access) })
}
