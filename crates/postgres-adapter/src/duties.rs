//! The port [`Duties`]: leases in a table, by the database's clock.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{Claim, Duties, Duty, ReplicaId, StoreError};

use crate::{PostgresDatabase, database::read, failure::Failure};

#[async_trait]
impl Duties for PostgresDatabase {
    async fn claim(&self, duty: Duty, replica: ReplicaId, lease: Duration) -> Result<Claim, StoreError> {
        read!(self, async |connection| claim(connection, duty, replica, lease).await)
    }

    async fn give_back(&self, duty: Duty, replica: ReplicaId) -> Result<(), StoreError> {
        read!(self, async |connection| give_back(connection, duty, replica).await)
    }
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    held: i64,
}

/// One statement, which may be run twice: who has the duty already keeps it. Time is the clock's and not the
/// transaction's, because the statement may have waited for another's.
async fn claim(
    connection: &mut AsyncPgConnection,
    duty: Duty,
    replica: ReplicaId,
    lease: Duration,
) -> Result<Claim, Failure> {
    let micros = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    let Held { held } = diesel::sql_query(
        "WITH claimed AS (
            INSERT INTO duties (name, replica, held_until)
            VALUES ($1, $2, clock_timestamp() + $3 * interval '1 microsecond')
            ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, held_until = excluded.held_until
            WHERE duties.replica = excluded.replica OR duties.held_until <= clock_timestamp()
            RETURNING name
         ) SELECT count(*) AS held FROM claimed",
    )
    .bind::<Text, _>(duty.name())
    .bind::<SqlUuid, _>(replica.0)
    .bind::<BigInt, _>(micros)
    .get_result(connection)
    .await?;
    Ok(if held == 1 { Claim::Held } else { Claim::Taken })
}

async fn give_back(
    connection: &mut AsyncPgConnection,
    duty: Duty,
    replica: ReplicaId,
) -> Result<(), Failure> {
    diesel::sql_query("DELETE FROM duties WHERE name = $1 AND replica = $2")
        .bind::<Text, _>(duty.name())
        .bind::<SqlUuid, _>(replica.0)
        .execute(connection)
        .await?;
    Ok(())
}
