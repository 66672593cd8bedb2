//! Accounts and roles.

use diesel::{
    dsl::sql,
    expression::SqlLiteral,
    prelude::{AsChangeset, Insertable, Queryable, QueryableByName, Selectable},
    sql_types::Text,
    sqlite::Sqlite,
};
use lectern_application::ports::{AccountView, StoreError};
use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName, RolePermissions},
    account::{
        AccountEpoch, AccountError, DisplayName, EmailAddress, FirstName, LastName, PasswordHash, Standing,
        User, UserId, UserNumber, UserParts, Username,
    },
    time::Timestamp,
};

use super::Row;
use crate::schema::{roles, users};

/// The permissions that an account holds directly, as a JSON array.
pub(crate) const DIRECT: &str =
    "(SELECT json_group_array(permission) FROM user_permissions WHERE user_permissions.user_id = users.id)";

/// The permissions that a role lists, as a JSON array.
pub(crate) const ALLOWED: &str =
    "(SELECT json_group_array(permission) FROM role_permissions WHERE role_permissions.role = roles.name)";

/// An account with its direct permissions, which come as a JSON array so that one row is one account.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = users, check_for_backend(Sqlite))]
pub(crate) struct UserRow {
    number: i64,
    id: Vec<u8>,
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
    created_at: i64,
    updated_at: i64,
    last_activity_at: Option<i64>,
    blocked_at: Option<i64>,
    deleted_at: Option<i64>,
    email_verified_at: Option<i64>,
    #[diesel(
        select_expression = sql::<Text>(DIRECT),
        select_expression_type = SqlLiteral<Text>,
        sql_type = Text
    )]
    direct: String,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let cells = Row { table: "users", key: &row.number };
        let standing = match (row.blocked_at, row.deleted_at) {
            (None, None) => Standing::Active,
            (Some(at), None) => Standing::Blocked { at: Timestamp::from_micros(at) },
            (None, Some(at)) => Standing::Deleted { at: Timestamp::from_micros(at) },
            (Some(_), Some(_)) => return cells.valid("blocked_at", None),
        };
        let user = Self::from_parts(UserParts {
            id: UserId(cells.uuid("id", &row.id)?),
            number: UserNumber(row.number),
            username: cells.optional("username", row.username, |name| Username::parse(&name).ok())?,
            email: cells.optional("email", row.email, |address| EmailAddress::parse(&address).ok())?,
            email_verified_at: row.email_verified_at.map(Timestamp::from_micros),
            first_name: cells.optional("first_name", row.first_name, |name| FirstName::parse(&name).ok())?,
            last_name: cells.optional("last_name", row.last_name, |name| LastName::parse(&name).ok())?,
            display_name: cells
                .optional("display_name", row.display_name, |name| DisplayName::parse(&name).ok())?,
            password_hash: PasswordHash::new(row.password_hash),
            role: cells.valid("role", RoleName::parse(&row.role).ok())?,
            permissions: permissions(Row { table: "user_permissions", key: &row.number }, &row.direct)?,
            standing,
            can_interact: row.can_interact,
            balance: row.balance,
            epoch: AccountEpoch(row.epoch),
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            last_activity_at: row.last_activity_at.map(Timestamp::from_micros),
        });
        user.or_else(|error| match error {
            AccountError::Nameless => cells.valid("username", None),
            AccountError::NegativeBalance => cells.valid("balance", None),
            AccountError::NothingVerified => cells.valid("email_verified_at", None),
        })
    }
}

/// A role with its permissions as a JSON array.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = roles, check_for_backend(Sqlite))]
pub(crate) struct RoleRow {
    name: String,
    holds_all: bool,
    built_in: bool,
    #[diesel(
        select_expression = sql::<Text>(ALLOWED),
        select_expression_type = SqlLiteral<Text>,
        sql_type = Text
    )]
    allowed: String,
}

impl TryFrom<RoleRow> for Role {
    type Error = StoreError;

    fn try_from(row: RoleRow) -> Result<Self, StoreError> {
        let name = Row { table: "roles", key: &row.name }.valid("name", RoleName::parse(&row.name).ok())?;
        let listed = permissions(Row { table: "role_permissions", key: &row.name }, &row.allowed)?;
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

fn permissions(row: Row<'_>, json: &str) -> Result<PermissionSet, StoreError> {
    let names = row.valid("permission", serde_json::from_str::<Vec<String>>(json).ok())?;
    names.iter().map(|name| row.valid("permission", Permission::parse(name).ok())).collect()
}

/// What is written of a role, all but its permissions.
#[derive(Insertable)]
#[diesel(table_name = roles)]
pub(crate) struct RoleValues<'a> {
    name: &'a str,
    holds_all: bool,
    built_in: bool,
}

impl<'a> From<&'a Role> for RoleValues<'a> {
    fn from(role: &'a Role) -> Self {
        Self {
            name: role.name.as_str(),
            holds_all: role.permissions == RolePermissions::All,
            built_in: role.built_in,
        }
    }
}

/// What is written of an account, all but its number and its direct permissions.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub(crate) struct UserValues<'a> {
    id: &'a [u8],
    username: Option<&'a str>,
    username_key: Option<&'a str>,
    email: Option<&'a str>,
    email_key: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    display_name: Option<&'a str>,
    password_hash: &'a str,
    role: &'a str,
    can_interact: bool,
    balance: i64,
    epoch: i64,
    created_at: i64,
    updated_at: i64,
    last_activity_at: Option<i64>,
    blocked_at: Option<i64>,
    deleted_at: Option<i64>,
    search_key: String,
    email_verified_at: Option<i64>,
}

impl<'a> From<&'a User> for UserValues<'a> {
    fn from(user: &'a User) -> Self {
        let search_key = user.search_key();
        let user = user.parts();
        let (blocked_at, deleted_at) = match user.standing {
            Standing::Active => (None, None),
            Standing::Blocked { at } => (Some(at.as_micros()), None),
            Standing::Deleted { at } => (None, Some(at.as_micros())),
        };
        Self {
            id: user.id.0.as_bytes(),
            username: user.username.as_ref().map(Username::as_str),
            username_key: user.username.as_ref().map(Username::key),
            email: user.email.as_ref().map(EmailAddress::as_str),
            email_key: user.email.as_ref().map(EmailAddress::key),
            first_name: user.first_name.as_ref().map(FirstName::as_str),
            last_name: user.last_name.as_ref().map(LastName::as_str),
            display_name: user.display_name.as_ref().map(DisplayName::as_str),
            password_hash: user.password_hash.as_str(),
            role: user.role.as_str(),
            can_interact: user.can_interact,
            balance: user.balance,
            epoch: user.epoch.0,
            created_at: user.created_at.as_micros(),
            updated_at: user.updated_at.as_micros(),
            last_activity_at: user.last_activity_at.map(Timestamp::as_micros),
            blocked_at,
            deleted_at,
            search_key,
            email_verified_at: user.email_verified_at.map(Timestamp::as_micros),
        }
    }
}
