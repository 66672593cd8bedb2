//! The server's log.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Binary, Integer, Text},
    sqlite::Sqlite,
};
use lectern_application::ports::{LogFilter, Page, PageRequest};
use lectern_domain::{
    log::{LogEntry, LogLevel},
    time::Timestamp,
};

use super::lists::{Listed, offset, paged};
use crate::{
    failure::Failure,
    rows::{LogRow, LogValues},
    schema::{log_entries, log_size},
};

/// One prepared statement, run for each entry: quicker than any that takes several.
pub(crate) fn append(connection: &mut SqliteConnection, entries: &[LogEntry]) -> Result<(), Failure> {
    let mut appended = 0;
    for entry in entries {
        appended += diesel::insert_into(log_entries::table)
            .values(LogValues::from(entry))
            .on_conflict(log_entries::id)
            .do_nothing()
            .execute(connection)?;
    }
    grow(connection, i64::try_from(appended).map_err(Failure::unstorable)?)
}

/// Notes how many entries there are more, or fewer: they are too many to be counted each time.
fn grow(connection: &mut SqliteConnection, by: i64) -> Result<(), Failure> {
    diesel::update(log_size::table).set(log_size::entries.eq(log_size::entries + by)).execute(connection)?;
    Ok(())
}

pub(crate) fn purge_beyond(connection: &mut SqliteConnection, most: u64, limit: u32) -> Result<u32, Failure> {
    let entries: i64 = log_size::table.select(log_size::entries).first(connection)?;
    let excess = u64::try_from(entries).unwrap_or(0).saturating_sub(most);
    // Whenever they are from.
    purge(connection, Timestamp::from_micros(i64::MAX), u32::try_from(excess).unwrap_or(u32::MAX).min(limit))
}

pub(crate) fn purge(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM log_entries WHERE id IN (SELECT id FROM log_entries WHERE at < ? ORDER BY at LIMIT ?)",
    )
    .bind::<BigInt, _>(before.as_micros())
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)?;
    grow(connection, i64::try_from(purged).map_err(Failure::unstorable)?.saturating_neg())?;
    purged.try_into().map_err(Failure::unstorable)
}

/// The lines that are at least so bad. The first of the conditions is word for word that of `log_entries_trouble`, else the
/// index is not used.
const fn at_least(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Info => "TRUE",
        LogLevel::Warn => "level IN ('warn', 'error')",
        LogLevel::Error => "level IN ('warn', 'error') AND level = 'error'",
    }
}

/// Only the conditions that are asked for are part of the statement, so that each has the index that suits it. `?1` and `?2`
/// are the page.
pub(crate) fn entries(
    connection: &mut SqliteConnection,
    filter: &LogFilter,
    page: PageRequest,
) -> Result<Page<LogEntry>, Failure> {
    let conditions = [
        filter.since.map(|_| "at >= ?_"),
        filter.until.map(|_| "at < ?_"),
        filter.request_id.map(|_| "request_id = ?_"),
        filter.route.as_ref().map(|_| "route = ?_"),
        filter.status.map(|_| "status = ?_"),
        filter.message.as_ref().map(|_| "instr(lower(message), lower(?_)) > 0"),
    ];
    let numbered = conditions.into_iter().flatten().zip(3..);
    let wanted = numbered
        .fold(at_least(filter.level.unwrap_or(LogLevel::Info)).to_owned(), |all, (one, number)| {
            format!("{all} AND {}", one.replace("?_", &format!("?{number}")))
        });
    let mut statement = diesel::sql_query(format!(
        "WITH page (id) AS (\
             SELECT id FROM log_entries WHERE {wanted} ORDER BY at DESC, id DESC LIMIT ?1 OFFSET ?2\
         ) \
         SELECT counted.total, log_entries.* \
         FROM (SELECT count(*) AS total FROM log_entries WHERE {wanted}) AS counted LEFT JOIN page \
         LEFT JOIN log_entries ON log_entries.id = page.id \
         ORDER BY log_entries.at DESC, log_entries.id DESC"
    ))
    .into_boxed::<Sqlite>()
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page));
    for time in [filter.since, filter.until].into_iter().flatten() {
        statement = statement.bind::<BigInt, _>(time.as_micros());
    }
    if let Some(id) = filter.request_id {
        statement = statement.bind::<Binary, _>(id.as_bytes().to_vec());
    }
    if let Some(route) = &filter.route {
        statement = statement.bind::<Text, _>(route.as_str());
    }
    if let Some(status) = filter.status {
        statement = statement.bind::<Integer, _>(i32::from(status));
    }
    if let Some(part) = &filter.message {
        statement = statement.bind::<Text, _>(part.as_str());
    }
    paged(page, statement.load::<Listed<LogRow>>(connection)?)
}
