//! What changed in a transcription since a revision.

use lectern_application::ports::Changes;
use lectern_domain::transcription::{Title, TranscriptionId};

use super::StoreFixture;
use crate::build::{at, chunk, transcription};

async fn changes(fixture: &StoreFixture, id: TranscriptionId, revision: u32) -> Changes {
    fixture.queries.changes_since(id, revision).await.unwrap().unwrap()
}

/// Revisions and numbers of the chunks that were stored since then.
async fn stored_since(fixture: &StoreFixture, id: TranscriptionId, revision: u32) -> Vec<(u32, u32)> {
    let changes = changes(fixture, id, revision).await;
    changes.chunks.iter().map(|(revision, chunk)| (*revision, chunk.number().0)).collect()
}

/// Chunks come with the revision each was stored at, the oldest first.
pub async fn changes_come_in_the_order_of_revisions(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    for (number, revision) in [(2, 3), (0, 10), (1, 2)] {
        fixture.put_chunk(id, &chunk(number, "words").build(), revision).await;
    }
    assert_eq!(stored_since(fixture, id, 0).await, [(2, 1), (3, 2), (10, 0)]);
}

/// What was stored at the revision itself is known already; what came after it is not.
pub async fn changes_begin_after_the_revision(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    fixture.put_chunk(id, &chunk(0, "words").build(), 2).await;
    fixture.put_chunk(id, &chunk(1, "words").build(), 3).await;
    assert_eq!(stored_since(fixture, id, 1).await, [(2, 0), (3, 1)]);
    assert_eq!(stored_since(fixture, id, 2).await, [(3, 1)]);
    assert_eq!(stored_since(fixture, id, 3).await, []);
    assert_eq!(stored_since(fixture, id, u32::MAX).await, []);
}

/// A replaced chunk changed at the revision of its replacement.
pub async fn a_replaced_chunk_is_a_change(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    fixture.put_chunk(id, &chunk(0, "old").build(), 1).await;
    fixture.put_chunk(id, &chunk(1, "words").build(), 2).await;
    let new = chunk(0, "new").with_segments(&[(0, 400, "new")]).build();
    fixture.put_chunk(id, &new, 3).await;
    assert_eq!(stored_since(fixture, id, 0).await, [(2, 1), (3, 0)]);
    assert_eq!(changes(fixture, id, 2).await.chunks, [(3, new)]);
}

/// The transcription comes as it is now, whatever the revision.
pub async fn changes_show_the_transcription_as_it_is(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    let renamed = queued.rename(Title::parse("Sorting").ok(), at(5));
    fixture.save_transcription(&renamed).await;
    fixture.put_chunk(renamed.id(), &chunk(0, "words").build(), 2).await;
    for revision in [0, 2, u32::MAX] {
        let changes = changes(fixture, renamed.id(), revision).await;
        assert_eq!(changes.view, fixture.view(renamed.id()).await);
        assert_eq!(changes.view.transcription, renamed);
    }
}

/// Others' chunks are no changes of this one.
pub async fn changes_are_of_one_transcription(fixture: &StoreFixture) {
    let (id, other) = (fixture.queued().await.id(), fixture.queued().await.id());
    fixture.put_chunk(other, &chunk(0, "words").build(), 1).await;
    assert_eq!(stored_since(fixture, id, 0).await, []);
}

/// A transcription that isn't there has no changes.
pub async fn an_unknown_transcription_has_no_changes(fixture: &StoreFixture) {
    let unknown = transcription(fixture.account().await).build().id;
    assert_eq!(fixture.queries.changes_since(unknown, 0).await.unwrap(), None);
}
