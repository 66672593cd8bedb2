//! Pages of other sites (the Fetch standard's CORS protocol): which of them may call the API and read its answers.
//!
//! A browser lets a page of one origin read the answers of another only if these say so. Origins that are listed may do it
//! with cookies, too: the operator named them, so they count as our own pages
//! ([`from_same_origin`](crate::extract::from_same_origin)). Where every origin may, none may with cookies.

use std::str::FromStr;

use actix_cors::Cors;
use actix_web::{
    Error, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use url::Url;

use crate::problem::Problem;

/// How long browsers may remember what a preflight said, in seconds.
const MAX_AGE: usize = 3600;

/// What scripts may read of an answer's head, besides what the Fetch standard always lets them read.
const EXPOSED: [&str; 8] = [
    "content-disposition",
    "content-range",
    "location",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-request-id",
];

/// Whose pages may read answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CrossOrigin {
    /// Nobody's but our own.
    #[default]
    Nobody,
    /// Everybody's, without cookies.
    Everybody,
    /// Those of these origins, also with cookies. Each is written as browsers send it.
    Listed(Vec<String>),
}

/// An origin that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be '*' alone, or origins such as https://app.example.org, separated by commas; '{0}' is none")]
pub struct NotAnOrigin(String);

impl FromStr for CrossOrigin {
    type Err = NotAnOrigin;

    /// Reads `*`, or origins (RFC 6454, section 6.2) separated by commas.
    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        if text.trim() == "*" {
            return Ok(Self::Everybody);
        }
        let origins = text.split(',').map(str::trim);
        let origins = origins.map(|text| origin(text).ok_or_else(|| NotAnOrigin(text.to_owned())));
        origins.collect::<Result<_, _>>().map(Self::Listed)
    }
}

/// An origin as browsers write it: in lower case, with punycode, without the scheme's usual port.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_one = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    // '*' may stand in a host, but no browser sends it, and nobody should think that it means something.
    (is_one && !text.contains('*')).then(|| url.origin().ascii_serialization())
}

impl CrossOrigin {
    /// Whether requests of that origin's pages may carry cookies.
    pub(crate) fn trusts(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::Nobody | Self::Everybody => false,
            Self::Listed(origins) => origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()),
        }
    }

    /// Whether anybody else's pages may read answers.
    pub(crate) fn is_on(&self) -> bool {
        *self != Self::Nobody
    }

    /// What answers preflights, and says of every other answer who may read it.
    pub(crate) fn middleware(&self) -> Cors {
        let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let cors = Cors::default()
            .allowed_methods(methods)
            .allow_any_header()
            .expose_headers(EXPOSED)
            .max_age(MAX_AGE)
            // Requests of other origins are answered as those that aren't from browsers, which just can't be read there.
            .block_on_origin_mismatch(false);
        match self {
            Self::Nobody => cors,
            Self::Everybody => cors.allow_any_origin().send_wildcard(),
            Self::Listed(origins) => {
                origins.iter().fold(cors.supports_credentials(), |cors, origin| cors.allowed_origin(origin))
            }
        }
    }
}

/// Says nothing about other origins to who may not read the answer, and says in words why a preflight was refused.
pub(crate) async fn discreet<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = next.call(request).await?.map_into_boxed_body();
    if is_preflight && response.status().is_client_error() {
        let detail = "pages of this origin may not send such requests; the setting cors_origins lists the origins that \
            may, and the API's documentation the methods";
        let problem = Problem::new(StatusCode::FORBIDDEN, "cross_origin_refused", detail);
        let vary = response.headers().get(header::VARY).cloned();
        response = response.into_response(problem.error_response());
        if let Some(vary) = vary {
            response.headers_mut().insert(header::VARY, vary);
        }
    }
    if !response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        let is_about_origins = |name: &&HeaderName| name.as_str().starts_with("access-control-");
        let told: Vec<_> = response.headers().keys().filter(is_about_origins).cloned().collect();
        for name in told {
            response.headers_mut().remove(name);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> CrossOrigin {
        text.parse().unwrap()
    }

    #[test]
    fn origins_are_known_as_browsers_send_them() {
        for (written, sent) in [
            ("https://app.example.org", "https://app.example.org"),
            ("https://App.Example.org/", "https://app.example.org"),
            ("https://app.example.org:443", "https://app.example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert!(listed(written).trusts(&HeaderValue::from_static(sent)), "{written}");
        }
    }

    #[test]
    fn an_origin_that_only_looks_alike_is_another() {
        let ours = listed("https://app.example.org, http://localhost:3000");
        for other in [
            "null",
            "",
            "http://app.example.org",
            "https://app.example.org.evil.example",
            "https://evil-app.example.org",
            "https://xapp.example.org",
            "https://app.example.or",
            "https://app.example.org:8443",
            "https://app.example.org/",
            "https://app.example.org@evil.example",
            "HTTPS://APP.EXAMPLE.ORG",
            "http://localhost:30000",
            "http://localhost",
        ] {
            assert!(!ours.trusts(&HeaderValue::from_str(other).unwrap()), "{other}");
        }
    }

    #[test]
    fn where_everybody_may_read_nobody_is_trusted_with_cookies() {
        assert_eq!(listed("*"), CrossOrigin::Everybody);
        assert!(!listed("*").trusts(&HeaderValue::from_static("https://app.example.org")));
    }

    #[test]
    fn what_is_no_origin_is_named() {
        for text in [
            "",
            "null",
            "app.example.org",
            "https://app.example.org/app",
            "https://app.example.org?a",
            "https://ada@app.example.org",
            "https://*.example.org",
            "file:///home",
            "https://app.example.org;https://b.example.org",
            "*, https://app.example.org",
            "https://app.example.org,",
        ] {
            assert!(text.parse::<CrossOrigin>().is_err(), "{text}");
        }
        let error = "https://a.example, b".parse::<CrossOrigin>().unwrap_err().to_string();
        assert!(error.ends_with("'b' is none"), "{error}");
    }
}
