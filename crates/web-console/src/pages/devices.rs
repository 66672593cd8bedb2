//! The devices that one is signed in on.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use lectern_domain::session::{Session, SessionId};
use uuid::Uuid;

use super::name_of;
use crate::{Console, answer, failure::Failure, gate::Visitor, wording::Instant};

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    name: String,
    devices: Vec<Device>,
}

/// One of them.
struct Device {
    id: Uuid,
    is_current: bool,
    label: String,
    ip: String,
    opened: Instant,
    last_seen: Instant,
}

impl Device {
    fn new(session: &Session, current: SessionId) -> Self {
        let parts = session.parts();
        Self {
            id: parts.id.0,
            is_current: parts.id == current,
            label: parts.device.user_agent.label(),
            ip: parts.device.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string()),
            opened: parts.created_at.into(),
            last_seen: parts.last_seen_at.into(),
        }
    }
}

/// Shows them.
pub(crate) async fn list(console: Data<Console>, visitor: Visitor) -> Result<HttpResponse, Failure> {
    let sessions = console.list_own_sessions.execute(&visitor.caller).await?;
    let current = visitor.caller.principal.session;
    let devices = sessions.iter().map(|session| Device::new(session, current)).collect();
    Ok(answer::page(StatusCode::OK, &DevicesPage { name: name_of(&visitor), devices }))
}
