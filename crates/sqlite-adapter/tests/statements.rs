//! Which statements run, and how. In a program of its own, because diesel's instrumentation is one for all connections.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{mem, sync::Mutex};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::{Instrumentation, InstrumentationEvent, SimpleConnection, set_default_instrumentation},
    sql_types::Text,
};
use lectern_application::ports::{
    AccountFilter, AccountSort, AuditFilter, LastAnnounced, LogFilter, LogSink, PageRequest, Queries, Schema,
    SearchedNames, StandingFilter, Transactions, TranscriptionFilter,
};
use lectern_domain::{
    access::RoleName,
    account::{AccountSearch, Login, UserId, UserNumber, Username},
    idempotency::{KeyOwner, Operation},
    log::LogLevel,
    session::SessionId,
    transcription::{SearchText, StateName, TranscriptionId, TranscriptionNumber},
};
use lectern_sqlite_adapter::SqliteDatabase;
use lectern_testkit::{
    build,
    statements::{everything_of, log_filters, use_all_of},
};
use tempfile::TempDir;
use uuid::Uuid;

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

/// The statements since the last call, without their parameters.
fn recorded() -> Vec<String> {
    let statements = mem::take(&mut *RECORDED.lock().unwrap());
    statements.into_iter().map(|sql| sql.split(" -- binds").next().unwrap().to_owned()).collect()
}

async fn recording(folder: &TempDir) -> SqliteDatabase {
    set_default_instrumentation(recorder).unwrap();
    let database = SqliteDatabase::open(&folder.path().join("lectern.db")).unwrap();
    database.migrate_up().await.unwrap();
    recorded();
    database
}

fn raw(folder: &TempDir) -> SqliteConnection {
    SqliteConnection::establish(folder.path().join("lectern.db").to_str().unwrap()).unwrap()
}

fn page() -> PageRequest {
    PageRequest::new(1, 50).unwrap()
}

/// Events about one account.
fn one_audit_filter(subject: UserId) -> AuditFilter {
    AuditFilter { subject: Some(subject), ..AuditFilter::default() }
}

/// Every form of the list of accounts.
fn account_filters() -> Vec<AccountFilter> {
    let search = AccountSearch::parse("ada").unwrap();
    let mut filters = Vec::new();
    let sorts = [
        AccountSort::CreatedAt,
        AccountSort::Username,
        AccountSort::Email,
        AccountSort::LastActivityAt,
        AccountSort::Login,
    ];
    for sort in sorts {
        for (search, searched) in [
            (None, SearchedNames::All),
            (search.clone(), SearchedNames::All),
            (search.clone(), SearchedNames::Login),
        ] {
            let standing = StandingFilter::Blocked;
            filters.push(AccountFilter {
                search,
                searched,
                role: Some(RoleName::USER),
                standing,
                sort,
                ..AccountFilter::default()
            });
        }
    }
    filters
}

#[tokio::test]
async fn listing_50_of_10_000_transcriptions_is_one_statement() {
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let database = recording(&folder).await;
    let mut work = database.begin().await.unwrap();
    let owner = work.insert_user(build::user("ada").build()).await.unwrap().id();
    work.commit().await.unwrap();
    raw(&folder)
        .batch_execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000) \
             INSERT INTO transcriptions (id, owner_id, audio_key, media_type, audio_bytes, audio_sha256, \
                 duration_ns, chunk_ns, state, finished_at, error_count, revision, created_at, updated_at) \
             SELECT randomblob(16), users.id, randomblob(16), 'audio/mpeg', 1, randomblob(32), \
                 60000000000, 60000000000, 'cancelled', 1, 0, 0, n, n FROM n, users; \
             INSERT INTO chunks SELECT id, 0, 0, 'words', '[]' FROM transcriptions",
        )
        .unwrap();
    recorded();

    let listed = database.transcriptions(&everything_of(owner), page()).await.unwrap();
    assert_eq!((listed.total, listed.items.len(), recorded().len()), (10_000, 50, 1));
}

/// Calls every method of the read models, and answers the statements of each.
async fn queried(database: &SqliteDatabase) -> Vec<(&'static str, Vec<String>)> {
    let id = TranscriptionId(Uuid::nil());
    let owner = UserId(Uuid::nil());
    let login = Login::Username(Username::parse("ada").unwrap());
    let email = Login::parse("ada@example.org").unwrap();
    let filter = TranscriptionFilter {
        state: Some(StateName::Queued),
        search: SearchText::parse("two words").ok(),
        ..everything_of(owner)
    };
    let mut queried = Vec::new();
    macro_rules! call {
        ($method:ident($($argument:expr),*)) => {
            database.$method($($argument),*).await.unwrap();
            queried.push((stringify!($method), recorded()));
        };
    }
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
    call!(session(SessionId(Uuid::nil())));
    call!(live_sessions(owner, build::at(0)));
    call!(active_recordings());
    call!(active_transcription(owner));
    call!(transcriptions(&filter, page()));
    call!(transcription(id));
    call!(transcription_by_number(TranscriptionNumber(1)));
    call!(chunks(id, page()));
    call!(transcript(id));
    call!(changes_since(id, 0));
    call!(ledger(owner, page()));
    call!(ledger_mismatches());
    call!(key_record(&build::key_use(KeyOwner::Anybody, Operation::Register, "k")));
    call!(unreferenced_audio(&[]));
    call!(audit_events(&AuditFilter::default(), page()));
    call!(audit_events(&one_audit_filter(owner), page()));
    call!(log_entries(&LogFilter::default(), page()));
    for filter in log_filters() {
        call!(log_entries(&filter, page()));
    }
    call!(waiting_jobs(build::at(0), LastAnnounced::Never, 100));
    call!(waiting_jobs(build::at(0), LastAnnounced::Before(build::at(0)), 100));
    call!(count_waiting_jobs(build::at(0)));
    call!(workload(build::at(0)));
    call!(ping());
    queried
}

#[tokio::test]
async fn every_read_model_is_one_statement() {
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let database = recording(&folder).await;
    for (method, statements) in queried(&database).await {
        assert_eq!(statements.len(), 1, "{method}: {statements:#?}");
    }
}

/// The statements of every method of a unit of work that reads, changes or removes.
async fn worked(database: &SqliteDatabase) -> Vec<String> {
    let mut work = database.begin().await.unwrap();
    use_all_of(&mut *work).await;
    recorded()
}

#[derive(Debug, QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How a statement is run.
fn plan(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load::<Step>(connection).unwrap();
    plan.into_iter().map(|step| step.detail).collect()
}

/// The steps of a statement that read a whole table, or an index of it without looking anything up.
fn scans(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let tables = [
        "users",
        "sessions",
        "transcriptions",
        "chunks",
        "jobs",
        "ledger_entries",
        "idempotency_keys",
        "audit_events",
        "log_entries",
        "challenges",
        "mails",
    ];
    let scans_table = |step: &str| {
        let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        scanned.is_some_and(|scanned| tables.contains(&scanned))
    };
    plan(connection, statement).into_iter().filter(|step| scans_table(step)).collect()
}

#[tokio::test]
async fn jobs_to_announce_are_found_without_a_look_at_the_others() {
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let database = recording(&folder).await;
    let now = build::at(0);
    for (announced, found) in
        [(LastAnnounced::Never, "announced_at=?"), (LastAnnounced::Before(now), "announced_at<?")]
    {
        recorded();
        database.waiting_jobs(now, announced, 100).await.unwrap();
        let plan = plan(&mut raw(&folder), recorded().first().unwrap());
        assert_eq!(plan.first(), Some(&format!("SEARCH jobs USING INDEX jobs_announced ({found})")));
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
    }
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let database = recording(&folder).await;
    let mut statements = worked(&database).await;
    database.append(&[build::log_entry(LogLevel::Warn, "x", build::at(0))]).await.unwrap();
    database.purge(build::at(0), 10).await.unwrap();
    database.purge_beyond(0, 10).await.unwrap();
    statements.extend(recorded());
    // The check of all ledgers is there to read everything.
    let queried = queried(&database).await.into_iter().filter(|(method, _)| *method != "ledger_mismatches");
    statements.extend(queried.flat_map(|(_, statements)| statements));
    statements.retain(|sql| {
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| sql.starts_with(verb))
    });
    assert!(statements.len() > 30, "{statements:#?}");

    let mut connection = raw(&folder);
    for statement in statements {
        let scans = scans(&mut connection, &statement);
        // The queue is walked in its order up to the first job that is available.
        let walks_the_queue = |step: &String| step == "SCAN jobs USING INDEX jobs_enqueued";
        // And counted by an index of it, as are the mails that wait.
        let counts_what_waits = |step: &String| {
            step.starts_with("SCAN jobs USING COVERING") || step.starts_with("SCAN mails USING COVERING")
        };
        // A whole log is counted by an index of it.
        let counts_the_log = |step: &String| {
            ["audit_events", "log_entries"]
                .iter()
                .any(|log| step.starts_with(&format!("SCAN {log} USING COVERING INDEX")))
        };
        // Lists of accounts are walked in their order, and searched through, in indexes made for that.
        let walks_accounts = |step: &String| {
            ["users_by_", "users_search"].iter().any(|index| {
                step.starts_with(&format!("SCAN users USING COVERING INDEX {index}"))
                    || step.starts_with(&format!("SCAN users USING INDEX {index}"))
            })
        };
        // All that is active is read from an index of it.
        let reads_the_active =
            |step: &String| step == "SCAN transcriptions USING INDEX transcriptions_active";
        let is_expected = |step: &String| {
            reads_the_active(step)
                || walks_the_queue(step)
                || counts_what_waits(step)
                || walks_accounts(step)
                || counts_the_log(step)
        };
        assert!(scans.iter().all(is_expected), "{statement}\n{scans:#?}");
    }
}

#[tokio::test]
async fn each_filter_of_the_log_has_its_index() {
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let database = recording(&folder).await;
    let indexes = ["trouble", "trouble", "at", "request", "route", "status"];
    for (filter, index) in log_filters().iter().zip(indexes) {
        recorded();
        database.log_entries(filter, page()).await.unwrap();
        let plan = plan(&mut raw(&folder), recorded().first().unwrap());
        let looked_up = |step: &&String| step.contains(&format!("log_entries_{index}"));
        // Once for the page, once for the total.
        assert_eq!(plan.iter().filter(looked_up).count(), 2, "{filter:?}\n{plan:#?}");
    }
}
