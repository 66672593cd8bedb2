//! From a line of the log, as JSON, to the entry that is kept of it.

use std::time::Duration;

use lectern_domain::{
    log::{LogEntry, LogEntryId, LogFields, LogLevel, LogText},
    time::Timestamp,
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

type Members = Map<String, Value>;

/// The span that says which request a line is about.
const REQUEST: &str = "request";

/// The entry of a line, or `None` if it is no line of the log.
pub(super) fn entry(id: LogEntryId, line: &[u8]) -> Option<LogEntry> {
    let mut event: Members = serde_json::from_slice(line).ok()?;
    let at = timestamp(event.remove("timestamp")?.as_str()?)?;
    let level = LogLevel::parse(event.remove("level")?.as_str()?)?;
    let target = LogText::cut(event.remove("target")?.as_str()?);
    let message = text(event.remove("message").unwrap_or_default());
    let mut spans = spans(&mut event);
    let mut request = spans
        .iter()
        .position(|span| span.get("name").and_then(Value::as_str) == Some(REQUEST))
        .map(|at| spans.remove(at))
        .unwrap_or_default();
    // What fails says itself of which request.
    let (own_id, own_status) = (event.remove("request_id"), event.remove("status"));
    let request_id = request.remove("id").or(own_id);
    let status = request.remove("status").or(own_status);
    let named = |value: Option<Value>| Some(LogText::cut(value?.as_str()?));
    for span in &mut spans {
        span.remove("name");
    }
    let fields = spans.into_iter().chain([event]).flatten();
    Some(LogEntry {
        id,
        at,
        level,
        target,
        message: LogText::cut(&message),
        request_id: request_id.and_then(|id| Uuid::try_parse(id.as_str()?).ok()),
        method: named(request.remove("method")),
        route: named(request.remove("route")),
        status: status.and_then(|status| status.as_u64()?.try_into().ok()),
        duration: request.remove("duration_ms").and_then(|span| micros(span.as_f64()?)),
        fields: LogFields::first_of(fields.map(|(name, value)| (name, text(value)))),
    })
}

/// The spans that a line is within, the outermost first.
fn spans(event: &mut Members) -> Vec<Members> {
    let innermost = event.remove("span");
    let all = match event.remove("spans") {
        Some(Value::Array(spans)) => spans,
        _ => innermost.into_iter().collect(),
    };
    let spans = all.into_iter().filter_map(|span| match span {
        Value::Object(members) => Some(members),
        _ => None,
    });
    spans.collect()
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let nanos = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
    i64::try_from(nanos.div_euclid(1000)).ok().map(Timestamp::from_micros)
}

/// Milliseconds, rounded to the microsecond.
fn micros(milliseconds: f64) -> Option<Duration> {
    let span =
        Duration::try_from_secs_f64(milliseconds / 1e3).ok()?.saturating_add(Duration::from_nanos(500));
    u64::try_from(span.as_micros()).ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use lectern_actix_http::REQUEST_LOG;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::logging::{json::JsonLog, kept};

    const ID: LogEntryId = LogEntryId(Uuid::nil());

    /// The entry of the one line that is logged.
    fn entry_of(log: impl FnOnce()) -> LogEntry {
        let (lines, mut taken, _) = kept::begin(1);
        let subscriber = tracing_subscriber::registry().with(JsonLog(lines));
        tracing::subscriber::with_default(subscriber, log);
        entry(ID, &taken.try_recv().unwrap()).unwrap()
    }

    fn fields(entry: &LogEntry) -> Vec<(&str, &str)> {
        entry.fields.iter().collect()
    }

    #[test]
    fn the_line_of_a_request_says_what_came_of_it() {
        let request_id = Uuid::from_u128(7);
        let entry = entry_of(|| {
            let span = tracing::info_span!(
                "request",
                method = "GET",
                route = "/v1/me",
                status = 200_u16,
                duration_ms = 0.412,
                id = request_id.to_string()
            );
            tracing::info!(target: REQUEST_LOG, parent: &span, "served");
        });
        let texts = [&entry.target, &entry.message].map(LogText::as_str);
        assert_eq!((entry.level, texts), (LogLevel::Info, [REQUEST_LOG, "served"]));
        assert_eq!((entry.request_id, entry.status), (Some(request_id), Some(200)));
        let [method, route] = [&entry.method, &entry.route].map(|text| text.as_ref().map(LogText::as_str));
        assert_eq!((method, route), (Some("GET"), Some("/v1/me")));
        assert_eq!(entry.duration, Some(Duration::from_micros(412)));
        assert_eq!(fields(&entry), []);
    }

    #[test]
    fn a_warning_within_a_request_is_found_by_its_id() {
        let request_id = Uuid::from_u128(7);
        let entry = entry_of(|| {
            let span =
                tracing::info_span!("request", method = "PUT", route = "/", id = request_id.to_string());
            let inner = span.in_scope(|| tracing::info_span!("inner", step = 2));
            inner.in_scope(|| tracing::warn!(target: "lectern", error = "no room", "failed"));
        });
        assert_eq!((entry.request_id, entry.level), (Some(request_id), LogLevel::Warn));
        assert_eq!(fields(&entry), [("error", "no room"), ("step", "2")]);
    }

    #[test]
    fn a_failure_that_names_its_request_is_found_by_its_id_and_status() {
        let request_id = Uuid::from_u128(7).to_string();
        let entry = entry_of(
            || tracing::error!(target: "lectern", request_id, status = 503_u16, code = "busy", "failed"),
        );
        assert_eq!((entry.request_id, entry.status), (Some(Uuid::from_u128(7)), Some(503)));
        assert_eq!(fields(&entry), [("code", "busy")]);
    }

    #[test]
    fn a_line_about_no_request_has_none() {
        let entry = entry_of(|| tracing::warn!(target: "lectern", "out of luck"));
        assert_eq!((entry.request_id, entry.status, entry.duration), (None, None, None));
        assert_eq!((entry.method, entry.route), (None, None));
    }

    #[test]
    fn the_time_of_a_line_is_kept_to_the_microsecond() {
        let line =
            br#"{"timestamp":"2026-01-01T00:00:00.000001Z","level":"WARN","message":"m","target":"t"}"#;
        let at = entry(ID, line).unwrap().at;
        assert_eq!(at.as_micros(), 1_767_225_600_000_001);
    }

    #[test]
    fn what_is_no_line_is_no_entry() {
        for line in ["", "{}", "[]", "null", "{\"level\":\"WARN\"}"] {
            assert_eq!(entry(ID, line.as_bytes()), None, "{line}");
        }
        let of_a_lesser_level =
            br#"{"timestamp":"2026-01-01T00:00:00Z","level":"DEBUG","message":"m","target":"t"}"#;
        assert_eq!(entry(ID, of_a_lesser_level), None);
    }
}
