//! Slow statements, in the log.

use diesel::connection::{Instrumentation, InstrumentationEvent};
use lectern_application::slow_queries::StatementWatch;

/// Watches a connection's statements, and logs those that are slow: within the span of whoever asked, without the values
/// that are bound.
pub(crate) struct SlowStatements(pub(crate) StatementWatch);

impl Instrumentation for SlowStatements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.0.begin(),
            InstrumentationEvent::FinishQuery { query, .. } => {
                if let Some(slow) = self.0.end(&query) {
                    tracing::warn!(
                        duration_ms = slow.duration_ms,
                        statement = slow.statement,
                        left_out = slow.left_out,
                        "a statement was slow"
                    );
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use diesel::{
        QueryableByName, RunQueryDsl, sql_query,
        sql_types::{BigInt, Text},
    };
    use lectern_application::slow_queries::SlowQueries;

    use crate::connection::{Access, connect};

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged while SQLite counts for quite a while, under such a threshold.
    fn logged(threshold: Option<Duration>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lectern.db");
        let slow = SlowQueries::new(threshold);
        let mut connection = connect(path.to_str().unwrap(), Access::Write, &slow).unwrap();
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("request", id = "the-id").in_scope(|| {
                let counted: Count = sql_query(
                    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500000) \
                     SELECT count(*) AS count FROM numbers WHERE ? <> ''",
                )
                .bind::<Text, _>("s3cr3t")
                .get_result(&mut connection)
                .unwrap();
                assert_eq!(counted.count, 500_000);
            });
        });
        let log = log.0.lock().unwrap().clone();
        String::from_utf8(log).unwrap()
    }

    #[test]
    fn a_slow_statement_is_logged_within_its_span_and_without_its_values() {
        let log = logged(Some(Duration::from_millis(5)));
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(
            log.contains("WARN") && log.contains("WITH RECURSIVE numbers") && log.contains("the-id"),
            "{log}"
        );
        assert!(!log.contains("s3cr3t") && !log.contains("binds"), "{log}");
    }

    #[test]
    fn other_statements_are_not() {
        assert_eq!(logged(Some(Duration::from_hours(1))), "");
        assert_eq!(logged(None), "");
    }
}
