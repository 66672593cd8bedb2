//! Accounts and roles.

use diesel::{
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, QueryableByName, Selectable},
};
use lectern_application::ports::{AccountView, StoreError};
use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName, RolePermissions},
    account::{
        AccountEpoch, AccountError, DisplayName, EmailAddress, FirstName, LastName, PasswordHash, Standing,
        User, UserId, UserNumber, UserParts, Username,
    },
};

use uuid::Uuid;

use super::{At, Row};
use crate::schema::{roles, users};

/// An account with its direct permissions.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = users, check_for_backend(Pg))]
pub(crate) struct UserRow {
    number: i64,
    id: Uuid,
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    display_name: Option<String>,
    password_hash: String,
    role: String,
    can_interact: bool,
    balance: i64,
    epoch: i64,
    created_at: At,
    updated_at: At,
    last_activity_at: Option<At>,
    blocked_at: Option<At>,
    deleted_at: Option<At>,
    email_verified_at: Option<At>,
    permissions: Vec<String>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let cells = Row { table: "users", key: &row.number };
        let standing = match (row.blocked_at, row.deleted_at) {
            (None, None) => Standing::Active,
            (Some(at), None) => Standing::Blocked { at: at.0 },
            (None, Some(at)) => Standing::Deleted { at: at.0 },
            (Some(_), Some(_)) => return cells.valid("blocked_at", None),
        };
        let user = Self::from_parts(UserParts {
            id: UserId(row.id),
            number: UserNumber(row.number),
            username: cells.optional("username", row.username, |name| Username::parse(&name).ok())?,
            email: cells.optional("email", row.email, |address| EmailAddress::parse(&address).ok())?,
            email_verified_at: row.email_verified_at.map(|at| at.0),
            first_name: cells.optional("first_name", row.first_name, |name| FirstName::parse(&name).ok())?,
            last_name: cells.optional("last_name", row.last_name, |name| LastName::parse(&name).ok())?,
            display_name: cells
                .optional("display_name", row.display_name, |name| DisplayName::parse(&name).ok())?,
            password_hash: PasswordHash::new(row.password_hash),
            role: cells.valid("role", RoleName::parse(&row.role).ok())?,
            permissions: permissions(cells, "permissions", &row.permissions)?,
            standing,
            can_interact: row.can_interact,
            balance: row.balance,
            epoch: AccountEpoch(row.epoch),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            last_activity_at: row.last_activity_at.map(|at| at.0),
        });
        user.or_else(|error| match error {
            AccountError::Nameless => cells.valid("username", None),
            AccountError::NegativeBalance => cells.valid("balance", None),
            AccountError::NothingVerified => cells.valid("email_verified_at", None),
        })
    }
}

/// A role with the permissions that it lists.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = roles, check_for_backend(Pg))]
pub(crate) struct RoleRow {
    name: String,
    holds_all: bool,
    built_in: bool,
    allowed: Vec<String>,
}

impl TryFrom<RoleRow> for Role {
    type Error = StoreError;

    fn try_from(row: RoleRow) -> Result<Self, StoreError> {
        let cells = Row { table: "roles", key: &row.name };
        let name = cells.valid("name", RoleName::parse(&row.name).ok())?;
        let listed = permissions(cells, "allowed", &row.allowed)?;
        let permissions = if row.holds_all { RolePermissions::All } else { RolePermissions::Only(listed) };
        Ok(Self { name, permissions, built_in: row.built_in })
    }
}

/// An account and its role, in a list.
#[derive(QueryableByName)]
pub(crate) struct AccountViewRow {
    #[diesel(embed)]
    user: UserRow,
    #[diesel(embed)]
    role: RoleRow,
}

impl TryFrom<AccountViewRow> for AccountView {
    type Error = StoreError;

    fn try_from(row: AccountViewRow) -> Result<Self, StoreError> {
        account_view((row.user, row.role))
    }
}

/// An account and its role.
pub(crate) fn account_view((user, role): (UserRow, RoleRow)) -> Result<AccountView, StoreError> {
    Ok(AccountView { user: user.try_into()?, role: role.try_into()? })
}

fn permissions(row: Row<'_>, column: &'static str, names: &[String]) -> Result<PermissionSet, StoreError> {
    names.iter().map(|name| row.valid(column, Permission::parse(name).ok())).collect()
}

fn names(permissions: &PermissionSet) -> Vec<&str> {
    permissions.iter().map(Permission::as_str).collect()
}

/// A whole role.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = roles, primary_key(name))]
pub(crate) struct RoleValues<'a> {
    name: &'a str,
    holds_all: bool,
    built_in: bool,
    allowed: Vec<&'a str>,
}

impl<'a> From<&'a Role> for RoleValues<'a> {
    fn from(role: &'a Role) -> Self {
        Self {
            name: role.name.as_str(),
            holds_all: role.permissions == RolePermissions::All,
            built_in: role.built_in,
            allowed: match &role.permissions {
                RolePermissions::All => Vec::new(),
                RolePermissions::Only(listed) => names(listed),
            },
        }
    }
}

/// A whole account, all but its number.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub(crate) struct UserValues<'a> {
    id: Uuid,
    username: Option<&'a str>,
    username_key: Option<&'a str>,
    email: Option<&'a str>,
    email_key: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    display_name: Option<&'a str>,
    password_hash: &'a str,
    role: &'a str,
    permissions: Vec<&'a str>,
    can_interact: bool,
    balance: i64,
    epoch: i64,
    created_at: At,
    updated_at: At,
    last_activity_at: Option<At>,
    blocked_at: Option<At>,
    deleted_at: Option<At>,
    search_key: String,
    email_verified_at: Option<At>,
}

impl<'a> From<&'a User> for UserValues<'a> {
    fn from(user: &'a User) -> Self {
        let search_key = user.search_key();
        let user = user.parts();
        let (blocked_at, deleted_at) = match user.standing {
            Standing::Active => (None, None),
            Standing::Blocked { at } => (Some(At(at)), None),
            Standing::Deleted { at } => (None, Some(At(at))),
        };
        Self {
            id: user.id.0,
            username: user.username.as_ref().map(Username::as_str),
            username_key: user.username.as_ref().map(Username::key),
            email: user.email.as_ref().map(EmailAddress::as_str),
            email_key: user.email.as_ref().map(EmailAddress::key),
            first_name: user.first_name.as_ref().map(FirstName::as_str),
            last_name: user.last_name.as_ref().map(LastName::as_str),
            display_name: user.display_name.as_ref().map(DisplayName::as_str),
            password_hash: user.password_hash.as_str(),
            role: user.role.as_str(),
            permissions: names(&user.permissions),
            can_interact: user.can_interact,
            balance: user.balance,
            epoch: user.epoch.0,
            created_at: At(user.created_at),
            updated_at: At(user.updated_at),
            last_activity_at: user.last_activity_at.map(At),
            blocked_at,
            deleted_at,
            search_key,
            email_verified_at: user.email_verified_at.map(At),
        }
    }
}
