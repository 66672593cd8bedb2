//! Where a request comes from.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderValue},
    web::Data,
};
use lectern_domain::{audit::Origin, session::UserAgent};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tracing_actix_web::RequestId;
use uuid::Uuid;

use crate::api::HttpSettings;

/// The header in which reverse proxies say who asked them.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The origin of a request, for the audit log, for naming devices, and for counting tries.
pub(crate) struct ClientOrigin(pub(crate) Origin);

impl ClientOrigin {
    pub(crate) fn of(request: &HttpRequest) -> Origin {
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        Origin {
            ip: Self::address(request),
            user_agent: UserAgent::from_header(user_agent.as_deref().unwrap_or_default()),
            request_id: request.extensions().get::<RequestId>().map(|id| Uuid::from(*id)),
        }
    }

    /// The client's address, behind whatever proxies are trusted.
    pub(crate) fn address(request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        let Some(settings) = request.app_data::<Data<HttpSettings>>() else {
            return Some(peer.to_canonical());
        };
        let forwarded: Vec<_> =
            request.headers().get_all(X_FORWARDED_FOR).map(HeaderValue::as_bytes).collect();
        Some(settings.trusted_proxies.client(peer, forwarded.into_iter()))
    }
}

impl FromRequest for ClientOrigin {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Self::of(request))))
    }
}

/// Compares a secret in constant time, but for its length.
pub(crate) fn secret_equals(given: &str, secret: &SecretString) -> bool {
    given.as_bytes().ct_eq(secret.expose_secret().as_bytes()).into()
}
