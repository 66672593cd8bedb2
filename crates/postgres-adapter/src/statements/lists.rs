//! Lists, page by page. A page and the total come from one statement, which joins the page to the total rather than the
//! other way round: beyond the last page there is still one row, with the total and no item.
//!
//! Statements hold only the conditions that are asked for, so that each is planned for what it is.

use diesel::{
    QueryableByName,
    pg::Pg,
    sql_types::{Array, BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{Page, PageRequest, StoreError, TranscriptionFilter, TranscriptionView};
use lectern_domain::{
    account::UserId,
    ledger::LedgerEntry,
    transcription::{Chunk, StateName, TranscriptionId},
};

use crate::{
    failure::Failure,
    rows::{CHUNKS_DONE, ChunkRow, DESCRIPTION, LedgerEntryRow, OWNER_NUMBER, TranscriptionViewRow},
    words,
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

/// The owner's transcriptions that have a word for each of the expressions in `$4`.
const FOUND: &str = "\
found (id) AS MATERIALIZED (\
    SELECT id FROM (\
        SELECT term, transcriptions.id FROM unnest($4::text[]) WITH ORDINALITY AS looked_for (expression, term), transcriptions \
        WHERE title_words @@ expression::tsquery AND owner_id = $1 \
        UNION \
        SELECT term, chunks.transcription_id FROM unnest($4::text[]) WITH ORDINALITY AS looked_for (expression, term), chunks \
        WHERE words @@ expression::tsquery \
    ) AS hits GROUP BY id HAVING count(*) = cardinality($4)\
), ";

/// An owner's transcriptions, newest first. `$1` is the owner, `$2` and `$3` the page. All that leads up to the page is in the
/// index `transcriptions_owner`, so that nothing of the pages before is read from the table.
pub(crate) async fn transcriptions(
    connection: &mut AsyncPgConnection,
    filter: &TranscriptionFilter,
    page: PageRequest,
) -> Result<Page<TranscriptionView>, Failure> {
    let terms = filter.search.as_ref().map(|text| words::expressions(filter.owner, text)).unwrap_or_default();
    let mut conditions = "owner_id = $1".to_owned();
    let found = if terms.is_empty() {
        ""
    } else {
        conditions.push_str(" AND id IN (SELECT id FROM found)");
        FOUND
    };
    if filter.state.is_some() {
        conditions.push_str(if terms.is_empty() { " AND state = $4" } else { " AND state = $5" });
    }
    let mut statement = diesel::sql_query(format!(
        "WITH {found}listed (created_at, number) AS NOT MATERIALIZED (\
             SELECT created_at, number FROM transcriptions WHERE {conditions}\
         ), page (number) AS (SELECT number FROM listed ORDER BY created_at DESC, number DESC LIMIT $2 OFFSET $3) \
         SELECT counted.total, transcriptions.*, {OWNER_NUMBER} AS owner_number, {CHUNKS_DONE} AS chunks_done, {DESCRIPTION} AS description \
         FROM (SELECT count(*) AS total FROM listed) AS counted LEFT JOIN page ON true \
         LEFT JOIN transcriptions ON transcriptions.number = page.number \
         ORDER BY transcriptions.created_at DESC, transcriptions.number DESC"
    ))
    .into_boxed::<Pg>()
    .bind::<SqlUuid, _>(filter.owner.0)
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page));
    if !terms.is_empty() {
        statement = statement.bind::<Array<Text>, _>(terms);
    }
    if let Some(state) = filter.state {
        statement = statement.bind::<Text, _>(StateName::as_str(state));
    }
    paged(page, statement.load::<Listed<TranscriptionViewRow>>(connection).await?)
}

pub(crate) async fn chunks(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
    page: PageRequest,
) -> Result<Page<Chunk>, Failure> {
    let rows = diesel::sql_query(
        "WITH page AS (\
             SELECT transcription_id, number, revision, text, segments FROM chunks \
             WHERE transcription_id = $1 ORDER BY number LIMIT $2 OFFSET $3\
         ) \
         SELECT counted.total, page.* \
         FROM (SELECT count(*) AS total FROM chunks WHERE transcription_id = $1) AS counted \
         LEFT JOIN page ON true \
         ORDER BY page.number",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page))
    .load::<Listed<ChunkRow>>(connection)
    .await?;
    paged(page, rows)
}

/// An account's ledger, newest first.
pub(crate) async fn ledger(
    connection: &mut AsyncPgConnection,
    user: UserId,
    page: PageRequest,
) -> Result<Page<LedgerEntry>, Failure> {
    let rows = diesel::sql_query(
        "WITH page AS (\
             SELECT * FROM ledger_entries WHERE user_id = $1 ORDER BY number DESC LIMIT $2 OFFSET $3\
         ) \
         SELECT counted.total, page.* \
         FROM (SELECT count(*) AS total FROM ledger_entries WHERE user_id = $1) AS counted \
         LEFT JOIN page ON true \
         ORDER BY page.number DESC",
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page))
    .load::<Listed<LedgerEntryRow>>(connection)
    .await?;
    paged(page, rows)
}

/// A page so far out that PostgreSQL can't count to it is as empty as the last one it can.
pub(super) fn offset(page: PageRequest) -> i64 {
    i64::try_from(page.offset()).unwrap_or(i64::MAX)
}

pub(super) fn paged<Row, Item>(request: PageRequest, rows: Vec<Listed<Row>>) -> Result<Page<Item>, Failure>
where
    Item: TryFrom<Row, Error = StoreError>,
{
    let total = rows.as_slice().first().map_or(0, |row| row.counted.total);
    let items = rows.into_iter().filter_map(|row| row.item).map(Item::try_from);
    Ok(Page {
        request,
        total: total.try_into().map_err(Failure::unstorable)?,
        items: items.collect::<Result<_, StoreError>>()?,
    })
}
