//! Accounts.

use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, SelectableHelper, result::Error,
    sql_types::Text,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::AccountView;
use lectern_domain::{
    access::RoleName,
    account::{Login, NewUser, User, UserId, UserNumber},
};

use crate::{
    failure::Failure,
    rows::{RoleRow, UserRow, UserValues, account_view},
    schema::{roles, users},
};

pub(crate) async fn insert(connection: &mut AsyncPgConnection, user: NewUser) -> Result<User, Failure> {
    // The number is not among the values that are written.
    let unnumbered = user.clone().numbered(UserNumber(0)).map_err(Failure::unstorable)?;
    let number = diesel::insert_into(users::table)
        .values(UserValues::from(&unnumbered))
        .returning(users::number)
        .get_result(connection)
        .await?;
    user.numbered(UserNumber(number)).map_err(Failure::unstorable)
}

pub(crate) async fn by_id(connection: &mut AsyncPgConnection, id: UserId) -> Result<Option<User>, Failure> {
    let row =
        users::table.find(id.0).select(UserRow::as_select()).for_no_key_update().first(connection).await;
    one(row)
}

pub(crate) async fn by_login(
    connection: &mut AsyncPgConnection,
    login: &Login,
) -> Result<Option<User>, Failure> {
    let living =
        users::table.filter(users::deleted_at.is_null()).select(UserRow::as_select()).for_no_key_update();
    one(match login {
        Login::Username(name) => living.filter(users::username_key.eq(name.key())).first(connection).await,
        Login::Email(address) => living.filter(users::email_key.eq(address.key())).first(connection).await,
    })
}

fn one(row: QueryResult<UserRow>) -> Result<Option<User>, Failure> {
    Ok(row.optional()?.map(User::try_from).transpose()?)
}

pub(crate) async fn save(connection: &mut AsyncPgConnection, user: &User) -> Result<(), Failure> {
    let saved = diesel::update(users::table.find(user.parts().id.0))
        .set(UserValues::from(user))
        .execute(connection)
        .await?;
    if saved == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

/// Nobody changes who has a role, or how they stand, before the transaction ends. To be done before counting, in a statement
/// of its own: what a statement sees is what was committed before it began, not before it got its lock.
pub(super) async fn hold_membership(
    connection: &mut AsyncPgConnection,
    role: &RoleName,
) -> Result<(), Failure> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(lock_of_membership($1))")
        .bind::<Text, _>(role.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn count_active(
    connection: &mut AsyncPgConnection,
    role: &RoleName,
) -> Result<u32, Failure> {
    hold_membership(connection, role).await?;
    let active = users::table
        .filter(users::role.eq(role.as_str()))
        .filter(users::blocked_at.is_null())
        .filter(users::deleted_at.is_null());
    active.count().get_result::<i64>(connection).await?.try_into().map_err(Failure::unstorable)
}

pub(crate) async fn view(
    connection: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<AccountView>, Failure> {
    let row = users::table
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(users::id.eq(id.0))
        .select((UserRow::as_select(), RoleRow::as_select()))
        .first(connection)
        .await;
    one_view(row)
}

pub(crate) async fn view_by_number(
    connection: &mut AsyncPgConnection,
    number: UserNumber,
) -> Result<Option<AccountView>, Failure> {
    let row = users::table
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(users::number.eq(number.0))
        .select((UserRow::as_select(), RoleRow::as_select()))
        .first(connection)
        .await;
    one_view(row)
}

pub(crate) async fn view_by_login(
    connection: &mut AsyncPgConnection,
    login: &Login,
) -> Result<Option<AccountView>, Failure> {
    let living = users::table
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(users::deleted_at.is_null())
        .select((UserRow::as_select(), RoleRow::as_select()));
    one_view(match login {
        Login::Username(name) => living.filter(users::username_key.eq(name.key())).first(connection).await,
        Login::Email(address) => living.filter(users::email_key.eq(address.key())).first(connection).await,
    })
}

fn one_view(row: QueryResult<(UserRow, RoleRow)>) -> Result<Option<AccountView>, Failure> {
    Ok(row.optional()?.map(account_view).transpose()?)
}
