//! The log as JSON (RFC 8259), one object on each line.
//!
//! Every request is a line, so a line must cost little. The formatter of `tracing-subscriber` keeps a span's fields as
//! JSON that it parses for each line and each field that comes later, which takes longer than everything else about a
//! small request. Here fields are kept as they are written, and are only copied.
//!
//! ```json
//! {"timestamp":"…","level":"INFO","message":"served","target":"…","span":{"method":"GET","status":200,"name":"request"}}
//! ```
//!
//! A span within others is `span`, and all of them, the outermost first, are `spans`.

use std::fmt::{self, Write};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::{LookupSpan, SpanRef},
};

/// Fields as the members of an object, without its braces. A field that is recorded twice is there twice.
pub(super) struct Members;

/// An event as a line.
pub(super) struct Line;

impl<'w> FormatFields<'w> for Members {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        write_members(writer, true, |members| fields.record(members))
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let is_first = current.is_empty();
        write_members(current.as_writer(), is_first, |members| fields.record(members))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, Members> for Line {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Members>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\"", event.metadata().level())?;
        write_members(writer.by_ref(), false, |members| event.record(members))?;
        writer.write_str(",\"target\":")?;
        string(&mut writer, event.metadata().target())?;
        let mut scope = context.event_scope().into_iter().flatten();
        if let Some(span) = scope.next() {
            writer.write_str(",\"span\":")?;
            write_span(&mut writer, &span)?;
            if scope.next().is_some() {
                write_spans(&mut writer, context)?;
            }
        }
        writer.write_str("}\n")
    }
}

fn write_spans<S: Subscriber + for<'a> LookupSpan<'a>>(
    writer: &mut Writer<'_>,
    context: &FmtContext<'_, S, Members>,
) -> fmt::Result {
    writer.write_str(",\"spans\":[")?;
    let spans = context.event_scope().into_iter().flat_map(|scope| scope.from_root());
    for (index, span) in spans.enumerate() {
        if index > 0 {
            writer.write_char(',')?;
        }
        write_span(writer, &span)?;
    }
    writer.write_char(']')
}

fn write_span<S: for<'a> LookupSpan<'a>>(writer: &mut Writer<'_>, span: &SpanRef<'_, S>) -> fmt::Result {
    writer.write_char('{')?;
    if let Some(fields) = span.extensions().get::<FormattedFields<Members>>()
        && !fields.is_empty()
    {
        writer.write_str(fields)?;
        writer.write_char(',')?;
    }
    writer.write_str("\"name\":")?;
    string(writer, span.name())?;
    writer.write_char('}')
}

fn write_members(writer: Writer<'_>, is_first: bool, record: impl FnOnce(&mut dyn Visit)) -> fmt::Result {
    let mut members = MemberVisitor { writer, is_first, outcome: Ok(()) };
    record(&mut members);
    members.outcome
}

struct MemberVisitor<'w> {
    writer: Writer<'w>,
    is_first: bool,
    /// Visits answer nothing, so the first failure waits here.
    outcome: fmt::Result,
}

impl MemberVisitor<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.outcome.is_ok() {
            self.outcome = self.try_member(field, value);
        }
    }

    fn try_member(
        &mut self,
        field: &Field,
        value: impl FnOnce(&mut Writer<'_>) -> fmt::Result,
    ) -> fmt::Result {
        if !std::mem::take(&mut self.is_first) {
            self.writer.write_char(',')?;
        }
        // How a field is spelled whose name is a word of the language.
        let name = field.name();
        string(&mut self.writer, name.strip_prefix("r#").unwrap_or(name))?;
        self.writer.write_char(':')?;
        value(&mut self.writer)
    }
}

impl Visit for MemberVisitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON knows no infinity.
        self.member(field, |writer| {
            if value.is_finite() { write!(writer, "{value}") } else { writer.write_str("null") }
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |writer| string(writer, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, |writer| {
            writer.write_char('"')?;
            write!(Escaped(writer), "{value:?}")?;
            writer.write_char('"')
        });
    }
}

fn string(writer: &mut Writer<'_>, text: &str) -> fmt::Result {
    writer.write_char('"')?;
    Escaped(writer).write_str(text)?;
    writer.write_char('"')
}

/// The inside of a string: whatever is written to it comes out escaped (RFC 8259, section 7).
struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        // All that has to be escaped is ASCII, so no character of several bytes is cut.
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            let (plain, special) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut special = special.chars();
            match special.next() {
                Some(c @ ('"' | '\\')) => write!(self.0, "\\{c}")?,
                Some('\n') => self.0.write_str("\\n")?,
                Some(c) => write!(self.0, "\\u{:04x}", u32::from(c))?,
                None => {}
            }
            rest = special.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing::{Span, field::Empty};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The one line that is logged.
    fn line(log: impl FnOnce()) -> Value {
        let lines = Lines::default();
        let written = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(Members)
            .event_format(Line)
            .with_writer(move || lines.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.find('\n'), Some(text.len() - 1), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_line_says_when_how_bad_what_and_where() {
        let line = line(|| tracing::warn!("out of luck"));
        let time = line.get("timestamp").and_then(Value::as_str).unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
        assert_eq!(line.get("level"), Some(&json!("WARN")));
        assert_eq!(line.get("message"), Some(&json!("out of luck")));
        assert_eq!(line.get("target"), Some(&json!(module_path!())));
        assert_eq!(line.get("span"), None);
    }

    #[test]
    fn fields_keep_their_types() {
        let line = line(|| {
            tracing::info!(count = 1_u8, loss = -1, share = 0.5, none = f64::NAN, good = true, kind = "a", text = ?"b");
        });
        let fields =
            ["count", "loss", "share", "none", "good", "kind", "text"].map(|name| line.get(name).cloned());
        let expected =
            [json!(1), json!(-1), json!(0.5), Value::Null, json!(true), json!("a"), json!("\"b\"")];
        assert_eq!(fields, expected.map(Some));
    }

    #[test]
    fn no_text_breaks_out_of_its_string() {
        let texts = ["\"}\n{\"level\":\"ERROR\"", "\\", "\\\"", "\u{1b}[31m\r\t\0", "Ада 🦊\u{2028}", ""];
        for text in texts {
            let as_field = line(|| tracing::info!(text));
            assert_eq!(as_field.get("text"), Some(&json!(text)));
            let as_message = line(|| tracing::info!("{text}"));
            assert_eq!(as_message.get("message"), Some(&json!(text)));
            let in_span = line(|| tracing::info_span!("s", text).in_scope(|| tracing::info!("m")));
            assert_eq!(in_span.pointer("/span/text"), Some(&json!(text)));
        }
    }

    #[test]
    fn a_span_shows_what_was_recorded_later() {
        let line = line(|| {
            let span = tracing::info_span!("request", method = "GET", status = Empty, late = Empty);
            span.record("status", 200);
            span.record("late", "yes");
            tracing::info!(parent: &span, "served");
        });
        let expected = json!({"name": "request", "method": "GET", "status": 200, "late": "yes"});
        assert_eq!(line.get("span"), Some(&expected));
        assert_eq!(line.get("spans"), None);
    }

    #[test]
    fn a_span_may_begin_empty() {
        let line = line(|| {
            let span = tracing::info_span!("request", status = Empty);
            span.record("status", 404);
            tracing::info!(parent: &span, "served");
        });
        assert_eq!(line.get("span"), Some(&json!({"name": "request", "status": 404})));
    }

    #[test]
    fn spans_are_listed_from_the_outermost() {
        let line = line(|| {
            let within = |outer: Span| outer.in_scope(|| tracing::info_span!("inner"));
            within(tracing::info_span!("outer", id = 7)).in_scope(|| tracing::info!("here"));
        });
        assert_eq!(line.get("span"), Some(&json!({"name": "inner"})));
        assert_eq!(line.get("spans"), Some(&json!([{"name": "outer", "id": 7}, {"name": "inner"}])));
    }

    #[test]
    fn a_field_may_be_named_as_a_word_of_the_language() {
        let line = line(|| tracing::info!(r#type = "job", "m"));
        assert_eq!(line.get("type"), Some(&json!("job")));
    }
}
