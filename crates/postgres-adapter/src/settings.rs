//! Where the database is, and how it is used.

use std::{num::NonZeroUsize, time::Duration};

use secrecy::SecretString;

/// Where the database is, and how it is used. `Debug` does not show the URL, which may hold a password.
///
/// # The URL
///
/// `postgres://user:password@host:port/database?option=value&…`, as `libpq` takes it, with several hosts if need be
/// (`target_session_attrs=read-write` finds the primary). `sslmode` is
///
/// - `disable`, `allow` or `prefer` (the default): not encrypted;
/// - `require`, `verify-ca` or `verify-full`: encrypted by TLS 1.2 or later, and the server's certificate must be valid for
///   the host's name. That is more than `libpq` asks for with the first two: a connection that anybody in between could
///   take over protects nothing. `sslrootcert=/path/to/ca.pem` names the authorities to trust; without it they are those of
///   the system.
///
/// # `PgBouncer`
///
/// With a pool in transaction mode use 1.21 or later with `max_prepared_statements` set, give the role its timeouts by
/// `ALTER ROLE … SET`, because those of a connection don't stay with it, and migrate over a direct connection.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// The database.
    pub url: SecretString,
    /// The most connections at once: so many units of work and queries run at the same time. Those of all replicas together
    /// must fit into the server's `max_connections`.
    pub connections: NonZeroUsize,
    /// How long a unit of work or a query waits for a connection before it is unavailable.
    pub wait: Duration,
    /// How long it may take to connect.
    pub connect_timeout: Duration,
    /// How long a statement may take; more than nothing. A server that has not ended it when as long as connecting may take
    /// has passed, too, is given up.
    pub statement_timeout: Duration,
    /// How long a statement waits for another unit.
    pub lock_timeout: Duration,
    /// How long a unit may keep its locks without doing anything: of a replica that hangs, others wait no longer for them.
    pub idle_in_transaction_timeout: Duration,
    /// Statements that take longer are logged. `None`: none is.
    pub slow_statement: Option<Duration>,
}

impl PostgresSettings {
    /// The connections that there are at most, unless configured otherwise.
    pub const CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(19);

    /// The database at `url`, over at most 20 connections. Ten seconds of patience for a connection and for a statement,
    /// five for connecting and for a lock, thirty for a unit that does nothing.
    pub fn at(url: SecretString) -> Self {
        Self {
            url,
            connections: Self::CONNECTIONS,
            wait: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(30),
            slow_statement: None,
        }
    }

    /// How long the server may say nothing before it counts as gone: longer than it takes to end a statement and to tell.
    pub(crate) fn patience(&self) -> Duration {
        self.statement_timeout.saturating_add(self.connect_timeout)
    }
}
