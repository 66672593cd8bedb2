//! The headers that tell browsers what to keep away from answers, after OWASP's cheat sheets on HTTP headers and on REST
//! security. Whatever an answer says itself stays: pages have policies of their own.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What every answer has.
const ALWAYS: [(HeaderName, &str); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // What is no page needs nothing, and stands in no frame.
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    // For browsers that don't know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    // Requests by the rules of CORS are not held by this: origins that are listed read answers as before.
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (
        header::PERMISSIONS_POLICY,
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), usb=()",
    ),
    // Most answers are somebody's own. What may be kept says so.
    (header::CACHE_CONTROL, "no-store"),
];

/// For a year, browsers don't ask by http. Other hosts of the domain are not ours to speak for.
const BY_HTTPS_ALONE: (HeaderName, &str) = (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");

/// Whether people reach the server by https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    ByHttps,
    Plainly,
}

/// Adds what an answer doesn't have yet.
pub(crate) fn guard(reached: Reached, headers: &mut HeaderMap) {
    let of_https = (reached == Reached::ByHttps).then_some(BY_HTTPS_ALONE);
    for (name, value) in ALWAYS.into_iter().chain(of_https) {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
