//! Rules that all tables keep, asked of PostgreSQL's catalogue.

use crate::fixture::migrated;

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let fixture = migrated().await;
    let keys = "FROM pg_constraint AS fk WHERE contype = 'f' AND connamespace = 'public'::regnamespace";
    let bare = fixture
        .lines(&format!(
            "SELECT conrelid::regclass || '.' || conname {keys} AND NOT EXISTS (\
                 SELECT 1 FROM pg_index WHERE indrelid = fk.conrelid AND indkey[0] = fk.conkey[1] AND indpred IS NULL)"
        ))
        .await;
    let all = fixture.lines(&format!("SELECT conname::text {keys}")).await;
    assert!(all.len() > 5 && bare.is_empty(), "{bare:?}");
}

#[tokio::test]
async fn every_table_has_a_primary_key() {
    let without = migrated()
        .await
        .lines(
            "SELECT relname::text FROM pg_class AS c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \
             AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = c.oid AND indisprimary)",
        )
        .await;
    assert!(without.is_empty(), "{without:?}");
}

#[tokio::test]
async fn every_time_knows_where_it_is() {
    let local = migrated()
        .await
        .lines(
            "SELECT attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid \
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '__diesel_schema_migrations' \
             AND (atttypid = 'timestamp'::regtype OR (attname LIKE '%\\_at' AND atttypid <> 'timestamptz'::regtype))",
        )
        .await;
    assert!(local.is_empty(), "{local:?}");
}

#[tokio::test]
async fn what_has_few_values_is_checked() {
    let fixture = migrated().await;
    let checked = fixture
        .lines(
            "SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
        )
        .await;
    for (table, column) in [
        ("sessions", "policy"),
        ("sessions", "end_reason"),
        ("transcriptions", "state"),
        ("challenges", "purpose"),
        ("mails", "content"),
        ("idempotency_keys", "created_kind"),
    ] {
        let listed = |line: &&String| line.starts_with(&format!("{table} CHECK (({column} = ANY"));
        assert!(checked.iter().any(|line| listed(&line)), "{table}.{column}: {checked:#?}");
    }
}
