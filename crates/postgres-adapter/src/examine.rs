//! What a server is like, for whoever looks after the service.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use lectern_application::ports::StoreError;
use lectern_domain::time::Timestamp;

use crate::{
    PostgresDatabase,
    connection::{Connection, Pace},
    failure::Failure,
    rows::At,
};

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerReport {
    /// Its version.
    pub version: String,
    /// The connections that clients can have there, but for those that are kept for superusers.
    pub connections: u64,
    /// What time it is there.
    pub time: Timestamp,
    /// Whether connections of ours are connections of the server's.
    pub pooling: Pooling,
}

/// What is between this program and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Nothing that shows.
    None,
    /// Something that gives the server's connections to others after each transaction, as `PgBouncer` does.
    ByTransaction,
}

#[derive(QueryableByName)]
struct About {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = BigInt)]
    connections: i64,
    #[diesel(sql_type = Timestamptz)]
    now: At,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

const ABOUT: &str = "SELECT current_setting('server_version') AS version, \
     current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint \
     - coalesce(current_setting('reserved_connections', true), '0')::bigint AS connections, \
     clock_timestamp() AS now";

impl PostgresDatabase {
    /// What the server is like. Takes two connections beside the pool.
    pub async fn examine_server(&self) -> Result<ServerReport, StoreError> {
        let mut one = self.beside_the_pool().await?;
        let mut other = self.beside_the_pool().await?;
        let examined = examined(&mut one.diesel, &mut other.diesel).await;
        examined.map_err(|failure| failure.explained(one.refusals.take().as_ref()))
    }

    async fn beside_the_pool(&self) -> Result<Connection, StoreError> {
        Ok(self.connector().connect(Pace::Prompt).await?)
    }
}

async fn examined(
    one: &mut AsyncPgConnection,
    other: &mut AsyncPgConnection,
) -> Result<ServerReport, Failure> {
    let about: About = diesel::sql_query(ABOUT).get_result(one).await?;
    // If what served the first connection serves the second one a moment later, neither has a connection of its own.
    let first = backend(one).await?;
    other.batch_execute("BEGIN").await?;
    let second = backend(other).await?;
    other.batch_execute("ROLLBACK").await?;
    Ok(ServerReport {
        version: about.version,
        connections: u64::try_from(about.connections).unwrap_or_default(),
        time: about.now.0,
        pooling: if first == second { Pooling::ByTransaction } else { Pooling::None },
    })
}

async fn backend(connection: &mut AsyncPgConnection) -> Result<i32, Failure> {
    let backend: Backend = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(connection).await?;
    Ok(backend.pid)
}
