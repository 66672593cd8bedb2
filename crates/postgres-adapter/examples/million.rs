//! How fast PostgreSQL finds things among many: fills a database of its own with 1,000,000 accounts and 1,000,000
//! transcriptions, and prints medians of whole calls, from the request to the value. Run it with
//! `cargo run --release -p lectern-postgres-adapter --example million -- postgres://superuser@host/postgres`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use lectern_application::ports::{
    AccountFilter, AccountSort, PageRequest, Queries, Schema, StoreError, TranscriptionFilter,
};
use lectern_domain::{
    account::{AccountSearch, Login, UserId, Username},
    transcription::SearchText,
};
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

/// The database that is made for this, and dropped afterwards.
const NAME: &str = "lectern_million";
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

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = env::args().nth(1).ok_or("give the URL of a server: postgres://superuser@host/postgres")?;
    let (base, _postgres) = server.rsplit_once('/').ok_or("the URL names no database")?;
    let url = format!("{base}/{NAME}");
    let admin = connect(&server).await?;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {NAME}")).await?;
    let measured = measure(&url).await;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")).await?;
    measured
}

async fn connect(url: &str) -> Result<Client, Box<dyn Error>> {
    let (client, connection) = url.parse::<Config>()?.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn measure(url: &str) -> Result<(), Box<dyn Error>> {
    let database = PostgresDatabase::open(&PostgresSettings::at(url.into())).await?;
    database.migrate_up().await?;
    let begun = Instant::now();
    let raw = connect(url).await?;
    raw.batch_execute(SEED).await?;
    raw.batch_execute("VACUUM ANALYZE").await?;
    println!("filled with 1,000,000 accounts and 1,000,000 transcriptions in {:.1?}", begun.elapsed());

    let login = Login::Username(Username::parse("user765432")?);
    report("login lookup", async || database.account_by_login(&login).await).await?;
    let owner = UserId(Uuid::from_u128(1));
    let own = TranscriptionFilter { owner, state: None, search: None };
    for page in [1, 100] {
        let request = PageRequest::new(page, 50).ok_or("no page")?;
        let name = format!("own list of 5,000, page {page}");
        report(&name, async || database.transcriptions(&own, request).await).await?;
    }
    let page = PageRequest::first(50);
    for text in ["lecture 47", "every", "g"] {
        let found = TranscriptionFilter { search: Some(SearchText::parse(text)?), ..own.clone() };
        report(&format!("own list, words \"{text}\""), async || database.transcriptions(&found, page).await)
            .await?;
    }
    for text in ["r765432@", "4321", "aceski", "lovelace"] {
        let found = AccountFilter { search: AccountSearch::parse(text)?, ..AccountFilter::default() };
        let total = database.accounts(&found, page).await?.total;
        report(&format!("admin search \"{text}\" ({total} found)"), async || {
            database.accounts(&found, page).await
        })
        .await?;
    }
    let all = AccountFilter { sort: AccountSort::LastActivityAt, ..AccountFilter::default() };
    report("admin list of all", async || database.accounts(&all, page).await).await?;
    Ok(())
}

/// Prints the median of some calls.
async fn report<T>(name: &str, call: impl AsyncFn() -> Result<T, StoreError>) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        call().await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    let bar = if median <= BAR { "" } else { "  (above the bar)" };
    println!("{name:<40} median {median:>8.2?}, worst {worst:>8.2?}{bar}");
    Ok(())
}
