//! Lines of the log.

use std::{collections::BTreeMap, time::Duration};

use diesel::prelude::QueryableByName;
use lectern_application::ports::StoreError;
use lectern_domain::log::{LogEntry, LogEntryId, LogFields, LogLevel, LogText};
use serde_json::Value;
use uuid::Uuid;

use super::{At, Row};
use crate::schema::log_entries;

/// A whole line, as it was written.
#[derive(QueryableByName)]
#[diesel(table_name = log_entries)]
pub(crate) struct LogRow {
    id: Uuid,
    at: At,
    level: String,
    target: String,
    message: String,
    request_id: Option<Uuid>,
    method: Option<String>,
    route: Option<String>,
    status: Option<i32>,
    duration_us: Option<i64>,
    fields: Value,
}

impl TryFrom<LogRow> for LogEntry {
    type Error = StoreError;

    fn try_from(row: LogRow) -> Result<Self, StoreError> {
        let cells = Row { table: "log_entries", key: &row.id };
        let text = |text: String| LogText::cut(&text);
        let fields: BTreeMap<String, String> =
            cells.valid("fields", serde_json::from_value(row.fields).ok())?;
        Ok(Self {
            id: LogEntryId(row.id),
            at: row.at.0,
            level: cells.valid("level", LogLevel::parse(&row.level))?,
            target: text(row.target),
            message: text(row.message),
            request_id: row.request_id,
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
