//! Sessions of browsers, kept in cookies that scripts can't read.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header,
};
use lectern_application::auth::IssuedTokens;
use secrecy::ExposeSecret;

pub(super) const ACCESS_COOKIE: &str = "access_token";
pub(crate) const REFRESH_COOKIE: &str = "refresh_token";
/// The refresh token is sent where it is needed and nowhere else.
const REFRESH_PATH: &str = "/v1/auth";

/// The two cookies of a session.
pub(crate) fn session_cookies(tokens: &IssuedTokens, secure: bool) -> [Cookie<'static>; 2] {
    let cookie = |name, value: &str, path, lifetime: std::time::Duration| {
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        base(name, path, secure).value(value.to_owned()).max_age(CookieDuration::seconds(seconds)).finish()
    };
    [
        cookie(ACCESS_COOKIE, tokens.access_token.expose_secret(), "/", tokens.expires_in),
        cookie(REFRESH_COOKIE, tokens.refresh_token.expose_secret(), REFRESH_PATH, tokens.refresh_expires_in),
    ]
}

/// The cookies that take a session's cookies away.
pub(crate) fn spent_cookies(secure: bool) -> [Cookie<'static>; 2] {
    [(ACCESS_COOKIE, "/"), (REFRESH_COOKIE, REFRESH_PATH)]
        .map(|(name, path)| base(name, path, secure).max_age(CookieDuration::ZERO).finish())
}

struct CookieBase(Cookie<'static>);

fn base(name: &'static str, path: &'static str, secure: bool) -> CookieBase {
    let cookie = Cookie::build(name, "").path(path).http_only(true).same_site(SameSite::Lax);
    CookieBase(cookie.secure(secure).finish())
}

impl CookieBase {
    fn value(mut self, value: String) -> Self {
        self.0.set_value(value);
        self
    }

    fn max_age(mut self, age: CookieDuration) -> Self {
        self.0.set_max_age(age);
        self
    }

    fn finish(self) -> Cookie<'static> {
        self.0
    }
}

/// Whether a browser says that one of our own pages made the request: by `Sec-Fetch-Site` (W3C Fetch Metadata), else
/// by an `Origin` (RFC 6454) with our host. A request that says neither is not from a browser of this decade.
pub(crate) fn from_same_origin(request: &HttpRequest) -> bool {
    let text = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}
