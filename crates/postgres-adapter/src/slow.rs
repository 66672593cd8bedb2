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
