//! Where a request comes from.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header};
use lectern_domain::{audit::Origin, session::UserAgent};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tracing_actix_web::RequestId;
use uuid::Uuid;

/// The origin of a request, for the audit log and for naming devices.
pub(crate) struct ClientOrigin(pub(crate) Origin);

impl ClientOrigin {
    pub(crate) fn of(request: &HttpRequest) -> Origin {
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        Origin {
            ip: request.peer_addr().map(|address| address.ip().to_canonical()),
            user_agent: UserAgent::from_header(user_agent.as_deref().unwrap_or_default()),
            request_id: request.extensions().get::<RequestId>().map(|id| Uuid::from(*id)),
        }
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
