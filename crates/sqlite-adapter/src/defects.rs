//! What is damaged in the file. Nothing is, as long as nobody but SQLite writes to it and the disk keeps what it is given.

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{Nullable, Text},
};

use crate::failure::Failure;

#[derive(QueryableByName)]
struct Defect {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Nullable<Text>)]
    parent: Option<String>,
}

/// What SQLite finds wrong with the file, and rows that refer to others that are not there. Reads everything there is.
pub(crate) fn defects(connection: &mut SqliteConnection) -> Result<Vec<String>, Failure> {
    let damaged = diesel::sql_query("PRAGMA integrity_check(20)").load::<Defect>(connection)?;
    let orphans = diesel::sql_query(
        "SELECT DISTINCT \"table\" AS child, parent FROM pragma_foreign_key_check ORDER BY 1, 2",
    )
    .load::<Orphan>(connection)?;
    let damaged = damaged.into_iter().map(|row| row.integrity_check).filter(|text| text != "ok");
    let orphans = orphans.into_iter().map(|row| {
        let parent = row.parent.unwrap_or_default();
        format!("{} has rows that refer to rows of {parent} that are not there", row.child)
    });
    Ok(damaged.chain(orphans).collect())
}
