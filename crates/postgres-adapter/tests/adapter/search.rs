//! The index of words, beyond what every adapter promises.

use lectern_application::ports::{PageRequest, Queries, Transactions, TranscriptionFilter};
use lectern_domain::{
    account::UserId,
    transcription::{Chunk, ChunkNumber, SearchText},
};
use lectern_testkit::build;

use crate::fixture::{Fixture, migrated};

/// An owner of one transcription, which has that text.
async fn transcribed(fixture: &Fixture, text: &str) -> UserId {
    let mut work = fixture.database.begin().await.unwrap();
    let owner = work.insert_user(build::user("ada").build()).await.unwrap().id();
    let id = work.insert_transcription(build::transcription(owner).build()).await.unwrap().id();
    let chunk = Chunk::new(ChunkNumber(0), text, Vec::new()).unwrap();
    work.put_chunk(id, &chunk, 1).await.unwrap();
    work.commit().await.unwrap();
    owner
}

async fn finds(fixture: &Fixture, owner: UserId, search: &str) -> bool {
    let filter = TranscriptionFilter { owner, state: None, search: Some(SearchText::parse(search).unwrap()) };
    fixture.database.transcriptions(&filter, PageRequest::FIRST).await.unwrap().total > 0
}

#[tokio::test]
async fn latin_letters_are_found_without_their_marks() {
    let fixture = migrated().await;
    let owner = transcribed(&fixture, "Les élèves étudient").await;
    for search in ["eleves", "élè", "ETUDIENT"] {
        assert!(finds(&fixture, owner, search).await, "{search}");
    }
}

#[tokio::test]
async fn parts_of_a_term_follow_each_other() {
    let fixture = migrated().await;
    let owner = transcribed(&fixture, "by e-mail on 2026-11-21 from www.example.org").await;
    for search in ["e-mail", "e-ma", "2026-11", "www.example", "example/or"] {
        assert!(finds(&fixture, owner, search).await, "{search}");
    }
    for search in ["mail-e", "11-2026", "www.org"] {
        assert!(!finds(&fixture, owner, search).await, "{search}");
    }
}

#[tokio::test]
async fn the_largest_texts_are_stored_and_found() {
    let fixture = migrated().await;
    let text = |word: fn(usize) -> String| {
        let mut text = String::new();
        for n in 0.. {
            let word = word(n);
            if text.len() + word.len() + 1 > Chunk::MAX_BYTES {
                return text;
            }
            text += &word;
            text += " ";
        }
        text
    };
    let owner = transcribed(&fixture, &text(|n| format!("{n:x}"))).await;
    assert!(finds(&fixture, owner, "abc1").await);
    let fixture = migrated().await;
    let owner = transcribed(&fixture, &text(|_| "word".to_owned())).await;
    assert!(finds(&fixture, owner, "word-wor").await);
    let fixture = migrated().await;
    let letters = (0_u32..20_000).cycle().take(Chunk::MAX_BYTES / 4);
    let letters = letters.flat_map(|n| [char::from_u32(0x4e00 + n).unwrap(), ' ']);
    let owner = transcribed(&fixture, &letters.collect::<String>()).await;
    assert!(finds(&fixture, owner, "講").await);
}
