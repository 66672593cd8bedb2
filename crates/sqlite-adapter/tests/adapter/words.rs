//! The index of words follows the tables, whatever changes them.

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};
use lectern_application::ports::Transactions;
use lectern_domain::transcription::TranscriptionId;
use lectern_testkit::build;

use crate::fixture::{Fixture, migrated};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn indexed(fixture: &Fixture) -> i64 {
    let count = diesel::sql_query("SELECT count(*) AS count FROM transcript_words_docsize");
    count.get_result::<Count>(&mut fixture.raw()).unwrap().count
}

/// A transcription with a title and two chunks, one of them stored twice.
async fn filled(fixture: &Fixture) -> TranscriptionId {
    let mut work = fixture.database.begin().await.unwrap();
    let user = work.insert_user(build::user("ada").build()).await.unwrap();
    let transcription = build::transcription(user.id()).title("Sorting").build();
    let id = work.insert_transcription(transcription).await.unwrap().id();
    for (number, text) in [(0, "merge"), (1, "quick"), (1, "heap")] {
        work.put_chunk(id, &build::chunk(number, text).build(), 1).await.unwrap();
    }
    work.commit().await.unwrap();
    id
}

#[tokio::test]
async fn title_and_chunks_are_indexed_once_each() {
    let fixture = migrated().await;
    filled(&fixture).await;
    assert_eq!(indexed(&fixture), 3);
}

#[tokio::test]
async fn deleting_a_transcription_leaves_no_words() {
    let fixture = migrated().await;
    let id = filled(&fixture).await;
    let mut work = fixture.database.begin().await.unwrap();
    work.delete_transcription(id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(indexed(&fixture), 0);
}

#[tokio::test]
async fn deleting_a_chunk_leaves_the_words_of_the_others() {
    let fixture = migrated().await;
    filled(&fixture).await;
    fixture.raw().batch_execute("DELETE FROM chunks WHERE number = 1").unwrap();
    assert_eq!(indexed(&fixture), 2);
}
