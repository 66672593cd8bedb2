//! Lines of the log.

use std::{collections::BTreeMap, time::Duration};

use diesel::prelude::{Insertable, QueryableByName};
use lectern_application::ports::StoreError;
use lectern_domain::{
    log::{LogEntry, LogEntryId, LogFields, LogLevel, LogText},
    time::Timestamp,
};
use uuid::Uuid;

use super::{IdKey, Row};
use crate::schema::log_entries;

/// A whole line. What it doesn't say is written as NULL rather than left out, so that every line is the same statement.
#[derive(Insertable)]
#[diesel(table_name = log_entries, treat_none_as_default_value = false)]
pub(crate) struct LogValues<'a> {
    id: &'a [u8],
    at: i64,
    level: &'static str,
    target: &'a str,
    message: &'a str,
    request_id: Option<&'a [u8]>,
    method: Option<&'a str>,
    route: Option<&'a str>,
    status: Option<i32>,
    duration_us: Option<i64>,
    /// A JSON object of texts.
    fields: String,
}

impl<'a> From<&'a LogEntry> for LogValues<'a> {
    fn from(entry: &'a LogEntry) -> Self {
        let bytes = |id: &'a Uuid| id.as_bytes().as_slice();
        Self {
            id: bytes(&entry.id.0),
            at: entry.at.as_micros(),
            level: entry.level.as_str(),
            target: entry.target.as_str(),
            message: entry.message.as_str(),
            request_id: entry.request_id.as_ref().map(bytes),
            method: entry.method.as_ref().map(LogText::as_str),
            route: entry.route.as_ref().map(LogText::as_str),
            status: entry.status.map(i32::from),
            duration_us: entry.duration.map(|span| i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
            fields: fields(&entry.fields),
        }
    }
}

fn fields(fields: &LogFields) -> String {
    let named = fields.iter().map(|(name, text)| (name.to_owned(), text.into()));
    serde_json::Value::Object(named.collect()).to_string()
}

/// A whole line, as it was written.
#[derive(QueryableByName)]
#[diesel(table_name = log_entries)]
pub(crate) struct LogRow {
    id: Vec<u8>,
    at: i64,
    level: String,
    target: String,
    message: String,
    request_id: Option<Vec<u8>>,
    method: Option<String>,
    route: Option<String>,
    status: Option<i32>,
    duration_us: Option<i64>,
    fields: String,
}

impl TryFrom<LogRow> for LogEntry {
    type Error = StoreError;

    fn try_from(row: LogRow) -> Result<Self, StoreError> {
        let key = IdKey(&row.id);
        let cells = Row { table: "log_entries", key: &key };
        let text = |text: String| LogText::cut(&text);
        let fields: BTreeMap<String, String> =
            cells.valid("fields", serde_json::from_str(&row.fields).ok())?;
        Ok(Self {
            id: LogEntryId(cells.uuid("id", &row.id)?),
            at: Timestamp::from_micros(row.at),
            level: cells.valid("level", LogLevel::parse(&row.level))?,
            target: text(row.target),
            message: text(row.message),
            request_id: cells
                .optional("request_id", row.request_id, |bytes| Uuid::from_slice(&bytes).ok())?,
            method: row.method.map(text),
            route: row.route.map(text),
            status: cells.optional("status", row.status, |status| status.try_into().ok())?,
            duration: cells.optional("duration_us", row.duration_us, |micros| {
                micros.try_into().ok().map(Duration::from_micros)
            })?,
            fields: LogFields::first_of(fields),
        })
    }
}
