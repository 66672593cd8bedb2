//! Reads server-sent events (WHATWG HTML, section 9.2).

use std::io::{self, BufRead};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Where to go on after the connection is lost.
    pub(crate) id: Option<String>,
    /// What it is about; `message` unless the server says otherwise.
    pub(crate) name: String,
    /// Its content.
    pub(crate) data: String,
}

/// The events in a stream, as they come. Comments, which keep a connection alive, are left out.
pub(crate) struct Events<R> {
    lines: io::Lines<R>,
    last_id: Option<String>,
}

impl<R: BufRead> Events<R> {
    /// Reads from `stream`.
    pub(crate) fn new(stream: R) -> Self {
        Self { lines: stream.lines(), last_id: None }
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = io::Result<Event>;

    /// The next event; an unfinished one at the stream's end is dropped, as the standard says.
    fn next(&mut self) -> Option<Self::Item> {
        let mut name = String::new();
        let mut data: Vec<String> = Vec::new();
        loop {
            let line = match self.lines.next()? {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            if line.is_empty() {
                if data.is_empty() {
                    name.clear();
                    continue;
                }
                let name = if name.is_empty() { "message".to_owned() } else { name };
                return Some(Ok(Event { id: self.last_id.clone(), name, data: data.join("\n") }));
            }
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut name),
                "data" => data.push(value.to_owned()),
                "id" => self.last_id = Some(value.to_owned()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &str) -> Vec<Event> {
        Events::new(stream.as_bytes()).map(Result::unwrap).collect()
    }

    fn event(id: Option<&str>, name: &str, data: &str) -> Event {
        Event { id: id.map(str::to_owned), name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_have_an_id_a_name_and_data() {
        let stream = "id: 7\nevent: progress\ndata: {\"done\":1}\n\nevent:state\ndata:x\n\n";
        assert_eq!(
            read(stream),
            [event(Some("7"), "progress", "{\"done\":1}"), event(Some("7"), "state", "x")]
        );
    }

    #[test]
    fn lines_of_data_are_joined_and_carriage_returns_belong_to_the_line_end() {
        assert_eq!(read("data: a\r\ndata:  b\r\n\r\n"), [event(None, "message", "a\n b")]);
    }

    #[test]
    fn comments_unknown_fields_and_events_without_data_are_left_out() {
        assert_eq!(read(": alive\n\nretry: 5\n\nevent: state\n\ndata: a\n\n"), [event(None, "message", "a")]);
    }

    #[test]
    fn an_unfinished_event_is_dropped() {
        assert_eq!(read("data: a\n\ndata: b\n"), [event(None, "message", "a")]);
    }
}
