//! The server of the database, if it has one: what is in the database is looked at elsewhere.

use std::{num::NonZeroUsize, time::Duration};

use lectern_application::ports::Clock as _;
use lectern_domain::time::Timestamp;
use lectern_postgres_adapter::{Pooling, PostgresDatabase, PostgresSettings, ServerReport};
use lectern_security_adapter::SystemClock;

use super::{Finding, chain, drift};
use crate::config::{DatabaseUrl, Settings};

/// Clocks that differ by more are a sign that one of them isn't kept right.
const FAR: Duration = Duration::from_secs(5);
/// What a replica takes besides its pool, at times: migrations, and the check of all ledgers.
const BESIDES: u64 = 2;

/// Looks at it, if there is one that can be reached; whether it can is said elsewhere.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let DatabaseUrl::Postgres(url) = &settings.database else { return Vec::new() };
    let opening = PostgresSettings { connections: NonZeroUsize::MIN, ..PostgresSettings::at(url.clone()) };
    let Ok(database) = PostgresDatabase::open(&opening).await else { return Vec::new() };
    match database.examine_server().await {
        Ok(report) => {
            let now = SystemClock.now();
            vec![version(&report), connections(&report, settings.database_connections), clock(&report, now)]
        }
        Err(error) => vec![Finding::problem(
            "postgresql",
            chain(&error),
            "See to PostgreSQL; the server of Lectern waits for it.",
        )],
    }
}

fn version(report: &ServerReport) -> Finding {
    const CHECK: &str = "postgresql";
    let version = format!("version {}", report.version);
    match report.pooling {
        Pooling::None => Finding::ok(CHECK, version),
        Pooling::ByTransaction => Finding::warning(
            CHECK,
            format!("{version}, behind something that pools connections by transaction, such as PgBouncer"),
            "Use PgBouncer 1.21 or later with max_prepared_statements, set the role's statement_timeout and lock_timeout by \
             ALTER ROLE … SET, and migrate over a direct connection.",
        ),
    }
}

fn connections(report: &ServerReport, of_a_replica: NonZeroUsize) -> Finding {
    const CHECK: &str = "connections";
    let takes = u64::try_from(of_a_replica.get()).unwrap_or(u64::MAX).saturating_add(BESIDES);
    let replicas = report.connections / takes;
    let what = format!(
        "PostgreSQL has {} for clients, a replica takes up to {takes}: room for {replicas} replicas",
        report.connections
    );
    match replicas {
        0 => Finding::problem(CHECK, what, "Lower LECTERN_DATABASE_CONNECTIONS, or raise max_connections."),
        1 => Finding::warning(
            CHECK,
            what,
            "For more replicas, and while one replaces another, lower LECTERN_DATABASE_CONNECTIONS or raise \
             max_connections.",
        ),
        _ => Finding::ok(CHECK, what),
    }
}

fn clock(report: &ServerReport, now: Timestamp) -> Finding {
    const CHECK: &str = "clock of postgresql";
    let drift = drift(report.time, now);
    if drift > FAR {
        return Finding::warning(
            CHECK,
            format!("is {} s away from that of this machine", drift.as_secs()),
            "Have both kept right (by NTP): which replica has a duty is decided by the one, all else by the other.",
        );
    }
    Finding::ok(CHECK, "agrees with that of this machine")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn report(connections: u64, seconds: u64, pooling: Pooling) -> ServerReport {
        let time = Timestamp::from_micros(0).plus(Duration::from_secs(seconds));
        ServerReport { version: "15.1".to_owned(), connections, time, pooling }
    }

    #[test]
    fn connections_must_do_for_two_replicas() {
        let twenty = NonZeroUsize::new(20).unwrap();
        for (there_are, verdict) in
            [(21, Verdict::Problem), (22, Verdict::Warning), (43, Verdict::Warning), (44, Verdict::Ok)]
        {
            assert_eq!(
                connections(&report(there_are, 0, Pooling::None), twenty).verdict,
                verdict,
                "{there_are}"
            );
        }
    }

    #[test]
    fn clocks_that_differ_are_a_warning() {
        let now = Timestamp::from_micros(0).plus(Duration::from_secs(100));
        for (seconds, verdict) in
            [(100, Verdict::Ok), (95, Verdict::Ok), (94, Verdict::Warning), (106, Verdict::Warning)]
        {
            assert_eq!(clock(&report(99, seconds, Pooling::None), now).verdict, verdict, "{seconds}");
        }
    }

    #[test]
    fn a_pool_by_transaction_is_a_warning() {
        assert_eq!(version(&report(99, 0, Pooling::ByTransaction)).verdict, Verdict::Warning);
    }
}
