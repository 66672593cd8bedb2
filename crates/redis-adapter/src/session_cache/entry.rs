//! Sessions as Redis holds them.
//!
//! Written by one version of the service, read by another: so entries tell the version of their form, and what can't be read
//! is not there. Whoever reads the server finds names, addresses and rights of who is signed in, for as long as [`MAX_AGE`];
//! password hashes are not among them ([`UserSnapshot`] has none), nor is anything that tokens are made of.
//!
//! [`MAX_AGE`]: lectern_application::ports::MAX_AGE

use std::{net::IpAddr, sync::Arc};

use lectern_application::ports::{AccountSnapshot, SessionView};
use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName, RolePermissions},
    account::{
        AccountEpoch, DisplayName, EmailAddress, FirstName, LastName, Standing, UserId, UserNumber,
        UserParts, UserSnapshot, Username, Withheld,
    },
    session::{Device, EndReason, Generation, RefreshPolicy, Session, SessionId, SessionParts, UserAgent},
    surface::Surface,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The form of entries. To be raised with every change of it.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Entry {
    version: u32,
    loaded_at: i64,
    /// `None`: there is no such session.
    view: Option<View>,
}

#[derive(Serialize, Deserialize)]
struct View {
    session: SessionValues,
    user: UserValues,
    role: RoleValues,
}

#[derive(Serialize, Deserialize)]
struct SessionValues {
    id: Uuid,
    user: Uuid,
    policy: Policy,
    opened_by: String,
    user_agent: String,
    ip: Option<IpAddr>,
    generation: u32,
    rotated_at: i64,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    ended: Option<(i64, End)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "RefreshPolicy")]
enum PolicyName {
    Rotating,
    Static,
}

#[derive(Serialize, Deserialize)]
struct Policy(#[serde(with = "PolicyName")] RefreshPolicy);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "EndReason")]
enum EndReasonName {
    LoggedOut,
    Reused,
    Revoked,
    Displaced,
}

#[derive(Serialize, Deserialize)]
struct End(#[serde(with = "EndReasonName")] EndReason);

#[derive(Serialize, Deserialize)]
struct UserValues {
    id: Uuid,
    number: i64,
    username: Option<String>,
    email: Option<String>,
    email_verified_at: Option<i64>,
    first_name: Option<String>,
    last_name: Option<String>,
    display_name: Option<String>,
    role: String,
    permissions: Vec<String>,
    blocked_at: Option<i64>,
    deleted_at: Option<i64>,
    can_interact: bool,
    balance: i64,
    epoch: i64,
    created_at: i64,
    updated_at: i64,
    last_activity_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct RoleValues {
    name: String,
    /// `None`: all there are.
    permissions: Option<Vec<String>>,
    built_in: bool,
}

/// What was loaded then, as bytes.
pub(super) fn written(loaded: Option<&SessionView>, at: Timestamp) -> Option<Vec<u8>> {
    let entry = Entry { version: VERSION, loaded_at: at.as_micros(), view: loaded.map(View::from) };
    serde_json::to_vec(&entry).ok()
}

/// What was loaded, and when; `None` if the bytes are none of this version's, or say what can't be.
pub(super) fn read(bytes: &[u8]) -> Option<(Option<Arc<SessionView>>, Timestamp)> {
    let entry: Entry = serde_json::from_slice(bytes).ok().filter(|entry: &Entry| entry.version == VERSION)?;
    let view = match entry.view {
        Some(view) => Some(Arc::new(view.into_domain()?)),
        None => None,
    };
    Some((view, Timestamp::from_micros(entry.loaded_at)))
}

impl From<&SessionView> for View {
    fn from(SessionView { session, account }: &SessionView) -> Self {
        Self { session: session.into(), user: (&account.user).into(), role: (&account.role).into() }
    }
}

impl View {
    fn into_domain(self) -> Option<SessionView> {
        let account = AccountSnapshot { user: self.user.into_domain()?, role: self.role.into_domain()? };
        Some(SessionView { session: self.session.into_domain()?, account: Arc::new(account) })
    }
}

impl From<&Session> for SessionValues {
    fn from(session: &Session) -> Self {
        let parts = session.parts();
        Self {
            id: parts.id.0,
            user: parts.user.0,
            policy: Policy(parts.policy),
            opened_by: parts.opened_by.as_str().to_owned(),
            user_agent: parts.device.user_agent.as_str().to_owned(),
            ip: parts.device.ip,
            generation: parts.generation.0,
            rotated_at: parts.rotated_at.as_micros(),
            created_at: parts.created_at.as_micros(),
            last_seen_at: parts.last_seen_at.as_micros(),
            expires_at: parts.expires_at.as_micros(),
            ended: parts.ended.map(|(at, reason)| (at.as_micros(), End(reason))),
        }
    }
}

impl SessionValues {
    fn into_domain(self) -> Option<Session> {
        Some(Session::from_parts(SessionParts {
            id: SessionId(self.id),
            user: UserId(self.user),
            policy: self.policy.0,
            opened_by: Surface::parse(&self.opened_by)?,
            device: Device { user_agent: UserAgent::from_header(&self.user_agent), ip: self.ip },
            generation: Generation(self.generation),
            rotated_at: Timestamp::from_micros(self.rotated_at),
            created_at: Timestamp::from_micros(self.created_at),
            last_seen_at: Timestamp::from_micros(self.last_seen_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            ended: self.ended.map(|(at, End(reason))| (Timestamp::from_micros(at), reason)),
        }))
    }
}

impl From<&UserSnapshot> for UserValues {
    fn from(user: &UserSnapshot) -> Self {
        let parts = user.parts();
        let (blocked_at, deleted_at) = match parts.standing {
            Standing::Active => (None, None),
            Standing::Blocked { at } => (Some(at.as_micros()), None),
            Standing::Deleted { at } => (None, Some(at.as_micros())),
        };
        Self {
            id: parts.id.0,
            number: parts.number.0,
            username: parts.username.as_ref().map(|name| name.as_str().to_owned()),
            email: parts.email.as_ref().map(|email| email.as_str().to_owned()),
            email_verified_at: parts.email_verified_at.map(Timestamp::as_micros),
            first_name: parts.first_name.as_ref().map(|name| name.as_str().to_owned()),
            last_name: parts.last_name.as_ref().map(|name| name.as_str().to_owned()),
            display_name: parts.display_name.as_ref().map(|name| name.as_str().to_owned()),
            role: parts.role.as_str().to_owned(),
            permissions: names(&parts.permissions),
            blocked_at,
            deleted_at,
            can_interact: parts.can_interact,
            balance: parts.balance,
            epoch: parts.epoch.0,
            created_at: parts.created_at.as_micros(),
            updated_at: parts.updated_at.as_micros(),
            last_activity_at: parts.last_activity_at.map(Timestamp::as_micros),
        }
    }
}

impl UserValues {
    fn into_domain(self) -> Option<UserSnapshot> {
        let standing = match (self.blocked_at, self.deleted_at) {
            (None, None) => Standing::Active,
            (Some(at), None) => Standing::Blocked { at: Timestamp::from_micros(at) },
            (None, Some(at)) => Standing::Deleted { at: Timestamp::from_micros(at) },
            (Some(_), Some(_)) => return None,
        };
        let parts = UserParts {
            id: UserId(self.id),
            number: UserNumber(self.number),
            username: self.username.map(|name| Username::parse(&name)).transpose().ok()?,
            email: self.email.map(|address| EmailAddress::parse(&address)).transpose().ok()?,
            email_verified_at: self.email_verified_at.map(Timestamp::from_micros),
            first_name: self.first_name.map(|name| FirstName::parse(&name)).transpose().ok()?,
            last_name: self.last_name.map(|name| LastName::parse(&name)).transpose().ok()?,
            display_name: self.display_name.map(|name| DisplayName::parse(&name)).transpose().ok()?,
            password_hash: Withheld,
            role: RoleName::parse(&self.role).ok()?,
            permissions: permissions(&self.permissions)?,
            standing,
            can_interact: self.can_interact,
            balance: self.balance,
            epoch: AccountEpoch(self.epoch),
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
            last_activity_at: self.last_activity_at.map(Timestamp::from_micros),
        };
        UserSnapshot::from_parts(parts).ok()
    }
}

impl From<&Role> for RoleValues {
    fn from(role: &Role) -> Self {
        let permissions = match &role.permissions {
            RolePermissions::All => None,
            RolePermissions::Only(set) => Some(names(set)),
        };
        Self { name: role.name.as_str().to_owned(), permissions, built_in: role.built_in }
    }
}

impl RoleValues {
    fn into_domain(self) -> Option<Role> {
        let permissions = match self.permissions {
            None => RolePermissions::All,
            Some(names) => RolePermissions::Only(permissions(&names)?),
        };
        Some(Role { name: RoleName::parse(&self.name).ok()?, permissions, built_in: self.built_in })
    }
}

fn names(permissions: &PermissionSet) -> Vec<String> {
    permissions.iter().map(|permission| permission.as_str().to_owned()).collect()
}

fn permissions(names: &[String]) -> Option<PermissionSet> {
    names.iter().map(|name| Permission::parse(name).ok()).collect()
}

#[cfg(test)]
mod tests;
