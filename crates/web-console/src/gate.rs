//! Who is let in, and where all others are sent.
//!
//! | the request has | a browser that wants a page gets | all others get |
//! |---|---|---|
//! | an access token that counts | the page | the page |
//! | one that has expired, or whose rights have changed; or none, but a refresh token | 307 to `/auth/refresh`, and back | 401 |
//! | no token, or one that is no good | 307 to `/login` | 401 |
//!
//! Browsers drop expired cookies by themselves, so a refresh token alone means the same as an expired access token.

use std::{fmt, sync::Arc};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::Payload,
    http::{
        Method, StatusCode,
        header::{self, Accept, Header as _, Quality},
    },
    web::Data,
};
use futures::future::LocalBoxFuture;
use lectern_application::{Caller, auth::AuthenticateError, ports::AccountSnapshot};
use lectern_domain::{audit::Origin, session::UserAgent};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Console, answer, failure::Failure};

/// The cookies of a session, as the API sets them.
const ACCESS_COOKIE: &str = "access_token";
const REFRESH_COOKIE: &str = "refresh_token";

/// Where people sign in.
pub(crate) const LOGIN: &str = "/login";
/// Where a browser gets new cookies for its refresh token, and is sent back from.
const REFRESH: &str = "/auth/refresh";

/// What clients that are no browsers are told, in the words of the API whose cookies these are.
const NOT_SIGNED_IN: &str = "{\"detail\": \"Вы не вошли в систему\"}";

/// Somebody who is signed in.
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    pub(crate) account: Arc<AccountSnapshot>,
}

impl FromRequest for Visitor {
    type Error = Turned;
    type Future = LocalBoxFuture<'static, Result<Self, Turned>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { admit(&request).await.map_err(|why| why.answer(&request)) })
    }
}

/// Why somebody is not let in.
enum Stranger {
    /// Signed out, or never signed in.
    SignedOut,
    /// Signed in, with a token that has to be renewed.
    Expired,
    /// It can't be told.
    Unknown(Failure),
}

/// Who asks, if they are signed in.
async fn admit(request: &HttpRequest) -> Result<Visitor, Stranger> {
    let console = request.app_data::<Data<Console>>();
    let console = console.ok_or_else(|| Stranger::Unknown(Failure::internal("pages without use cases")))?;
    let Some(token) = request.cookie(ACCESS_COOKIE) else {
        let has_refresh_token = request.cookie(REFRESH_COOKIE).is_some();
        return Err(if has_refresh_token { Stranger::Expired } else { Stranger::SignedOut });
    };
    let principal = console.authenticate.execute(token.value()).await.map_err(|error| match error {
        AuthenticateError::Expired | AuthenticateError::Stale => Stranger::Expired,
        AuthenticateError::Invalid | AuthenticateError::RefreshToken | AuthenticateError::Revoked => {
            Stranger::SignedOut
        }
        AuthenticateError::Store(error) => Stranger::Unknown(error.into()),
    })?;
    let caller = Caller { principal, origin: nowhere() };
    let account = console.read_own_account.execute(&caller).await;
    let account = account.map_err(|error| Stranger::Unknown(error.into()))?;
    Ok(Visitor { caller, account })
}

/// Whether whoever asks is signed in, as far as can be told.
pub(crate) async fn is_signed_in(request: &HttpRequest) -> bool {
    admit(request).await.is_ok()
}

/// Pages only read, so nothing is written down about where they were read from.
fn nowhere() -> Origin {
    Origin { ip: None, user_agent: UserAgent::default(), request_id: None }
}

impl Stranger {
    fn answer(self, request: &HttpRequest) -> Turned {
        match self {
            Self::Unknown(failure) => Turned::Failed(failure),
            Self::SignedOut | Self::Expired if !is_for_a_page(request) => Turned::Unauthenticated,
            Self::SignedOut => Turned::To(LOGIN.to_owned()),
            Self::Expired => Turned::To(refresh_and_back_to(request)),
        }
    }
}

/// Whether a browser asks for a page, and so can be sent elsewhere.
fn is_for_a_page(request: &HttpRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && wants_html(Accept::parse(request).ok().as_ref())
}

/// Whether a client wants HTML. Those who take anything don't ask for it.
pub(crate) fn wants_html(accept: Option<&Accept>) -> bool {
    let is_html =
        |kind: &mime::Mime| *kind == mime::TEXT_HTML || kind.essence_str() == "application/xhtml+xml";
    accept.is_some_and(|accept| accept.iter().any(|item| is_html(&item.item) && item.quality > Quality::ZERO))
}

fn refresh_and_back_to(request: &HttpRequest) -> String {
    let uri = request.uri();
    let path_and_query = uri.path_and_query().map_or(uri.path(), |whole| whole.as_str());
    format!("{REFRESH}?redirect_url={}", utf8_percent_encode(path_and_query, NON_ALPHANUMERIC))
}

/// What those get who are not let in.
#[derive(Debug)]
pub(crate) enum Turned {
    /// Another page.
    To(String),
    /// 401, as JSON.
    Unauthenticated,
    /// A page that says what went wrong.
    Failed(Failure),
}

impl fmt::Display for Turned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::To(_) => "sent to another page",
            Self::Unauthenticated => "not signed in",
            Self::Failed(_) => "no page",
        })
    }
}

impl ResponseError for Turned {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::To(_) => StatusCode::TEMPORARY_REDIRECT,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Failed(failure) => failure.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::To(path) => answer::redirect(path),
            Self::Unauthenticated => HttpResponse::Unauthorized()
                .insert_header((header::WWW_AUTHENTICATE, "Bearer"))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .content_type(mime::APPLICATION_JSON)
                .body(NOT_SIGNED_IN),
            Self::Failed(failure) => failure.error_response(),
        }
    }
}
