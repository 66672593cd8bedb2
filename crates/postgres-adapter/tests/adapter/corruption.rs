//! Invalid values in the database are reported with table, column and row.

use std::fmt::Debug;

use lectern_application::ports::{PageRequest, Queries, Schema, StoreError, Transactions};
use lectern_domain::{
    access::Permission,
    account::{User, UserParts},
    challenge::{ChallengeId, Code},
    idempotency::{KeyOwner, Operation},
    mail::{Mail, MailContent, MailId},
    session::Session,
    transcription::{Job, Transcription},
};
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use lectern_services::{Durability, PostgreSql, Service as _};
use lectern_testkit::build;

use crate::fixture::{Fixture, migrated};

struct Stored {
    fixture: Fixture,
    user: User,
    session: Session,
    transcription: Transcription,
}

/// One row of each kind.
async fn stored() -> Stored {
    let fixture = Box::pin(migrated()).await;
    let mut work = fixture.database.begin().await.unwrap();
    let user = work.insert_user(build::user("ada").build()).await.unwrap();
    let permissions = [Permission::USERS_VIEW].into_iter().collect();
    let user = User::from_parts(UserParts { permissions, ..user.parts().clone() }).unwrap();
    work.save_user(&user).await.unwrap();
    let session = build::session(user.id()).build();
    work.insert_session(&session).await.unwrap();
    let transcription = work.insert_transcription(build::transcription(user.id()).build()).await.unwrap();
    work.put_chunk(transcription.id(), &build::chunk(0, "text").build(), 1).await.unwrap();
    work.put_job(&Job::enqueue(transcription.id(), build::at(0))).await.unwrap();
    work.commit().await.unwrap();
    Stored { fixture, user, session, transcription }
}

impl Stored {
    /// Writes what the adapter never would: without the constraints that would not let it.
    async fn tamper(&self, sql: &str) {
        let unchecked = "DO $$ DECLARE c record; BEGIN FOR c IN \
             SELECT conname, conrelid::regclass AS t FROM pg_constraint \
             WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace \
             LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP; END $$;";
        self.fixture.execute(&format!("{unchecked} {sql}")).await;
    }
}

#[track_caller]
fn assert_corrupt<T: Debug>(result: Result<T, StoreError>, place: (&str, &str), key: &str) {
    match result {
        Err(StoreError::Corrupt { table, column, row }) => {
            assert_eq!((table, column, row.as_str()), (place.0, place.1, key));
        }
        other => assert!(matches!(other, Err(StoreError::Corrupt { .. })), "{other:?}"),
    }
}

#[tokio::test]
async fn an_invalid_account_is_named() {
    let stored = stored().await;
    stored.tamper("UPDATE users SET first_name = ''").await;
    let read = stored.fixture.database.account(stored.user.id()).await;
    assert_corrupt(read, ("users", "first_name"), "1");
}

#[tokio::test]
async fn an_invalid_permission_is_named() {
    let stored = stored().await;
    stored.tamper("UPDATE users SET permissions = '{Not a permission}'").await;
    let read = stored.fixture.database.account(stored.user.id()).await;
    assert_corrupt(read, ("users", "permissions"), "1");
}

#[tokio::test]
async fn an_invalid_session_is_named() {
    let stored = stored().await;
    stored.tamper("UPDATE sessions SET generation = -1").await;
    let read = stored.fixture.database.session(stored.session.id()).await;
    assert_corrupt(read, ("sessions", "generation"), &stored.session.id().0.to_string());
}

#[tokio::test]
async fn an_invalid_transcription_is_named() {
    let stored = stored().await;
    stored.tamper("UPDATE transcriptions SET state = 'completed'").await;
    let read = stored.fixture.database.transcription(stored.transcription.id()).await;
    assert_corrupt(read, ("transcriptions", "finished_at"), "1");
}

#[tokio::test]
async fn an_invalid_chunk_is_named() {
    let stored = stored().await;
    stored.tamper("UPDATE chunks SET segments = '[[1, 0, \"backwards\"]]'").await;
    let read = stored.fixture.database.transcript(stored.transcription.id()).await;
    assert_corrupt(read, ("chunks", "segments"), &format!("{}/0", stored.transcription.id().0));
}

#[tokio::test]
async fn an_impossible_ledger_entry_is_named() {
    let stored = stored().await;
    let user = stored.user.id();
    let mut work = stored.fixture.database.begin().await.unwrap();
    work.insert_entry(&build::ledger_entry(user, 5, 5).build()).await.unwrap();
    work.commit().await.unwrap();
    let page = PageRequest::new(1, 10).unwrap();
    for (change, column) in [
        ("balance_after = 4", "balance_after"),
        ("amount = 0", "amount"),
        ("reason = chr(10)", "reason"),
        ("idempotency_key = 'two words'", "idempotency_key"),
    ] {
        stored.tamper(&format!("UPDATE ledger_entries SET {change}")).await;
        let read = stored.fixture.database.ledger(user, page).await;
        assert_corrupt(read, ("ledger_entries", column), "1");
        stored
            .tamper(
                "UPDATE ledger_entries SET balance_after = 5, amount = 5, reason = 'because', actor_id = id, \
             idempotency_key = NULL",
            )
            .await;
    }
}

#[tokio::test]
async fn an_invalid_record_of_a_key_is_named_by_what_was_made() {
    let stored = stored().await;
    let record =
        build::key_record(build::key_use(KeyOwner::Anybody, Operation::Register, "secret"), build::at(0));
    let mut work = stored.fixture.database.begin().await.unwrap();
    work.insert_key(&record).await.unwrap();
    work.commit().await.unwrap();
    stored.tamper("UPDATE idempotency_keys SET created_id = 'no id'").await;
    let read = stored.fixture.database.key_record(&record.used).await;
    assert_corrupt(read, ("idempotency_keys", "created_id"), "no id");
}

#[tokio::test]
async fn an_invalid_job_is_named_and_dooms_the_unit() {
    let stored = stored().await;
    stored.tamper("UPDATE jobs SET lease_id = gen_random_uuid(), lease_expires_at = now()").await;
    let mut work = stored.fixture.database.begin().await.unwrap();
    let read = work.job(stored.transcription.id()).await;
    assert_corrupt(read, ("jobs", "lease_id"), &stored.transcription.id().0.to_string());
    assert!(work.commit().await.is_err());
}

#[tokio::test]
async fn an_invalid_mail_is_named_and_its_code_is_not_shown() {
    let stored = stored().await;
    let id = MailId(build::fresh_id());
    let content = MailContent::PasswordReset { code: Code::new([0; 8]) };
    let mut work = stored.fixture.database.begin().await.unwrap();
    work.put_mail(&Mail::new(id, None, content, build::at(0), build::at(1))).await.unwrap();
    work.commit().await.unwrap();
    stored.tamper("UPDATE mails SET code = 's3cr3t'").await;
    let read = stored.fixture.database.begin().await.unwrap().mail(id).await;
    assert!(!format!("{read:?}").contains("s3cr3t"));
    assert_corrupt(read, ("mails", "code"), &id.0.to_string());
}

#[tokio::test]
async fn an_invalid_challenge_is_named_by_the_time_it_was_made() {
    let stored = stored().await;
    stored
        .tamper(
            "INSERT INTO challenges (id, purpose, address, code, wrong_codes, created_at, expires_at) \
         SELECT zeros, 'espionage', zeros, zeros, 0, 'epoch'::timestamptz + interval '7 us', now() \
         FROM (SELECT decode(repeat('00', 32), 'hex') AS zeros) AS z",
        )
        .await;
    let read = stored.fixture.database.begin().await.unwrap().challenge(ChallengeId([0; 32])).await;
    assert_corrupt(read, ("challenges", "purpose"), "7");
}

#[tokio::test]
async fn an_invalid_role_is_named() {
    let stored = stored().await;
    stored.tamper("UPDATE roles SET allowed = '{Not a permission}' WHERE name = 'user'").await;
    assert_corrupt(stored.fixture.database.roles().await, ("roles", "allowed"), "user");
}

/// On a server that is run as it should be: the one that tests share may forget what it stored.
#[tokio::test]
async fn a_database_in_order_has_no_defects() {
    let server = PostgreSql::start_with(Durability::Machine).unwrap();
    let settings = PostgresSettings::at(server.url().into());
    let database = PostgresDatabase::open(&settings).await.unwrap();
    database.migrate_up().await.unwrap();
    assert_eq!(database.defects().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn what_holds_nothing_is_a_defect() {
    let stored = stored().await;
    for (sql, defect) in [
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_role'::regclass",
            "the index users_role is invalid",
        ),
        (
            "ALTER TABLE users ADD CONSTRAINT odd CHECK (balance <> 7) NOT VALID",
            "the constraint odd of users was never checked",
        ),
        ("ALTER TABLE users DISABLE TRIGGER user_moves", "the trigger user_moves of users is disabled"),
    ] {
        stored.fixture.execute(sql).await;
        let defects = stored.fixture.database.defects().await.unwrap();
        assert!(defects.iter().any(|found| found.starts_with(defect)), "{defects:?}");
    }
}

#[tokio::test]
async fn a_server_that_may_lose_what_was_stored_is_a_defect() {
    let stored = stored().await;
    let name = stored.fixture.lines("SELECT current_database()::text").await.remove(0);
    stored.fixture.execute(&format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
    let defects = stored.fixture.database.defects().await.unwrap();
    assert!(defects.iter().any(|defect| defect.starts_with("synchronous_commit is off")), "{defects:?}");
}
