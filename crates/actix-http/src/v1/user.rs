//! Accounts as v1 shows them.

use lectern_application::ports::{AccountSnapshot, AccountView};
use lectern_domain::{
    access::RolePermissions,
    account::{Standing, UserParts},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::rfc3339;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserBody {
    /// Its id.
    id: Uuid,
    /// Its number, for clients with integer ids.
    number: i64,
    /// What it signs in with.
    username: Option<String>,
    /// Its e-mail address.
    email: Option<String>,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// Its role.
    role: String,
    /// Permissions held, by the role or directly.
    permissions: Vec<String>,
    /// `active`, `blocked` or `deleted`.
    #[schema(example = "active")]
    standing: &'static str,
    /// Whether it may upload and change things.
    can_interact: bool,
    /// Integer units.
    balance: i64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it last signed in.
    #[schema(format = DateTime)]
    last_activity_at: Option<String>,
}

impl From<AccountView> for UserBody {
    fn from(view: AccountView) -> Self {
        Self::from(&view)
    }
}

impl From<&AccountView> for UserBody {
    fn from(view: &AccountView) -> Self {
        Self::of(view.user.parts(), &view.rights())
    }
}

impl From<&AccountSnapshot> for UserBody {
    fn from(snapshot: &AccountSnapshot) -> Self {
        Self::of(snapshot.user.parts(), &snapshot.rights())
    }
}

impl UserBody {
    fn of<H>(user: &UserParts<H>, rights: &RolePermissions) -> Self {
        let permissions = rights.named();
        Self {
            id: user.id.0,
            number: user.number.0,
            username: user.username.as_ref().map(|name| name.as_str().to_owned()),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            first_name: user.first_name.as_ref().map(ToString::to_string),
            last_name: user.last_name.as_ref().map(ToString::to_string),
            role: user.role.to_string(),
            permissions: permissions.iter().map(ToString::to_string).collect(),
            standing: match user.standing {
                Standing::Active => "active",
                Standing::Blocked { .. } => "blocked",
                Standing::Deleted { .. } => "deleted",
            },
            can_interact: user.can_interact,
            balance: user.balance,
            created_at: rfc3339(user.created_at),
            updated_at: rfc3339(user.updated_at),
            last_activity_at: user.last_activity_at.map(rfc3339),
        }
    }
}
