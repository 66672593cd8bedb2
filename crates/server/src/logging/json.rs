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

use std::{
    cell::Cell,
    fmt::{self, Write as _},
    io::Write as _,
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::{
        MakeWriter,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

/// Most lines are shorter.
const LINE_BYTES: usize = 512;
/// The fields of most spans are shorter.
const FIELDS_BYTES: usize = 192;

thread_local! {
    /// What this thread's lines are written in, one after the other.
    static LINE: Cell<String> = const { Cell::new(String::new()) };
}

/// Writes each event as a line.
pub(super) struct JsonLog<M>(pub(super) M);

/// A span's fields as the members of an object, each followed by a comma. One that is recorded twice is there twice.
struct SpanMembers(String);

impl<S, M> Layer<S> for JsonLog<M>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    M: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut members = String::with_capacity(FIELDS_BYTES);
        attributes.record(&mut Members(&mut members));
        span.extensions_mut().insert(SpanMembers(members));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(SpanMembers(members)) = span.extensions_mut().get_mut() {
            values.record(&mut Members(members));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // An event within an event, as of a value that logs when it is shown, finds no line and makes its own; so does
        // one at the very end of its thread.
        let mut line = LINE.try_with(Cell::take).unwrap_or_default();
        line.clear();
        line.reserve(LINE_BYTES);
        write_line(&mut line, event, &context);
        // There is nobody to tell that nobody can be told.
        let _ = self.0.make_writer_for(event.metadata()).write_all(line.as_bytes());
        let _ = LINE.try_with(|kept| kept.set(line));
    }
}

fn write_line<S: Subscriber + for<'a> LookupSpan<'a>>(
    line: &mut String,
    event: &Event<'_>,
    context: &Context<'_, S>,
) {
    line.push_str("{\"timestamp\":\"");
    // Strings always take what is written to them.
    let _ = SystemTime.format_time(&mut Writer::new(line));
    line.push_str("\",\"level\":\"");
    line.push_str(event.metadata().level().as_str());
    line.push_str("\",");
    event.record(&mut Members(line));
    line.push_str("\"target\":");
    write_string(line, event.metadata().target());
    if let Some(span) = context.event_span(event) {
        line.push_str(",\"span\":");
        write_span(line, &span);
        if span.parent().is_some() {
            line.push_str(",\"spans\":[");
            for span in span.scope().from_root() {
                write_span(line, &span);
                line.push(',');
            }
            // The comma after the last.
            line.pop();
            line.push(']');
        }
    }
    line.push_str("}\n");
}

fn write_span<S: for<'a> LookupSpan<'a>>(line: &mut String, span: &SpanRef<'_, S>) {
    line.push('{');
    if let Some(SpanMembers(members)) = span.extensions().get() {
        line.push_str(members);
    }
    line.push_str("\"name\":");
    write_string(line, span.name());
    line.push('}');
}

/// Writes fields as members, each followed by a comma.
struct Members<'a>(&'a mut String);

impl Members<'_> {
    fn member(&mut self, field: &Field, write_value: impl FnOnce(&mut String)) {
        // How a field is spelled whose name is a word of the language.
        let name = field.name();
        write_string(self.0, name.strip_prefix("r#").unwrap_or(name));
        self.0.push(':');
        write_value(self.0);
        self.0.push(',');
    }

    /// What looks in JSON as it looks anyway.
    fn plain(&mut self, field: &Field, value: impl fmt::Display) {
        self.member(field, |line| {
            let _ = write!(line, "{value}");
        });
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON knows no infinity.
        if value.is_finite() { self.plain(field, value) } else { self.plain(field, "null") }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |line| write_string(line, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, |line| {
            line.push('"');
            let _ = write!(Escaped(line), "{value:?}");
            line.push('"');
        });
    }
}

fn write_string(line: &mut String, text: &str) {
    line.push('"');
    escape(line, text);
    line.push('"');
}

/// The inside of a string: whatever is written to it comes out escaped.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

/// Escapes what would end the string or can't be in it (RFC 8259, section 7).
fn escape(line: &mut String, text: &str) {
    let mut rest = text;
    // All that has to be escaped is ASCII, so no character of several bytes is cut.
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, special) = rest.split_at(at);
        line.push_str(plain);
        let mut special = special.chars();
        match special.next() {
            Some(c @ ('"' | '\\')) => line.extend(['\\', c]),
            Some('\n') => line.push_str("\\n"),
            Some(c) => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            None => {}
        }
        rest = special.as_str();
    }
    line.push_str(rest);
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing::{Span, field::Empty};
    use tracing_subscriber::layer::SubscriberExt as _;

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
        let subscriber = tracing_subscriber::registry().with(JsonLog(move || lines.clone()));
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
