//! Audio that is not kept any longer: which is due, and what is remembered of it.

use std::time::Duration;

use lectern_domain::{
    time::Timestamp,
    transcription::{State, Transcription, TranscriptionId, TranscriptionParts},
};

use super::{StoreFixture, in_state};
use crate::build::{at, transcription};

/// A transcription that ended then.
async fn ended(fixture: &StoreFixture, at: Timestamp) -> Transcription {
    let queued = fixture.queued().await;
    let ended = in_state(&queued, State::Completed { at });
    fixture.save_transcription(&ended).await;
    ended
}

async fn due(fixture: &StoreFixture, before: Timestamp, limit: u32) -> Vec<TranscriptionId> {
    let mut work = fixture.unit().await;
    let due = work.finished_with_audio(before, limit).await.unwrap();
    // Else they may stay held for a moment, and be passed over.
    work.commit().await.unwrap();
    due.iter().map(Transcription::id).collect()
}

async fn remove_audio(fixture: &StoreFixture, of: &Transcription, at: Timestamp) -> Transcription {
    let removed = of.clone().remove_audio(at).unwrap();
    fixture.save_transcription(&removed).await;
    removed
}

/// It comes back in every way in which a transcription is read, and nothing else of it is another.
pub async fn a_transcription_remembers_when_its_audio_was_removed(fixture: &StoreFixture) {
    let ended = ended(fixture, at(1)).await;
    let moment = at(2).plus(Duration::from_micros(1));
    let removed = remove_audio(fixture, &ended, moment).await;
    let expected = TranscriptionParts { audio_removed_at: Some(moment), ..ended.parts().clone() };
    assert_eq!(removed.parts(), &expected);
    assert_eq!(fixture.unit().await.transcription(ended.id()).await.unwrap(), Some(removed.clone()));
    assert_eq!(fixture.view(ended.id()).await.transcription, removed);
}

/// In the order in which they ended, and as they are stored.
pub async fn the_audio_of_what_ended_first_is_due_first(fixture: &StoreFixture) {
    let (late, early) = (ended(fixture, at(2)).await, ended(fixture, at(1)).await);
    let due = fixture.unit().await.finished_with_audio(at(50), 10).await.unwrap();
    assert_eq!(due, [early, late]);
}

/// What ended before the cut-off is due, what ended at that very moment is not.
pub async fn audio_that_is_due_spares_the_cut_off(fixture: &StoreFixture) {
    let early = ended(fixture, at(50).minus(Duration::from_micros(1))).await;
    let late = ended(fixture, at(50)).await;
    assert_eq!(due(fixture, at(50), 10).await, [early.id()]);
    assert_eq!(due(fixture, at(51), 10).await, [early.id(), late.id()]);
}

/// At most `limit` are answered.
pub async fn audio_that_is_due_keeps_to_its_limit(fixture: &StoreFixture) {
    for second in 1..=3 {
        ended(fixture, at(second)).await;
    }
    assert_eq!(due(fixture, at(50), 0).await, []);
    assert_eq!(due(fixture, at(50), 2).await.len(), 2);
}

/// However old it is, and whatever final state it may have been in before a retry.
pub async fn the_audio_of_an_active_transcription_is_never_due(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let old = fixture.insert_transcription(transcription(owner).created_at(at(0)).build()).await;
    for state in [State::Cancelled { at: at(1) }, State::Queued, State::InProgress, State::ProcessingError] {
        fixture.save_transcription(&in_state(&old, state)).await;
        let is_due = due(fixture, at(50), 10).await == [old.id()];
        assert_eq!(is_due, !state.name().is_active(), "{state:?}");
    }
}

/// Of two, the one whose audio was removed is not due any more.
pub async fn removed_audio_is_not_due_again(fixture: &StoreFixture) {
    let (first, second) = (ended(fixture, at(1)).await, ended(fixture, at(2)).await);
    remove_audio(fixture, &first, at(3)).await;
    assert_eq!(due(fixture, at(50), 10).await, [second.id()]);
}

/// So an object that a crash left behind is found.
pub async fn removed_audio_is_referred_to_no_more(fixture: &StoreFixture) {
    let (kept, removed) = (ended(fixture, at(1)).await, ended(fixture, at(1)).await);
    remove_audio(fixture, &removed, at(2)).await;
    let keys = [kept, removed].map(|transcription| transcription.parts().recording.key);
    assert_eq!(fixture.queries.unreferenced_audio(&keys).await.unwrap(), [keys[1]]);
}
