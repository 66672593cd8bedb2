//! Who asks, and what is meant.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, mime, web::Data};
use futures::future::LocalBoxFuture;
use lectern_application::{AdminTokenHolder, Caller, transcriptions::ReadError};
use lectern_domain::{account::UserNumber, transcription::TranscriptionNumber};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{
    api::HttpSettings,
    extract::{ClientOrigin, Query, SignedIn, bearer, secret_equals},
    problem::Problem,
};

/// The caller of a request with a valid access token in the header `Authorization`. Cookies don't count: pages of other
/// sites could make browsers send them.
pub(super) struct Bearer(pub(super) Caller);

impl FromRequest for Bearer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(token) = bearer(&request) else {
                return Err(Problem::unauthenticated("token_missing", "Invalid Authorization Header"));
            };
            SignedIn::with_token(&request, token).await.map(|SignedIn(caller)| Self(caller))
        })
    }
}

/// A request with the admin token, about an account.
pub(super) struct AdminToken {
    pub(super) holder: AdminTokenHolder,
    pub(super) user: UserNumber,
}

/// Where the token is, and whom it is about.
#[derive(Deserialize)]
struct AdminQuery {
    user_id: i64,
    secret_admin_token: SecretString,
}

impl FromRequest for AdminToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl AdminToken {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let Query(AdminQuery { user_id, secret_admin_token }) = Query::extract(request).into_inner()?;
        let settings = request.app_data::<Data<HttpSettings>>();
        let token = secret_admin_token.expose_secret();
        if settings.is_some_and(|settings| secret_equals(token, &settings.admin_token)) {
            let holder = AdminTokenHolder::verified(ClientOrigin::of(request));
            Ok(Self { holder, user: UserNumber(user_id) })
        } else {
            Err(Problem::unauthenticated("admin_token_invalid", "Wrong admin token"))
        }
    }
}

/// The transcription of the path's `{id}`. What is no number is nothing's number: 404.
pub(super) struct Numbered(pub(super) TranscriptionNumber);

impl FromRequest for Numbered {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let number = request.match_info().get("id").and_then(|id| id.parse().ok());
        let number = number.map(|number| Self(TranscriptionNumber(number)));
        ready(number.ok_or_else(|| Problem::from(ReadError::NotFound)))
    }
}

/// Whether a request asks for HTML, which whoever takes anything does not.
pub(super) fn wants_html(accept: Option<&header::Accept>) -> bool {
    let is_wanted = |item: &header::QualityItem<mime::Mime>| {
        item.item == mime::TEXT_HTML && item.quality > header::Quality::ZERO
    };
    accept.is_some_and(|accept| accept.iter().any(is_wanted))
}
