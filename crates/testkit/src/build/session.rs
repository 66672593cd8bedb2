//! Sessions.

use std::net::{IpAddr, Ipv4Addr};

use lectern_domain::{
    account::UserId,
    session::{Device, RefreshRules, Session, SessionId, UserAgent},
    surface::Surface,
    time::Timestamp,
};

use super::fresh_id;
use crate::clock::START;

/// Firefox on Linux at 192.0.2.1.
pub fn device() -> Device {
    Device {
        user_agent: UserAgent::from_header("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"),
        ip: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
    }
}

/// Builds a [`Session`].
#[derive(Debug, Clone)]
pub struct SessionBuilder {
    id: SessionId,
    user: UserId,
    opened_by: Surface,
    device: Device,
    opened_at: Timestamp,
    rules: RefreshRules,
}

/// A rotating session of that account on [`device`], opened at [`START`] through `v1`, under the default rules.
pub fn session(user: UserId) -> SessionBuilder {
    SessionBuilder {
        id: SessionId(fresh_id()),
        user,
        opened_by: Surface::V1,
        device: device(),
        opened_at: START,
        rules: RefreshRules::default(),
    }
}

impl SessionBuilder {
    /// Opened through another surface.
    pub fn opened_by(mut self, surface: Surface) -> Self {
        self.opened_by = surface;
        self
    }

    /// On another device.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Opened at another time.
    pub fn opened_at(mut self, at: Timestamp) -> Self {
        self.opened_at = at;
        self
    }

    /// Under other rules.
    pub fn rules(mut self, rules: RefreshRules) -> Self {
        self.rules = rules;
        self
    }

    /// The session.
    pub fn build(self) -> Session {
        Session::open(self.id, self.user, self.opened_by, self.device, self.opened_at, self.rules)
    }
}
