//! Ids and names in paths. What is no id is nobody's id: 404.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use lectern_domain::access::RoleName;
use uuid::Uuid;

use crate::problem::Problem;

/// The path's `{id}`.
pub(crate) struct Id(pub(crate) Uuid);

impl FromRequest for Id {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| Uuid::try_parse(id).ok());
        ready(id.map(Self).ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND)))
    }
}

/// The role that the path's `{name}` names.
pub(crate) struct NamedRole(pub(crate) RoleName);

impl FromRequest for NamedRole {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = request.match_info().get("name").and_then(|name| RoleName::parse(name).ok());
        ready(name.map(Self).ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND)))
    }
}
