//! Which statements run, and how. In a program of its own, because diesel's instrumentation is one for all connections.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod databases;

use std::{mem, sync::Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use lectern_application::ports::{
    AccountFilter, AccountSort, AuditFilter, LogSink, PageRequest, Queries, SearchedNames, StandingFilter,
    Transactions, TranscriptionFilter,
};
use lectern_domain::{
    access::RoleName,
    account::{AccountSearch, Login, UserId, UserNumber, Username},
    idempotency::{KeyOwner, Operation},
    log::LogLevel,
    session::SessionId,
    transcription::{SearchText, StateName, TranscriptionId, TranscriptionNumber},
};
use lectern_postgres_adapter::PostgresDatabase;
use lectern_testkit::{
    build,
    statements::{everything_of, log_filters, use_all_of},
};
use tokio_postgres::Client;
use uuid::Uuid;

use databases::{TestDatabase, connect};

static RECORDED: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Tests that read what was recorded take turns.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[expect(clippy::unnecessary_wraps, reason = "diesel asks for an Option")]
fn recorder() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            RECORDED.lock().unwrap().push(query.to_string());
        }
    }))
}

/// The statements since the last call, without their parameters and without what every connection begins with.
fn recorded() -> Vec<String> {
    let statements = mem::take(&mut *RECORDED.lock().unwrap());
    let statements = statements.into_iter().map(|sql| sql.split(" -- binds").next().unwrap().to_owned());
    statements.filter(|sql| !sql.starts_with("SET ")).collect()
}

async fn recording(test: &TestDatabase) -> PostgresDatabase {
    set_default_instrumentation(recorder).unwrap();
    let database = PostgresDatabase::open(&test.settings()).await.unwrap();
    recorded();
    database
}

fn page() -> PageRequest {
    PageRequest::new(1, 50).unwrap()
}

/// 20,000 accounts with 20,000 transcriptions, of which the first has 1,000.
const SEED: &str = "\
    INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, permissions, can_interact, \
        balance, epoch, created_at, updated_at, last_activity_at, search_key) \
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'user' || n, 'user' || n, n || '@example.org', n || '@example.org', 'x', 'user', \
        '{}', true, 0, 0, now(), now(), now(), 'user' || n || E'\\n' || n || '@example.org' \
    FROM generate_series(1, 20000) AS n; \
    INSERT INTO transcriptions (id, owner_id, audio_key, media_type, audio_bytes, audio_sha256, duration_ns, chunk_ns, \
        state, finished_at, error_count, revision, created_at, updated_at, title_words) \
    SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(greatest(1, n - 999)), 32, '0')::uuid, gen_random_uuid(), 'audio/mpeg', 1, \
        decode(repeat('00', 32), 'hex'), 60000000000, 60000000000, 'cancelled', now(), 0, 0, now(), now(), \
        ('''00000001title' || n || '''')::tsvector \
    FROM generate_series(1, 20000) AS n; \
    INSERT INTO chunks (transcription_id, number, revision, text, segments, words) \
    SELECT id, 0, 0, 'words', '[]', ('''00000001word' || number || ''':1')::tsvector FROM transcriptions; \
    INSERT INTO sessions (id, user_id, policy, opened_by, user_agent, generation, rotated_at, created_at, last_seen_at, \
        expires_at) \
    SELECT id, id, 'rotating', 'v1', '', 0, now(), now(), now(), now() + interval '30 days' FROM users; \
    INSERT INTO audit_events (id, at, kind, actor_id, subject_id, user_agent, details) \
    SELECT id, now() - number * interval '1 minute', 'kind' || number % 20, id, id, '', '{}' FROM users; \
    INSERT INTO log_entries (id, at, level, target, message, request_id, route, status, fields) \
    SELECT id, now() - number * interval '1 second', CASE WHEN number % 50 = 0 THEN 'warn' ELSE 'info' END, 'x', 'served', \
        id, '/v1/' || number % 40, 200 + number % 20, '{}' FROM users; \
    INSERT INTO ledger_entries (id, user_id, amount, balance_after, reason, actor_id, idempotency_key, created_at) \
    SELECT id, id, 1, 1, 'because', id, 'k', now() FROM users; \
    INSERT INTO idempotency_keys (owner_id, operation, key, fingerprint, created_kind, created_id, created_at) \
    SELECT id, 'register', 'k', decode(repeat('00', 32), 'hex'), 'account', id::text, now() FROM users; \
    INSERT INTO challenges (id, purpose, user_id, address, code, wrong_codes, created_at, expires_at) \
    SELECT sha256(id::text::bytea), 'password_reset', id, sha256(id::text::bytea), sha256(''), 0, now(), now() FROM users; \
    INSERT INTO mails (id, content, code, attempts, created_at, not_before, useful_until) \
    SELECT id, 'password_reset', '000000', 0, now(), now(), now() FROM users; \
    INSERT INTO jobs (transcription_id, attempts, available_at, enqueued_at) \
    SELECT id, 0, now(), now() + number * interval '1 minute' FROM transcriptions";

/// A database with rows, their statistics, and its maintenance done.
async fn seeded(test: &TestDatabase) -> Client {
    let raw = connect(&test.url).await;
    raw.batch_execute(SEED).await.unwrap();
    raw.batch_execute("VACUUM ANALYZE").await.unwrap();
    raw
}

/// Every form of the list of accounts that somebody looks for something in.
fn account_filters() -> Vec<AccountFilter> {
    let (search, role) = (AccountSearch::parse("er1999").unwrap(), Some(RoleName::USER));
    let sorts = [
        AccountSort::CreatedAt,
        AccountSort::Number,
        AccountSort::Username,
        AccountSort::Email,
        AccountSort::LastActivityAt,
        AccountSort::Login,
    ];
    let filter = |(sort, searched)| AccountFilter {
        search: search.clone(),
        searched,
        role: role.clone(),
        standing: StandingFilter::Active,
        sort,
        ..AccountFilter::default()
    };
    let names = [SearchedNames::All, SearchedNames::Login];
    sorts.into_iter().flat_map(|sort| names.map(|searched| (sort, searched))).map(filter).collect()
}

/// Calls every method of the read models, and answers the statements of each.
async fn queried(database: &PostgresDatabase) -> Vec<(&'static str, Vec<String>)> {
    let id = TranscriptionId(Uuid::from_u128(7));
    let owner = UserId(Uuid::from_u128(1));
    let login = Login::Username(Username::parse("user7").unwrap());
    let email = Login::parse("7@example.org").unwrap();
    let mut queried = Vec::new();
    macro_rules! call {
        ($method:ident($($argument:expr),*)) => {
            database.$method($($argument),*).await.unwrap();
            queried.push((stringify!($method), recorded()));
        };
    }
    recorded();
    call!(account(owner));
    call!(account_by_number(UserNumber(1)));
    call!(account_by_login(&login));
    call!(account_by_login(&email));
    call!(last_account_by_login(&login));
    call!(last_account_by_login(&email));
    for filter in account_filters() {
        call!(accounts(&filter, page()));
    }
    call!(roles());
    call!(session(SessionId(Uuid::from_u128(1))));
    call!(live_sessions(owner, build::at(0)));
    call!(active_recordings());
    call!(active_transcription(owner));
    call!(transcriptions(&everything_of(owner), page()));
    let state = Some(StateName::Queued);
    call!(transcriptions(&TranscriptionFilter { state, ..everything_of(owner) }, page()));
    let search = SearchText::parse("two words").ok();
    call!(transcriptions(&TranscriptionFilter { state, search, ..everything_of(owner) }, page()));
    call!(transcription(id));
    call!(transcription_by_number(TranscriptionNumber(1)));
    call!(chunks(id, page()));
    call!(transcript(id));
    call!(changes_since(id, 0));
    call!(ledger(owner, page()));
    call!(ledger_mismatches());
    call!(key_record(&build::key_use(KeyOwner::Anybody, Operation::Register, "k")));
    call!(key_record(&build::key_use(KeyOwner::Account(owner), Operation::Register, "k")));
    call!(unreferenced_audio(&[]));
    call!(audit_events(&AuditFilter { subject: Some(owner), ..AuditFilter::default() }, page()));
    call!(audit_events(&AuditFilter { actor: Some(owner), ..AuditFilter::default() }, page()));
    for filter in log_filters() {
        call!(log_entries(&filter, page()));
    }
    call!(workload(build::at(0)));
    call!(ping());
    queried
}

#[tokio::test]
async fn every_read_model_is_one_statement() {
    let _turn = TURN.lock().await;
    let test = TestDatabase::migrated().await;
    let database = recording(&test).await;
    for (method, statements) in queried(&database).await {
        assert_eq!(statements.len(), 1, "{method}: {statements:#?}");
    }
}

#[tokio::test]
async fn listing_50_of_1_000_transcriptions_is_one_statement() {
    let _turn = TURN.lock().await;
    let test = TestDatabase::migrated().await;
    let database = recording(&test).await;
    seeded(&test).await;
    let listed = database.transcriptions(&everything_of(UserId(Uuid::from_u128(1))), page()).await.unwrap();
    assert_eq!((listed.total, listed.items.len(), recorded().len()), (1_000, 50, 1));
}

/// The statements of every method of a unit of work that reads, changes or removes.
async fn worked(database: &PostgresDatabase) -> Vec<String> {
    let mut work = database.begin().await.unwrap();
    use_all_of(&mut *work).await;
    recorded()
}

/// The plan of a statement, as it would be run whatever its parameters are.
async fn plan(raw: &Client, statement: &str) -> Vec<String> {
    raw.batch_execute(&format!("PREPARE planned AS {statement}")).await.unwrap();
    let parameters = raw
        .query_one(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'planned'",
            &[],
        )
        .await
        .unwrap()
        .get::<_, i32>(0);
    let nulls = vec!["NULL"; usize::try_from(parameters).unwrap()].join(", ");
    let call = if nulls.is_empty() { "planned".to_owned() } else { format!("planned ({nulls})") };
    let plan = raw.query(&format!("EXPLAIN (COSTS OFF) EXECUTE {call}"), &[]).await.unwrap();
    raw.batch_execute("DEALLOCATE planned").await.unwrap();
    plan.iter().map(|line| line.get(0)).collect()
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let _turn = TURN.lock().await;
    let test = TestDatabase::migrated().await;
    let database = recording(&test).await;
    let raw = seeded(&test).await;
    let mut statements = worked(&database).await;
    database.append(&[build::log_entry(LogLevel::Warn, "x", build::at(0))]).await.unwrap();
    database.purge(build::at(0), 10).await.unwrap();
    database.purge_beyond(0, 10).await.unwrap();
    statements.extend(recorded());
    // The check of all ledgers is there to read everything.
    let queried = queried(&database).await.into_iter().filter(|(method, _)| *method != "ledger_mismatches");
    statements.extend(queried.flat_map(|(_, statements)| statements));
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    statements.retain(|sql| verbs.iter().any(|verb| sql.starts_with(verb)));
    assert!(statements.len() > 60, "{statements:#?}");
    // Whether the index of roles is used depends on which role it is.
    let (by_role, statements): (Vec<_>, Vec<_>) =
        statements.into_iter().partition(|sql| sql.contains("\"role\" = $1") || sql.contains("role = $1"));
    assert_eq!(by_role.len(), 3, "{by_role:#?}");
    for statement in by_role {
        raw.batch_execute("SET plan_cache_mode = force_custom_plan").await.unwrap();
        let plan = plan_with(&raw, &statement, &["'admin'"]).await;
        assert!(plan.contains("users_role"), "{statement}\n{plan}");
    }
    raw.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    for statement in statements {
        let plan = plan(&raw, &statement).await;
        // There are but a few roles, and one row with the size of the log. Whoever counts the outbox reads what waits in it.
        let outbox = if statement.contains("count(*)") { "mails" } else { "roles" };
        let is_small = |line: &String| {
            ["roles", "log_size", outbox].iter().any(|table| line.contains(&format!("Seq Scan on {table}")))
        };
        let reads_all = |line: &String| line.contains("Seq Scan on ") && !is_small(line);
        assert!(!plan.iter().any(reads_all), "{statement}\n{}", plan.join("\n"));
    }
}

/// The plan of a list as it is run with its parameters, which are there in the statement's text.
async fn plan_with(raw: &Client, statement: &str, parameters: &[&str]) -> String {
    let call = format!("EXPLAIN (COSTS OFF) EXECUTE planned ({})", parameters.join(", "));
    raw.batch_execute(&format!("PREPARE planned AS {statement}")).await.unwrap();
    let plan = raw.query(&call, &[]).await.unwrap();
    raw.batch_execute("DEALLOCATE planned").await.unwrap();
    plan.iter().map(|line| line.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn lists_and_searches_are_read_from_their_indexes() {
    let _turn = TURN.lock().await;
    let test = TestDatabase::migrated().await;
    let database = recording(&test).await;
    let raw = seeded(&test).await;
    let owner = UserId(Uuid::from_u128(1));

    let filter =
        AccountFilter { search: AccountSearch::parse("er1999").unwrap(), ..AccountFilter::default() };
    database.accounts(&filter, page()).await.unwrap();
    let plan = plan_with(&raw, &recorded().remove(0), &["50", "0", "'%er1999%'"]).await;
    assert!(plan.contains("users_search") && !plan.contains("Seq Scan on users"), "{plan}");

    let search = SearchText::parse("word1999").ok();
    let filter = TranscriptionFilter { search, ..everything_of(owner) };
    database.transcriptions(&filter, page()).await.unwrap();
    let owner_id = format!("'{}'", owner.0);
    let words = "ARRAY['''00000001word1999'':*']";
    let plan = plan_with(&raw, &recorded().remove(0), &[&owner_id, "50", "0", words]).await;
    assert!(plan.contains("chunks_words") && plan.contains("transcriptions_words"), "{plan}");
    assert!(!plan.contains("Seq Scan on"), "{plan}");

    database.transcriptions(&everything_of(owner), PageRequest::new(20, 50).unwrap()).await.unwrap();
    let plan = plan_with(&raw, &recorded().remove(0), &[&owner_id, "50", "950"]).await;
    assert!(plan.contains("Index Only Scan Backward using transcriptions_owner"), "{plan}");
}
