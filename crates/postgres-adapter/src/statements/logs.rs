//! The server's log.

use diesel::{
    ExpressionMethods, QueryDsl,
    pg::Pg,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{LogFilter, Page, PageRequest};
use lectern_domain::{
    log::{LogEntry, LogFields, LogLevel, LogText},
    time::Timestamp,
};
use serde_json::Value;

use super::lists::{Listed, offset, paged};
use crate::{
    failure::Failure,
    rows::{At, LogRow},
    schema::log_size,
};

/// One statement, the same for any number of entries, column by column.
const APPEND: &str = "\
    INSERT INTO log_entries \
        (id, at, level, target, message, request_id, method, route, status, duration_us, fields) \
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], \
        $8::text[], $9::integer[], $10::bigint[], $11::jsonb[]) \
    ON CONFLICT (id) DO NOTHING";

pub(crate) async fn append(connection: &mut AsyncPgConnection, entries: &[LogEntry]) -> Result<(), Failure> {
    fn column<'a, T>(entries: &'a [LogEntry], cell: impl Fn(&'a LogEntry) -> T) -> Vec<T> {
        entries.iter().map(cell).collect()
    }
    let text = |text: &'_ Option<LogText>| text.as_ref().map(|text| text.as_str().to_owned());
    let micros =
        |entry: &LogEntry| entry.duration.map(|span| i64::try_from(span.as_micros()).unwrap_or(i64::MAX));
    let appended = diesel::sql_query(APPEND)
        .bind::<Array<SqlUuid>, _>(column(entries, |entry| entry.id.0))
        .bind::<Array<Timestamptz>, _>(column(entries, |entry| At(entry.at)))
        .bind::<Array<Text>, _>(column(entries, |entry| entry.level.as_str()))
        .bind::<Array<Text>, _>(column(entries, |entry| entry.target.as_str()))
        .bind::<Array<Text>, _>(column(entries, |entry| entry.message.as_str()))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(entries, |entry| entry.request_id))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |entry| text(&entry.method)))
        .bind::<Array<Nullable<Text>>, _>(column(entries, |entry| text(&entry.route)))
        .bind::<Array<Nullable<Integer>>, _>(column(entries, |entry| entry.status.map(i32::from)))
        .bind::<Array<Nullable<BigInt>>, _>(column(entries, micros))
        .bind::<Array<Jsonb>, _>(column(entries, |entry| fields(&entry.fields)))
        .execute(connection)
        .await?;
    grow(connection, i64::try_from(appended).map_err(Failure::unstorable)?).await
}

/// Notes how many entries there are more, or fewer: they are too many to be counted each time. Always the last statement of
/// a transaction, as all others that change the log wait for it from here on.
async fn grow(connection: &mut AsyncPgConnection, by: i64) -> Result<(), Failure> {
    diesel::update(log_size::table)
        .set(log_size::entries.eq(log_size::entries + by))
        .execute(connection)
        .await?;
    Ok(())
}

fn fields(fields: &LogFields) -> Value {
    let named = fields.iter().map(|(name, text)| (name.to_owned(), text.into()));
    Value::Object(named.collect())
}

pub(crate) async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM log_entries WHERE id = ANY (ARRAY (\
             SELECT id FROM log_entries WHERE at < $1 ORDER BY at, id LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(At(before))
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)
    .await?;
    grow(connection, i64::try_from(purged).map_err(Failure::unstorable)?.saturating_neg()).await?;
    purged.try_into().map_err(Failure::unstorable)
}

/// Holds the number while it removes, so that two at once don't remove too much; entries that another removes meanwhile are
/// passed over.
pub(crate) async fn purge_beyond(
    connection: &mut AsyncPgConnection,
    most: u64,
    limit: u32,
) -> Result<u32, Failure> {
    let entries: i64 =
        log_size::table.select(log_size::entries).for_no_key_update().first(connection).await?;
    let excess = u64::try_from(entries).unwrap_or(0).saturating_sub(most).min(limit.into());
    if excess == 0 {
        return Ok(0);
    }
    let purged = diesel::sql_query(
        "DELETE FROM log_entries WHERE id = ANY (ARRAY (\
             SELECT id FROM log_entries ORDER BY at, id LIMIT $1 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<BigInt, _>(i64::try_from(excess).map_err(Failure::unstorable)?)
    .execute(connection)
    .await?;
    grow(connection, i64::try_from(purged).map_err(Failure::unstorable)?.saturating_neg()).await?;
    purged.try_into().map_err(Failure::unstorable)
}

/// The lines that are at least so bad, so that `log_entries_trouble` has them.
const fn at_least(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Info => "true",
        LogLevel::Warn => "level IN ('warn', 'error')",
        LogLevel::Error => "level IN ('warn', 'error') AND level = 'error'",
    }
}

/// Only the conditions that are asked for are part of the statement, so that each has the index that suits it. `$1` and `$2`
/// are the page.
pub(crate) async fn entries(
    connection: &mut AsyncPgConnection,
    filter: &LogFilter,
    page: PageRequest,
) -> Result<Page<LogEntry>, Failure> {
    let conditions = [
        filter.since.map(|_| "at >= $_"),
        filter.until.map(|_| "at < $_"),
        filter.request_id.map(|_| "request_id = $_"),
        filter.route.as_ref().map(|_| "route = $_"),
        filter.status.map(|_| "status = $_"),
        // Under this collation only ASCII letters have a case, as everywhere.
        filter.message.as_ref().map(|_| "strpos(lower(message COLLATE \"C\"), lower($_ COLLATE \"C\")) > 0"),
    ];
    let numbered = conditions.into_iter().flatten().zip(3..);
    let wanted = numbered
        .fold(at_least(filter.level.unwrap_or(LogLevel::Info)).to_owned(), |all, (one, number)| {
            format!("{all} AND {}", one.replace("$_", &format!("${number}")))
        });
    let mut statement = diesel::sql_query(format!(
        "WITH page AS (\
             SELECT * FROM log_entries WHERE {wanted} ORDER BY at DESC, id DESC LIMIT $1 OFFSET $2\
         ) \
         SELECT counted.total, page.* \
         FROM (SELECT count(*) AS total FROM log_entries WHERE {wanted}) AS counted LEFT JOIN page ON true \
         ORDER BY page.at DESC, page.id DESC"
    ))
    .into_boxed::<Pg>()
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page));
    for time in [filter.since, filter.until].into_iter().flatten() {
        statement = statement.bind::<Timestamptz, _>(At(time));
    }
    if let Some(id) = filter.request_id {
        statement = statement.bind::<SqlUuid, _>(id);
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
    paged(page, statement.load::<Listed<LogRow>>(connection).await?)
}
