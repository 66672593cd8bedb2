//! How fast PostgreSQL finds things among many: fills a database with 1,000,000 accounts and 1,000,000 transcriptions, and
//! measures whole calls, from the request to the value.

use std::time::{Duration, Instant};

use lectern_application::ports::{AccountFilter, PageRequest, Queries, Schema, TranscriptionFilter};
use lectern_domain::{
    account::{AccountSearch, Login, UserId, Username},
    transcription::SearchText,
};
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use lectern_services::{PostgreSql, Service as _};
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use crate::{
    Outcome,
    table::{Row, median, time, within},
};

const ROUNDS: usize = 51;
/// The bar for each.
const BAR: Duration = Duration::from_millis(20);

/// Account 1 has 5,000 transcriptions, the next 995,000 accounts have one each; 105,000 of them have a chunk. Indexes are
/// made afterwards, which is faster.
const SEED: &str = r"
CREATE TEMPORARY TABLE later AS
    SELECT indexdef AS definition, format('DROP INDEX %I', indexname) AS removal FROM pg_indexes
    WHERE schemaname = 'public' AND tablename IN ('users', 'transcriptions', 'chunks') AND indexdef NOT LIKE '%UNIQUE%';
DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM later LOOP EXECUTE i.removal; END LOOP; END $$;
ALTER TABLE users DISABLE TRIGGER USER;
INSERT INTO users (id, username, username_key, email, email_key, first_name, last_name, password_hash, role, permissions,
    can_interact, balance, epoch, created_at, updated_at, last_activity_at, search_key)
SELECT lpad(to_hex(n), 32, '0')::uuid, name, name, name || '@example.org', name || '@example.org', 'Ada', last, 'x',
    CASE WHEN n % 10000 = 0 THEN 'operator' ELSE 'user' END, '{}', true, 0, 0, at, at, at,
    concat_ws(E'\n', name, name || '@example.org', 'ada ' || lower(last))
FROM (
    SELECT n, 'user' || n AS name, now() - n * interval '1 minute' AS at,
        (ARRAY['Lovelace', 'Babbage', 'Turing', 'Hopper', 'Liskov', 'Knuth', 'Dijkstra', 'Perlman'])[1 + n % 8]
        || CASE WHEN n % 200 = 0 THEN 'ski' ELSE '' END AS last
    FROM generate_series(1, 1000000) AS n
) AS people;
INSERT INTO transcriptions (id, owner_id, title, audio_key, media_type, audio_bytes, audio_sha256, duration_ns, chunk_ns,
    state, finished_at, error_count, revision, created_at, updated_at, title_words)
SELECT lpad(to_hex(n), 32, '0')::uuid, owner, 'Lecture ' || n, gen_random_uuid(), 'audio/mpeg', 1000000,
    decode(repeat('00', 32), 'hex'), 3600000000000, 60000000000,
    CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'completed' END, at, 0, 60, at, at,
    format('''%slecture'':1 ''%s%s'':2', right(owner::text, 8), right(owner::text, 8), n)::tsvector
FROM (
    SELECT n, lpad(to_hex(greatest(1, n - 4999)), 32, '0')::uuid AS owner, now() - n * interval '1 minute' AS at
    FROM generate_series(1, 1000000) AS n
) AS lectures;
INSERT INTO chunks (transcription_id, number, revision, text, segments, words)
SELECT id, 0, 60, repeat('good morning everybody ', 30), '[]',
    format('''%sgood'':1 ''%smorning'':2 ''%severybody'':3', scope, scope, scope)::tsvector
FROM (SELECT id, right(owner_id::text, 8) AS scope FROM transcriptions ORDER BY number LIMIT 105000) AS first_of_all;
ALTER TABLE users ENABLE TRIGGER USER;
DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM later LOOP EXECUTE i.definition; END LOOP; END $$;
";

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let server = PostgreSql::start()?;
    let url = server.url();
    let database = PostgresDatabase::open(&PostgresSettings::at(url.clone().into())).await?;
    database.migrate_up().await?;
    let raw = connect(&url).await?;
    raw.batch_execute(SEED).await?;
    raw.batch_execute("VACUUM ANALYZE").await?;
    find(&database, &raw).await
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = url.parse::<Config>()?.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn find(database: &PostgresDatabase, raw: &Client) -> Outcome<Vec<Row>> {
    let id = Uuid::from_u128(765_432);
    let by_key = raw.prepare(&format!("SELECT * FROM users WHERE id = '{id}'")).await?;
    let yardstick = seconds(async || raw.query_one(&by_key, &[]).await).await?;
    let row = |what: String, ours: f64| Row {
        what,
        ours: time(ours),
        yardstick: format!("a row by its primary key: {}", time(yardstick)),
        ratio: ours / yardstick,
        bar: within(BAR, ours),
    };

    let login = Login::Username(Username::parse("user765432")?);
    let found = seconds(async || database.account_by_login(&login).await).await?;
    let mut rows = vec![row("an account by its login, among 1,000,000".to_owned(), found)];
    let owner = UserId(Uuid::from_u128(1));
    let own = TranscriptionFilter { owner, state: None, search: None };
    for number in [1, 100] {
        let page = PageRequest::new(number, 50).ok_or("no page")?;
        let listed = seconds(async || database.transcriptions(&own, page).await).await?;
        rows.push(row(format!("page {number} of 5,000 own transcriptions, among 1,000,000"), listed));
    }
    let page = PageRequest::first(50);
    let words = TranscriptionFilter { search: Some(SearchText::parse("lecture 47")?), ..own };
    let found = seconds(async || database.transcriptions(&words, page).await).await?;
    rows.push(row("own transcriptions by two words".to_owned(), found));
    for text in ["r765432@", "4321", "aceski"] {
        let filter = AccountFilter { search: AccountSearch::parse(text)?, ..AccountFilter::default() };
        let total = database.accounts(&filter, page).await?.total;
        let found = seconds(async || database.accounts(&filter, page).await).await?;
        rows.push(row(format!("accounts by a part of a name ({total} have it)"), found));
    }
    Ok(rows)
}

/// The median of some calls, in seconds.
async fn seconds<T, E: std::error::Error + 'static>(call: impl AsyncFn() -> Result<T, E>) -> Outcome<f64> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        call().await?;
        times.push(begun.elapsed().as_secs_f64());
    }
    Ok(median(times))
}
