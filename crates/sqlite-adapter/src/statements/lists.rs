//! Lists, page by page. A page and the total come from one statement, which joins the page to the total rather than the
//! other way round: beyond the last page there is still one row, with the total and no item.

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Binary, Nullable, Text},
};
use lectern_application::ports::{Page, PageRequest, StoreError, TranscriptionFilter, TranscriptionView};
use lectern_domain::{
    account::UserId,
    ledger::LedgerEntry,
    transcription::{Chunk, StateName, TranscriptionId},
};

use crate::{
    failure::Failure,
    rows::{CHUNKS_DONE, ChunkRow, DESCRIPTION, LedgerEntryRow, OWNER_NUMBER, TranscriptionViewRow},
    search,
};

#[derive(QueryableByName)]
pub(super) struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

#[derive(QueryableByName)]
pub(super) struct Listed<Item> {
    #[diesel(embed)]
    counted: Total,
    #[diesel(embed)]
    item: Option<Item>,
}

/// An owner's transcriptions, newest first. `?1` is the owner, `?2` the state or NULL, `?3` the words as a JSON array of
/// FTS5 expressions or NULL: found is what has a row for each of them.
const TRANSCRIPTIONS: &str = "\
WITH found (number) AS MATERIALIZED (\
    SELECT number FROM (\
        SELECT DISTINCT word.key, transcript_words.rowid >> 32 AS number \
        FROM json_each(?3) AS word CROSS JOIN transcript_words WHERE transcript_words MATCH word.value\
    ) GROUP BY number HAVING count(*) = json_array_length(?3)\
), listed (created_at, number) AS NOT MATERIALIZED (\
    SELECT created_at, number FROM transcriptions \
    WHERE owner_id = ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR number IN found)\
), page (number) AS (\
    SELECT number FROM listed ORDER BY created_at DESC, number DESC LIMIT ?4 OFFSET ?5\
)";

pub(crate) fn transcriptions(
    connection: &mut SqliteConnection,
    filter: &TranscriptionFilter,
    page: PageRequest,
) -> Result<Page<TranscriptionView>, Failure> {
    let words = filter.search.as_ref().and_then(|text| search::expressions(filter.owner, text));
    let rows = diesel::sql_query(format!(
        "{TRANSCRIPTIONS} \
         SELECT counted.total, transcriptions.*, {OWNER_NUMBER} AS owner_number, {CHUNKS_DONE} AS chunks_done, {DESCRIPTION} AS description \
         FROM (SELECT count(*) AS total FROM listed) AS counted LEFT JOIN page \
         LEFT JOIN transcriptions ON transcriptions.number = page.number \
         ORDER BY transcriptions.created_at DESC, transcriptions.number DESC"
    ))
    .bind::<Binary, _>(filter.owner.0.as_bytes().as_slice())
    .bind::<Nullable<Text>, _>(filter.state.map(StateName::as_str))
    .bind::<Nullable<Text>, _>(words)
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page))
    .load::<Listed<TranscriptionViewRow>>(connection)?;
    paged(page, rows)
}

pub(crate) fn chunks(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
    page: PageRequest,
) -> Result<Page<Chunk>, Failure> {
    let rows = diesel::sql_query(
        "WITH page AS (\
             SELECT * FROM chunks WHERE transcription_id = ?1 ORDER BY number LIMIT ?2 OFFSET ?3\
         ) \
         SELECT counted.total, page.* \
         FROM (SELECT count(*) AS total FROM chunks WHERE transcription_id = ?1) AS counted LEFT JOIN page \
         ORDER BY page.number",
    )
    .bind::<Binary, _>(id.0.as_bytes().as_slice())
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page))
    .load::<Listed<ChunkRow>>(connection)?;
    paged(page, rows)
}

/// An account's ledger, newest first.
pub(crate) fn ledger(
    connection: &mut SqliteConnection,
    user: UserId,
    page: PageRequest,
) -> Result<Page<LedgerEntry>, Failure> {
    let rows = diesel::sql_query(
        "WITH page AS (\
             SELECT * FROM ledger_entries WHERE user_id = ?1 ORDER BY number DESC LIMIT ?2 OFFSET ?3\
         ) \
         SELECT counted.total, page.* \
         FROM (SELECT count(*) AS total FROM ledger_entries WHERE user_id = ?1) AS counted LEFT JOIN page \
         ORDER BY page.number DESC",
    )
    .bind::<Binary, _>(user.0.as_bytes().as_slice())
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page))
    .load::<Listed<LedgerEntryRow>>(connection)?;
    paged(page, rows)
}

/// A page so far out that SQLite can't count to it is as empty as the last one it can.
pub(super) fn offset(page: PageRequest) -> i64 {
    i64::try_from(page.offset()).unwrap_or(i64::MAX)
}

pub(super) fn paged<Row, Item>(request: PageRequest, rows: Vec<Listed<Row>>) -> Result<Page<Item>, Failure>
where
    Item: TryFrom<Row, Error = StoreError>,
{
    let total = rows.first().map_or(0, |row| row.counted.total);
    let items = rows.into_iter().filter_map(|row| row.item).map(Item::try_from);
    Ok(Page {
        request,
        total: total.try_into().map_err(Failure::unstorable)?,
        items: items.collect::<Result<_, StoreError>>()?,
    })
}
