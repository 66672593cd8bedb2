//! Roles.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    SqliteConnection, result::Error, sql_types::Text,
};
use lectern_application::ports::StoreError;
use lectern_domain::access::{Permission, PermissionSet, Role, RoleName, RolePermissions};

use crate::{
    failure::Failure,
    rows::{RoleRow, RoleValues},
    schema::{role_permissions, roles, users},
};

pub(crate) fn by_name(connection: &mut SqliteConnection, name: &RoleName) -> Result<Option<Role>, Failure> {
    let row = roles::table.find(name.as_str()).select(RoleRow::as_select()).first(connection).optional()?;
    Ok(row.map(Role::try_from).transpose()?)
}

pub(crate) fn all(connection: &mut SqliteConnection) -> Result<Vec<Role>, Failure> {
    let rows = roles::table.order(roles::name).select(RoleRow::as_select()).load(connection)?;
    Ok(rows.into_iter().map(Role::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) fn insert(connection: &mut SqliteConnection, role: &Role) -> Result<(), Failure> {
    diesel::insert_into(roles::table).values(RoleValues::from(role)).execute(connection)?;
    allow(connection, role)
}

pub(crate) fn save(connection: &mut SqliteConnection, role: &Role) -> Result<(), Failure> {
    let holds_all = role.permissions == RolePermissions::All;
    let saved = diesel::update(roles::table.find(role.name.as_str()))
        .set((roles::holds_all.eq(holds_all), roles::built_in.eq(role.built_in)))
        .execute(connection)?;
    if saved == 0 {
        return Err(Error::NotFound.into());
    }
    allow(connection, role)
}

fn allow(connection: &mut SqliteConnection, role: &Role) -> Result<(), Failure> {
    let listed = match &role.permissions {
        RolePermissions::All => PermissionSet::default(),
        RolePermissions::Only(listed) => listed.clone(),
    };
    let (role, names) = (role.name.as_str(), listed.iter().map(Permission::as_str).collect::<Vec<_>>());
    let withdrawn = role_permissions::role.eq(role).and(role_permissions::permission.ne_all(&names));
    diesel::delete(role_permissions::table).filter(withdrawn).execute(connection)?;
    for name in names {
        diesel::insert_or_ignore_into(role_permissions::table)
            .values((role_permissions::role.eq(role), role_permissions::permission.eq(name)))
            .execute(connection)?;
    }
    Ok(())
}

/// What it lists goes with it, by the foreign key; that of the accounts forbids it while they have it.
pub(crate) fn delete(connection: &mut SqliteConnection, name: &RoleName) -> Result<(), Failure> {
    diesel::delete(roles::table.find(name.as_str())).execute(connection)?;
    Ok(())
}

pub(crate) fn count_users(connection: &mut SqliteConnection, role: &RoleName) -> Result<u32, Failure> {
    let count = users::table.filter(users::role.eq(role.as_str())).count().get_result::<i64>(connection)?;
    count.try_into().map_err(Failure::unstorable)
}

/// The highest epoch there is stays, as it does in the domain.
pub(crate) fn raise_epochs(connection: &mut SqliteConnection, role: &RoleName) -> Result<(), Failure> {
    diesel::sql_query("UPDATE users SET epoch = min(epoch, 9223372036854775806) + 1 WHERE role = ?")
        .bind::<Text, _>(role.as_str())
        .execute(connection)?;
    Ok(())
}
