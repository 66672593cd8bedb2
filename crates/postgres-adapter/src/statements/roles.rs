//! Roles.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, result::Error, sql_types::Text,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::StoreError;
use lectern_domain::access::{Role, RoleName};

use super::accounts::hold_membership;
use crate::{
    failure::Failure,
    rows::{RoleRow, RoleValues},
    schema::{roles, users},
};

/// Shared with all others who read it: every sign-in does.
pub(crate) async fn by_name(
    connection: &mut AsyncPgConnection,
    name: &RoleName,
) -> Result<Option<Role>, Failure> {
    let row = roles::table
        .find(name.as_str())
        .select(RoleRow::as_select())
        .for_share()
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(Role::try_from).transpose()?)
}

pub(crate) async fn all(connection: &mut AsyncPgConnection) -> Result<Vec<Role>, Failure> {
    let rows = roles::table.order(roles::name).select(RoleRow::as_select()).load(connection).await?;
    Ok(rows.into_iter().map(Role::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) async fn insert(connection: &mut AsyncPgConnection, role: &Role) -> Result<(), Failure> {
    diesel::insert_into(roles::table).values(RoleValues::from(role)).execute(connection).await?;
    Ok(())
}

pub(crate) async fn save(connection: &mut AsyncPgConnection, role: &Role) -> Result<(), Failure> {
    let saved = diesel::update(roles::table.find(role.name.as_str()))
        .set(RoleValues::from(role))
        .execute(connection)
        .await?;
    if saved == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

/// The foreign key of the accounts forbids it while they have it.
pub(crate) async fn delete(connection: &mut AsyncPgConnection, name: &RoleName) -> Result<(), Failure> {
    diesel::delete(roles::table.find(name.as_str())).execute(connection).await?;
    Ok(())
}

pub(crate) async fn count_users(connection: &mut AsyncPgConnection, role: &RoleName) -> Result<u32, Failure> {
    hold_membership(connection, role).await?;
    let count = users::table.filter(users::role.eq(role.as_str())).count();
    count.get_result::<i64>(connection).await?.try_into().map_err(Failure::unstorable)
}

/// The highest epoch there is stays, as it does in the domain. Accounts are locked in the order of their ids, as by whoever
/// acts on two.
pub(crate) async fn raise_epochs(connection: &mut AsyncPgConnection, role: &RoleName) -> Result<(), Failure> {
    diesel::sql_query(
        "WITH held AS MATERIALIZED (SELECT id FROM users WHERE role = $1 ORDER BY id FOR NO KEY UPDATE) \
         UPDATE users SET epoch = least(epoch, 9223372036854775806) + 1 FROM held WHERE users.id = held.id",
    )
    .bind::<Text, _>(role.as_str())
    .execute(connection)
    .await?;
    Ok(())
}
