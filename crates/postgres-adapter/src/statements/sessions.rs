//! Sessions. Whoever reads one in a transaction has its account locked before it: a refresh, which knows only the session,
//! and an administrator, who begins with the account, then never wait for each other.

use std::sync::Arc;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, SelectableHelper,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{SaveOutcome, SessionView, StoreError};
use lectern_domain::{
    account::UserId,
    session::{Generation, Session, SessionId},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{At, RoleRow, SessionProgress, SessionRow, SessionValues, UserRow, account_view},
    schema::{roles, sessions, users},
};

pub(crate) async fn insert(connection: &mut AsyncPgConnection, session: &Session) -> Result<(), Failure> {
    diesel::insert_into(sessions::table).values(SessionValues::from(session)).execute(connection).await?;
    Ok(())
}

/// Rows are locked in the order in which their tables are named.
pub(crate) async fn by_id(
    connection: &mut AsyncPgConnection,
    id: SessionId,
) -> Result<Option<Session>, Failure> {
    let row = users::table
        .inner_join(sessions::table.on(sessions::user_id.eq(users::id)))
        .filter(sessions::id.eq(id.0))
        .select(SessionRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(Session::try_from).transpose()?)
}

pub(crate) async fn save(
    connection: &mut AsyncPgConnection,
    session: &Session,
    expected: Generation,
) -> Result<SaveOutcome, Failure> {
    let as_expected =
        sessions::id.eq(session.parts().id.0).and(sessions::generation.eq(i64::from(expected.0)));
    let saved = diesel::update(sessions::table.filter(as_expected))
        .set(SessionProgress::from(session))
        .execute(connection)
        .await?;
    Ok(if saved == 0 { SaveOutcome::Stale } else { SaveOutcome::Saved })
}

/// To be kept as they are, with the account.
pub(crate) async fn live_held(
    connection: &mut AsyncPgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Failure> {
    let rows = users::table
        .inner_join(sessions::table.on(sessions::user_id.eq(users::id)))
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(At(now)))
        .order((sessions::last_seen_at, sessions::id))
        .select(SessionRow::as_select())
        .for_no_key_update()
        .load(connection)
        .await?;
    sessions_of(rows)
}

pub(crate) async fn live(
    connection: &mut AsyncPgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Failure> {
    let rows = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(At(now)))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(connection)
        .await?;
    sessions_of(rows)
}

fn sessions_of(rows: Vec<SessionRow>) -> Result<Vec<Session>, Failure> {
    Ok(rows.into_iter().map(Session::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM sessions WHERE id = ANY (ARRAY (\
             SELECT id FROM sessions WHERE over_at < $1 ORDER BY over_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(At(before))
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)
    .await?;
    purged.try_into().map_err(Failure::unstorable)
}

pub(crate) async fn view(
    connection: &mut AsyncPgConnection,
    id: SessionId,
) -> Result<Option<SessionView>, Failure> {
    let row = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .inner_join(roles::table.on(roles::name.eq(users::role)))
        .filter(sessions::id.eq(id.0))
        .select((SessionRow::as_select(), (UserRow::as_select(), RoleRow::as_select())))
        .first(connection)
        .await
        .optional()?;
    let Some((session, account)) = row else { return Ok(None) };
    Ok(Some(SessionView { session: session.try_into()?, account: Arc::new(account_view(account)?.into()) }))
}
