//! Challenges. Whoever reads one in a transaction has its account locked before it, as those have who remove all challenges
//! of an account.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    result::Error,
    sql_types::{BigInt, Binary, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, Purpose},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{At, ChallengeProgress, ChallengeRow, ChallengeValues, purpose_name},
    schema::challenges,
};

pub(crate) async fn insert(connection: &mut AsyncPgConnection, challenge: &Challenge) -> Result<(), Failure> {
    diesel::insert_into(challenges::table)
        .values(ChallengeValues::from(challenge))
        .execute(connection)
        .await?;
    Ok(())
}

/// Two statements, because a challenge of nobody has no account to be locked together with it. Whose it is never changes.
pub(crate) async fn by_id(
    connection: &mut AsyncPgConnection,
    id: ChallengeId,
) -> Result<Option<Challenge>, Failure> {
    diesel::sql_query(
        "SELECT 1 FROM users WHERE id = (SELECT user_id FROM challenges WHERE id = $1) FOR NO KEY UPDATE",
    )
    .bind::<Binary, _>(id.0.as_slice())
    .execute(connection)
    .await?;
    let row = challenges::table
        .find(id.0.as_slice())
        .select(ChallengeRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(Challenge::try_from).transpose()?)
}

pub(crate) async fn save(connection: &mut AsyncPgConnection, challenge: &Challenge) -> Result<(), Failure> {
    let saved = diesel::update(challenges::table.find(challenge.parts().id.0.as_slice()))
        .set(ChallengeProgress::from(challenge))
        .execute(connection)
        .await?;
    if saved == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

/// Whoever looks at an address's challenges decides whether there may be another. So they take turns, and need not lock the
/// challenges themselves.
pub(crate) async fn live(
    connection: &mut AsyncPgConnection,
    purpose: Purpose,
    address: &AddressDigest,
    now: Timestamp,
) -> Result<Vec<Challenge>, Failure> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1 || encode($2, 'hex'), 0))")
        .bind::<Text, _>(purpose_name(purpose))
        .bind::<Binary, _>(address.0.as_slice())
        .execute(connection)
        .await?;
    let rows = challenges::table
        .filter(challenges::address.eq(address.0.as_slice()))
        .filter(challenges::purpose.eq(purpose_name(purpose)))
        .filter(challenges::expires_at.gt(At(now)))
        .select(ChallengeRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Challenge::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) async fn remove(
    connection: &mut AsyncPgConnection,
    account: UserId,
    purpose: Purpose,
) -> Result<(), Failure> {
    diesel::delete(challenges::table)
        .filter(challenges::user_id.eq(account.0))
        .filter(challenges::purpose.eq(purpose_name(purpose)))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM challenges WHERE id = ANY (ARRAY (\
             SELECT id FROM challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(At(before))
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)
    .await?;
    purged.try_into().map_err(Failure::unstorable)
}
