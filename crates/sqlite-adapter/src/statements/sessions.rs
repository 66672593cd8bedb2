//! Sessions.

use std::sync::Arc;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper, SqliteConnection, sql_types::BigInt,
};
use lectern_application::ports::{SaveOutcome, SessionView, StoreError};
use lectern_domain::{
    account::UserId,
    session::{Generation, Session, SessionId},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{RoleRow, SessionProgress, SessionRow, SessionValues, UserRow, account_view},
    schema::{roles, sessions, users},
};

pub(crate) fn insert(connection: &mut SqliteConnection, session: &Session) -> Result<(), Failure> {
    diesel::insert_into(sessions::table).values(SessionValues::from(session)).execute(connection)?;
    Ok(())
}

pub(crate) fn by_id(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<Session>, Failure> {
    let row = sessions::table
        .find(id.0.as_bytes().as_slice())
        .select(SessionRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(Session::try_from).transpose()?)
}

pub(crate) fn save(
    connection: &mut SqliteConnection,
    session: &Session,
    expected: Generation,
) -> Result<SaveOutcome, Failure> {
    let as_expected = sessions::id
        .eq(session.parts().id.0.as_bytes().as_slice())
        .and(sessions::generation.eq(i64::from(expected.0)));
    let saved = diesel::update(sessions::table)
        .filter(as_expected)
        .set(SessionProgress::from(session))
        .execute(connection)?;
    Ok(if saved == 0 { SaveOutcome::Stale } else { SaveOutcome::Saved })
}

pub(crate) fn live(
    connection: &mut SqliteConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Failure> {
    let rows = sessions::table
        .filter(sessions::user_id.eq(user.0.as_bytes().as_slice()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now.as_micros()))
        .order((sessions::last_seen_at, sessions::id))
        .select(SessionRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Session::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) fn purge(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE over_at < ? ORDER BY over_at LIMIT ?)",
    )
    .bind::<BigInt, _>(before.as_micros())
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)?;
    purged.try_into().map_err(Failure::unstorable)
}

pub(crate) fn view(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<SessionView>, Failure> {
    let row = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(sessions::id.eq(id.0.as_bytes().as_slice()))
        .select((SessionRow::as_select(), (UserRow::as_select(), RoleRow::as_select())))
        .first(connection)
        .optional()?;
    let Some((session, account)) = row else { return Ok(None) };
    Ok(Some(SessionView { session: session.try_into()?, account: Arc::new(account_view(account)?.into()) }))
}
