//! Accounts.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult,
    RunQueryDsl, SelectableHelper, SqliteConnection, result::Error,
};
use lectern_application::ports::AccountView;
use lectern_domain::{
    access::{Permission, RoleName},
    account::{Login, NewUser, User, UserId, UserNumber},
};

use crate::{
    failure::Failure,
    rows::{RoleRow, UserRow, UserValues, account_view},
    schema::{roles, user_permissions, users},
};

pub(crate) fn insert(connection: &mut SqliteConnection, user: NewUser) -> Result<User, Failure> {
    // The number is not among the values that are written.
    let unnumbered = user.clone().numbered(UserNumber(0)).map_err(Failure::unstorable)?;
    let number = diesel::insert_into(users::table)
        .values(UserValues::from(&unnumbered))
        .returning(users::number)
        .get_result(connection)?;
    user.numbered(UserNumber(number)).map_err(Failure::unstorable)
}

pub(crate) fn by_id(connection: &mut SqliteConnection, id: UserId) -> Result<Option<User>, Failure> {
    let row = users::table
        .filter(users::id.eq(id.0.as_bytes().as_slice()))
        .select(UserRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(User::try_from).transpose()?)
}

pub(crate) fn count_active(connection: &mut SqliteConnection, role: &RoleName) -> Result<u32, Failure> {
    let active = users::table
        .filter(users::role.eq(role.as_str()))
        .filter(users::blocked_at.is_null())
        .filter(users::deleted_at.is_null());
    active.count().get_result::<i64>(connection)?.try_into().map_err(Failure::unstorable)
}

pub(crate) fn by_login(connection: &mut SqliteConnection, login: &Login) -> Result<Option<User>, Failure> {
    Ok(view_by_login(connection, login)?.map(|view| view.user))
}

pub(crate) fn save(connection: &mut SqliteConnection, user: &User) -> Result<(), Failure> {
    let id = user.parts().id.0.as_bytes().as_slice();
    let saved = diesel::update(users::table)
        .filter(users::id.eq(id))
        .set(UserValues::from(user))
        .execute(connection)?;
    if saved == 0 {
        return Err(Error::NotFound.into());
    }
    let names = user.parts().permissions.iter().map(Permission::as_str).collect::<Vec<_>>();
    let withdrawn = user_permissions::user_id.eq(id).and(user_permissions::permission.ne_all(&names));
    diesel::delete(user_permissions::table).filter(withdrawn).execute(connection)?;
    for name in names {
        diesel::insert_or_ignore_into(user_permissions::table)
            .values((user_permissions::user_id.eq(id), user_permissions::permission.eq(name)))
            .execute(connection)?;
    }
    Ok(())
}

pub(crate) fn view(connection: &mut SqliteConnection, id: UserId) -> Result<Option<AccountView>, Failure> {
    let row = users::table
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(users::id.eq(id.0.as_bytes().as_slice()))
        .select((UserRow::as_select(), RoleRow::as_select()))
        .first(connection);
    one_view(row)
}

pub(crate) fn view_by_number(
    connection: &mut SqliteConnection,
    number: UserNumber,
) -> Result<Option<AccountView>, Failure> {
    let row = users::table
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(users::number.eq(number.0))
        .select((UserRow::as_select(), RoleRow::as_select()))
        .first(connection);
    one_view(row)
}

pub(crate) fn view_by_login(
    connection: &mut SqliteConnection,
    login: &Login,
) -> Result<Option<AccountView>, Failure> {
    let living = users::table
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(users::deleted_at.is_null())
        .select((UserRow::as_select(), RoleRow::as_select()));
    let row = match login {
        Login::Username(name) => living.filter(users::username_key.eq(name.key())).first(connection),
        Login::Email(address) => living.filter(users::email_key.eq(address.key())).first(connection),
    };
    one_view(row)
}

fn one_view(row: QueryResult<(UserRow, RoleRow)>) -> Result<Option<AccountView>, Failure> {
    Ok(row.optional()?.map(account_view).transpose()?)
}
