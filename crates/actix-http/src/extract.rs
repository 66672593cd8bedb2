//! From requests to the types that handlers take. Each failure is a problem of its own.

mod caller;
mod cookies;
mod forwarded;
mod idempotency;
mod json;
mod metrics;
mod origin;
mod path;
mod query;
mod rejected;
mod worker;

pub(crate) use caller::{SignedIn, bearer};
pub(crate) use cookies::{
    ACCESS_COOKIE, CookieAge, CookieTerms, REFRESH_COOKIE, from_another_site, from_same_origin,
    session_cookies, spent_cookies,
};
pub use forwarded::{Networks, NotANetwork, TrustedProxies};
pub(crate) use idempotency::MaybeIdempotencyKey;
pub(crate) use json::{Json, MaybeJson, RawBody};
pub(crate) use metrics::MetricsToken;
pub(crate) use origin::{ClientOrigin, secret_equals};
pub(crate) use path::{Id, NamedRole};
pub(crate) use query::Query;
pub(crate) use rejected::missing_field;
pub(crate) use worker::WorkerToken;
