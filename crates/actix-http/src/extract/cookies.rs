//! Sessions of browsers, kept in cookies that scripts can't read.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header,
    web::Data,
};
use lectern_application::auth::IssuedTokens;
use secrecy::ExposeSecret;

use crate::api::HttpSettings;

pub(crate) const ACCESS_COOKIE: &str = "access_token";
pub(crate) const REFRESH_COOKIE: &str = "refresh_token";

/// How a surface keeps its sessions in cookies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CookieTerms {
    /// Where the refresh token is sent to. The access token is sent everywhere.
    pub(crate) refresh_path: &'static str,
    /// Whether requests from other sites carry them.
    pub(crate) same_site: SameSite,
    /// How long browsers keep the access token.
    pub(crate) access_age: CookieAge,
    /// How long browsers keep the refresh token.
    pub(crate) refresh_age: CookieAge,
}

/// How long a browser keeps a cookie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CookieAge {
    /// As long as the token in it is good for.
    OfAccessToken,
    /// As long as the refresh token is good for.
    OfRefreshToken,
    /// So long, whatever the token is good for.
    Fixed(Duration),
}

impl CookieTerms {
    /// Those of v1: the refresh token is sent where it is needed and nowhere else.
    pub(crate) const V1: Self = Self {
        refresh_path: "/v1/auth",
        same_site: SameSite::Lax,
        access_age: CookieAge::OfAccessToken,
        refresh_age: CookieAge::OfRefreshToken,
    };
}

impl CookieAge {
    fn of(self, tokens: &IssuedTokens) -> Duration {
        match self {
            Self::OfAccessToken => tokens.expires_in,
            Self::OfRefreshToken => tokens.refresh_expires_in,
            Self::Fixed(age) => age,
        }
    }
}

/// The two cookies of a session.
pub(crate) fn session_cookies(
    terms: CookieTerms,
    tokens: &IssuedTokens,
    secure: bool,
) -> [Cookie<'static>; 2] {
    let cookie = |name, value: &str, path, age: CookieAge| {
        let seconds = i64::try_from(age.of(tokens).as_secs()).unwrap_or(i64::MAX);
        let mut cookie = base(terms, name, path, secure);
        cookie.set_value(value.to_owned());
        cookie.set_max_age(CookieDuration::seconds(seconds));
        cookie
    };
    let (access, refresh) = (tokens.access_token.expose_secret(), tokens.refresh_token.expose_secret());
    [
        cookie(ACCESS_COOKIE, access, "/", terms.access_age),
        cookie(REFRESH_COOKIE, refresh, terms.refresh_path, terms.refresh_age),
    ]
}

/// The cookies that take a session's cookies away.
pub(crate) fn spent_cookies(terms: CookieTerms, secure: bool) -> [Cookie<'static>; 2] {
    [(ACCESS_COOKIE, "/"), (REFRESH_COOKIE, terms.refresh_path)].map(|(name, path)| {
        let mut cookie = base(terms, name, path, secure);
        cookie.set_max_age(CookieDuration::ZERO);
        cookie
    })
}

fn base(terms: CookieTerms, name: &'static str, path: &'static str, secure: bool) -> Cookie<'static> {
    let cookie = Cookie::build(name, "").path(path).http_only(true).same_site(terms.same_site);
    cookie.secure(secure).finish()
}

/// Whether a browser says that a page of ours made the request: by `Sec-Fetch-Site` (W3C Fetch Metadata), else by an
/// `Origin` (RFC 6454) with our host. Pages of the origins that the operator [listed](crate::CrossOrigin::Listed) count
/// as ours. A request that says neither is not from a browser of this decade.
pub(crate) fn from_same_origin(request: &HttpRequest) -> bool {
    let origin = request.headers().get(header::ORIGIN);
    let settings = request.app_data::<Data<HttpSettings>>();
    if origin.zip(settings).is_some_and(|(origin, settings)| settings.cross_origin.trusts(origin)) {
        return true;
    }
    let text = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

/// Whether a browser says that a page of another site made the request, or a link there led to it. Clients that don't say
/// are no browsers of this decade, and nobody else's page can make them do something.
pub(crate) fn from_another_site(request: &HttpRequest) -> bool {
    let site = request.headers().get(header::HeaderName::from_static("sec-fetch-site"));
    site.is_some_and(|site| site != "same-origin" && site != "none")
}
