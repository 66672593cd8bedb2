//! The devices that one is signed in on.

use std::net::IpAddr;

use actix_web::{HttpResponse, delete, get, web::Data};
use lectern_domain::session::{Session, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;

use crate::{
    api::Api,
    extract::{Id, Query, SignedIn},
    failures::{CallerFailures, Missing, QueryFailures},
    problem::Problem,
    v1::time::rfc3339,
};

/// A device that the account is signed in on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    /// Its id.
    id: Uuid,
    /// Whether the request came with it.
    current: bool,
    /// A name that people recognise.
    #[schema(example = "Firefox on Linux")]
    label: String,
    /// What the client calls itself, at most 200 characters.
    user_agent: String,
    /// The address it was opened from, if known.
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
    /// When it was opened.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    last_seen_at: String,
}

impl SessionBody {
    fn new(session: &Session, current: SessionId) -> Self {
        let parts = session.parts();
        Self {
            id: parts.id.0,
            current: parts.id == current,
            label: parts.device.user_agent.label(),
            user_agent: parts.device.user_agent.as_str().to_owned(),
            ip: parts.device.ip,
            created_at: rfc3339(parts.created_at),
            last_seen_at: rfc3339(parts.last_seen_at),
        }
    }
}

/// The devices that the account is signed in on.
#[derive(Debug, Serialize, ToSchema)]
struct SessionsBody {
    /// The most recently used first.
    items: Vec<SessionBody>,
}

/// List the devices that one is signed in on.
#[utoipa::path(
    tag = "me",
    operation_id = "list_own_sessions",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = SessionsBody), CallerFailures)
)]
#[get("/me/sessions")]
pub(super) async fn list(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let sessions = api.list_own_sessions.execute(&caller.0).await?;
    let current = caller.0.principal.session;
    let items = sessions.iter().map(|session| SessionBody::new(session, current)).collect();
    Ok(HttpResponse::Ok().json(SessionsBody { items }))
}

/// Sign out on a device. On this one, it is the same as `/v1/auth/logout`.
#[utoipa::path(
    tag = "me",
    operation_id = "revoke_own_session",
    params(("id" = Uuid, Path, description = "The session")),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), CallerFailures, Missing)
)]
#[delete("/me/sessions/{id}")]
pub(super) async fn revoke(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    api.revoke_own_session.execute(&caller.0, SessionId(id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn only_true() -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])).build()
}

/// Which devices to sign out on.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RevokeParams {
    /// Must be `true`: all but this one.
    #[param(schema_with = only_true)]
    others: bool,
}

/// Sign out on all other devices.
#[utoipa::path(
    tag = "me",
    operation_id = "revoke_other_sessions",
    params(RevokeParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), CallerFailures, QueryFailures)
)]
#[delete("/me/sessions")]
pub(super) async fn revoke_others(
    api: Data<Api>,
    caller: SignedIn,
    query: Query<RevokeParams>,
) -> Result<HttpResponse, Problem> {
    if !query.0.others {
        let detail = "must be true; to sign out on this device too, use /v1/auth/logout";
        return Err(Problem::field("others", detail));
    }
    api.revoke_other_sessions.execute(&caller.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
