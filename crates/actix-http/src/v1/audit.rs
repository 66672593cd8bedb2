//! The audit log.

use std::{collections::BTreeMap, net::IpAddr};

use actix_web::{HttpResponse, get, web::Data};
use lectern_application::ports::{AuditEntry, AuditFilter};
use lectern_domain::{account::UserId, audit::AuditKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    api::Api,
    extract::{Query, SignedIn},
    failures::{CallerFailures, QueryFailures},
    openapi::Routes,
    problem::{Fields, Problem},
    v1::{
        page::{PageBody, page_request},
        time::{parse_rfc3339, rfc3339},
    },
};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
struct AuditEventBody {
    /// Its id.
    id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What.
    #[schema(example = "logged_in")]
    kind: String,
    /// Who did it, if known.
    actor_id: Option<Uuid>,
    /// Whose account it concerns, if any.
    subject_id: Option<Uuid>,
    /// The session or transcription it happened to, if any.
    object_id: Option<Uuid>,
    /// From which address, if known.
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
    /// What the client called itself.
    user_agent: String,
    /// The request's id, also in the server's log.
    request_id: Option<Uuid>,
    /// What else there is to say, by name. Secrets and addresses are masked.
    details: BTreeMap<String, String>,
}

impl From<AuditEntry> for AuditEventBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.0,
            at: rfc3339(entry.at),
            kind: entry.kind,
            actor_id: entry.actor.map(|user| user.0),
            subject_id: entry.subject.map(|user| user.0),
            object_id: entry.object,
            ip: entry.ip,
            user_agent: entry.user_agent,
            request_id: entry.request_id,
            details: entry.details,
        }
    }
}

/// Which events to list. All that is given has to hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 200)]
    size: Option<u32>,
    /// Only those of this kind, such as `logged_in`.
    #[param(example = "logged_in")]
    kind: Option<String>,
    /// Only what this account did.
    actor: Option<Uuid>,
    /// Only what concerns this account.
    subject: Option<Uuid>,
    /// Only those at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<String>,
    /// Only those before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<String>,
}

impl ListParams {
    fn filter(&self) -> Result<AuditFilter, Problem> {
        let mut fields = Fields::default();
        let kind = fields.optional("kind", self.kind.as_deref(), |name| {
            let known = AuditKind::NAMES.into_iter().find(|known| *known == name);
            known.ok_or_else(|| format!("must be one of {}", AuditKind::NAMES.join(", ")))
        });
        let since = fields.optional("since", self.since.as_deref(), parse_rfc3339);
        let until = fields.optional("until", self.until.as_deref(), parse_rfc3339);
        fields.finish()?;
        let (actor, subject) = (self.actor.map(UserId), self.subject.map(UserId));
        Ok(AuditFilter { kind, actor, subject, since, until })
    }
}

/// List what happened, newest first. Needs the permission `audit.view`.
#[utoipa::path(
    tag = "audit",
    operation_id = "list_audit_events",
    params(ListParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = PageBody<AuditEventBody>), QueryFailures, CallerFailures)
)]
#[get("/audit-events")]
async fn list(api: Data<Api>, caller: SignedIn, query: Query<ListParams>) -> Result<HttpResponse, Problem> {
    let page = page_request(query.0.page, query.0.size)?;
    let page = api.list_audit_events.execute(&caller.0, query.0.filter()?, page).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(page, AuditEventBody::from)))
}
