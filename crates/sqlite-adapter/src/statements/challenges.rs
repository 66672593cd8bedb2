//! Challenges.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, SqliteConnection,
    result::Error, sql_types::BigInt,
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, Purpose},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{ChallengeProgress, ChallengeRow, ChallengeValues, purpose_name},
    schema::challenges,
};

pub(crate) fn insert(connection: &mut SqliteConnection, challenge: &Challenge) -> Result<(), Failure> {
    diesel::insert_into(challenges::table).values(ChallengeValues::from(challenge)).execute(connection)?;
    Ok(())
}

/// Nobody else can change it before the transaction ends, which holds the database's only write lock.
pub(crate) fn by_id(
    connection: &mut SqliteConnection,
    id: ChallengeId,
) -> Result<Option<Challenge>, Failure> {
    let row = challenges::table
        .find(id.0.as_slice())
        .select(ChallengeRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(Challenge::try_from).transpose()?)
}

pub(crate) fn save(connection: &mut SqliteConnection, challenge: &Challenge) -> Result<(), Failure> {
    let saved = diesel::update(challenges::table.find(challenge.parts().id.0.as_slice()))
        .set(ChallengeProgress::from(challenge))
        .execute(connection)?;
    if saved == 0 { Err(Error::NotFound.into()) } else { Ok(()) }
}

pub(crate) fn live(
    connection: &mut SqliteConnection,
    purpose: Purpose,
    address: &AddressDigest,
    now: Timestamp,
) -> Result<Vec<Challenge>, Failure> {
    let rows = challenges::table
        .filter(challenges::address.eq(address.0.as_slice()))
        .filter(challenges::purpose.eq(purpose_name(purpose)))
        .filter(challenges::expires_at.gt(now.as_micros()))
        .select(ChallengeRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Challenge::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) fn remove(
    connection: &mut SqliteConnection,
    account: UserId,
    purpose: Purpose,
) -> Result<(), Failure> {
    diesel::delete(challenges::table)
        .filter(challenges::user_id.eq(account.0.as_bytes().as_slice()))
        .filter(challenges::purpose.eq(purpose_name(purpose)))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn purge(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM challenges WHERE id IN \
         (SELECT id FROM challenges WHERE expires_at < ? ORDER BY expires_at LIMIT ?)",
    )
    .bind::<BigInt, _>(before.as_micros())
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)?;
    purged.try_into().map_err(Failure::unstorable)
}
