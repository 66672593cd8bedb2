//! The schema and its versions.

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Text};
use lectern_application::ports::{MigrationState, Schema, Transactions};
use lectern_domain::access::{BUILT_IN_ROLES, Role};
use lectern_sqlite_adapter::{OpenError, SqliteDatabase};

use crate::fixture::{Fixture, migrated};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(fixture: &Fixture, sql: &str) -> Vec<String> {
    let lines = diesel::sql_query(sql).load::<Line>(&mut fixture.raw()).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

fn schema(fixture: &Fixture) -> Vec<String> {
    lines(
        fixture,
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_schema \
         WHERE tbl_name NOT IN ('sqlite_sequence', '__diesel_schema_migrations') ORDER BY type, name",
    )
}

#[tokio::test]
async fn every_migration_has_a_way_back_and_forth() {
    let fixture = migrated().await;
    let complete = schema(&fixture);
    let mut names = Vec::new();
    while let Some(name) = fixture.database.migrate_down().await.unwrap() {
        names.push(name);
    }
    let left = schema(&fixture);
    names.reverse();
    assert_eq!(fixture.database.migrate_up().await.unwrap(), names);
    assert_eq!((left, schema(&fixture)), (Vec::new(), complete));
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    assert!(migrated().await.database.migrate_up().await.unwrap().is_empty());
}

#[tokio::test]
async fn redoing_the_last_migration_leaves_the_schema_as_it_was() {
    let fixture = migrated().await;
    let before = schema(&fixture);
    let redone = fixture.database.migrate_redo().await.unwrap();
    let last = fixture.database.migration_status().await.unwrap().pop().map(|last| last.name);
    assert_eq!((redone, schema(&fixture)), (last, before));
}

#[tokio::test]
async fn the_status_tells_what_is_applied_and_what_is_pending() {
    let fixture = migrated().await;
    fixture.database.migrate_down().await.unwrap();
    let mut states = fixture.database.migration_status().await.unwrap().into_iter().map(|it| it.state);
    assert_eq!(states.next_back(), Some(MigrationState::Pending));
    assert!(states.all(|state| state == MigrationState::Applied));
}

#[tokio::test]
async fn two_programs_can_migrate_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lectern.db");
    let (one, other) = (SqliteDatabase::open(&path).unwrap(), SqliteDatabase::open(&path).unwrap());
    let (by_one, by_other) = tokio::join!(one.migrate_up(), other.migrate_up());
    let applied = by_one.unwrap().len() + by_other.unwrap().len();
    assert_eq!(applied, one.migration_status().await.unwrap().len());
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let fixture = migrated().await;
    fixture
        .raw()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')")
        .unwrap();
    let refused = SqliteDatabase::open(&fixture.path()).err().unwrap();
    assert!(matches!(&refused, OpenError::NewerSchema { unknown, .. } if unknown == &["99990101000000"]));
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let fixture = migrated().await;
    let bare = lines(
        &fixture,
        "SELECT child.name || '.' || fk.\"from\" AS line \
         FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS fk \
         WHERE child.type = 'table' AND NOT EXISTS (\
             SELECT 1 FROM pragma_index_list(child.name) AS i, pragma_index_info(i.name) AS c \
             WHERE c.seqno = 0 AND c.name = fk.\"from\" AND i.partial = 0)",
    );
    let keys = lines(
        &fixture,
        "SELECT fk.\"from\" AS line FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS fk \
         WHERE child.type = 'table'",
    );
    assert!(!keys.is_empty() && bare.is_empty(), "{bare:?}");
}

#[tokio::test]
async fn every_table_is_strict() {
    let lax = lines(
        &migrated().await,
        "SELECT name AS line FROM pragma_table_list \
         WHERE schema = 'main' AND type = 'table' AND strict = 0 \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '__diesel_schema_migrations'",
    );
    assert!(lax.is_empty(), "{lax:?}");
}

#[tokio::test]
async fn the_built_in_roles_are_those_of_the_domain() {
    let fixture = migrated().await;
    let mut work = fixture.database.begin().await.unwrap();
    for name in BUILT_IN_ROLES {
        assert_eq!(work.role(&name).await.unwrap(), Role::built_in(&name));
    }
}
