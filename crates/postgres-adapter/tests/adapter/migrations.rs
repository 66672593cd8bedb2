//! The schema's versions.

use lectern_application::ports::{MigrationState, Schema, Transactions};
use lectern_domain::access::{BUILT_IN_ROLES, Role};
use lectern_postgres_adapter::{OpenError, PostgresDatabase};
use tokio::task::JoinSet;

use crate::{
    databases::TestDatabase,
    fixture::{Fixture, migrated, open},
};

/// Everything that the migrations make, a line each, as the catalogue has it.
async fn schema(fixture: &Fixture) -> Vec<String> {
    fixture
        .lines(
            "SELECT concat_ws(' ', 'column', c.oid::regclass, attname, format_type(atttypid, atttypmod), \
                 attnotnull, attidentity, attgenerated, attcollation::regcollation, pg_get_expr(adbin, adrelid)) AS line \
             FROM pg_class AS c JOIN pg_attribute AS a ON attrelid = c.oid \
             LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum \
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped \
                 AND relname <> '__diesel_schema_migrations' \
             UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
             FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '__diesel_schema_migrations' \
             UNION ALL SELECT indexdef FROM pg_indexes \
             WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations' \
             UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
             UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p \
             WHERE pronamespace = 'public'::regnamespace \
                 AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e') \
             ORDER BY 1",
        )
        .await
}

#[tokio::test]
async fn every_migration_has_a_way_back_and_forth() {
    let fixture = migrated().await;
    let complete = schema(&fixture).await;
    let mut names = Vec::new();
    while let Some(name) = fixture.database.migrate_down().await.unwrap() {
        names.push(name);
    }
    let left: Vec<String> =
        schema(&fixture).await.into_iter().filter(|line| !line.contains("diesel_")).collect();
    names.reverse();
    assert_eq!(fixture.database.migrate_up().await.unwrap(), names);
    assert_eq!((left, schema(&fixture).await), (Vec::new(), complete));
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    assert!(migrated().await.database.migrate_up().await.unwrap().is_empty());
}

#[tokio::test]
async fn redoing_the_last_migration_leaves_the_schema_as_it_was() {
    let fixture = migrated().await;
    let before = schema(&fixture).await;
    let redone = fixture.database.migrate_redo().await.unwrap();
    let last = fixture.database.migration_status().await.unwrap().pop().map(|last| last.name);
    assert_eq!((redone, schema(&fixture).await), (last, before));
}

#[tokio::test]
async fn the_status_tells_what_is_applied_and_what_is_pending() {
    let fixture = migrated().await;
    fixture.database.migrate_down().await.unwrap();
    let mut states = fixture.database.migration_status().await.unwrap().into_iter().map(|it| it.state);
    assert_eq!(states.next_back(), Some(MigrationState::Pending));
    assert!(states.all(|state| state == MigrationState::Applied));
}

#[tokio::test(flavor = "multi_thread")]
async fn four_programs_can_migrate_at_once() {
    let test = TestDatabase::empty().await;
    let mut programs = JoinSet::new();
    for _ in 0..4 {
        let database = open(&test).await;
        programs.spawn(async move { database.migrate_up().await.unwrap().len() });
    }
    let applied: usize = programs.join_all().await.into_iter().sum();
    assert_eq!(applied, open(&test).await.migration_status().await.unwrap().len());
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let fixture = migrated().await;
    fixture.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").await;
    let refused = PostgresDatabase::open(&fixture.test.settings()).await.err().unwrap();
    assert!(matches!(&refused, OpenError::NewerSchema { unknown } if unknown == &["99990101000000"]));
}

#[tokio::test]
async fn the_built_in_roles_are_those_of_the_domain() {
    let fixture = migrated().await;
    let mut work = fixture.database.begin().await.unwrap();
    for name in BUILT_IN_ROLES {
        assert_eq!(work.role(&name).await.unwrap(), Role::built_in(&name));
    }
}
