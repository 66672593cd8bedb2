//! Transcriptions: round trips, numbers, one active per owner, and deletion.

use std::time::Duration;

use lectern_application::ports::{Constraint, PageRequest, TranscriptionFilter};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, Job, MAX_ERRORS, NewTranscription, Recording, Sha256, State, Title, Transcription,
        TranscriptionNumber, TranscriptionParts,
    },
};

use super::{StoreFixture, assert_conflict, in_state};
use crate::build::{at, chunk, fresh_id, transcription};

const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

const ACTIVE: [State; 3] = [State::Queued, State::InProgress, State::ProcessingError];

const FINAL: [State; 4] = [
    State::Completed { at: PRECISE },
    State::CompletedPartially { at: PRECISE },
    State::ProcessingFail { at: PRECISE },
    State::Cancelled { at: PRECISE },
];

async fn assert_comes_back(fixture: &StoreFixture, expected: &Transcription) {
    let in_unit = fixture.unit().await.transcription(expected.id()).await.unwrap();
    assert_eq!(in_unit.as_ref(), Some(expected));
    assert_eq!(&fixture.view(expected.id()).await.transcription, expected);
}

/// A transcription with everything it can have, at the limits.
fn fullest(owner: UserId) -> NewTranscription {
    let recording = Recording {
        key: AudioKey(fresh_id()),
        media_type: "audio/mp4; codecs=\"mp4a.40.2\"".to_owned(),
        bytes: u64::try_from(i64::MAX).unwrap(),
        sha256: Sha256(std::array::from_fn(|index| u8::try_from(index * 8).unwrap())),
    };
    transcription(owner)
        .title(&"𝔘".repeat(Title::MAX_CHARS))
        .language("zh-Hant-TW-x-abcdefgh")
        .recording(recording)
        .duration(Duration::from_micros(7_199_999_999))
        .chunk_size(Duration::from_micros(60_000_001))
        .created_at(PRECISE)
        .build()
}

/// What `insert_transcription` answers is the transcription given, under a number, and it is what is stored.
pub async fn a_new_transcription_comes_back_as_it_was_given(fixture: &StoreFixture) {
    for new in [fullest(fixture.account().await), transcription(fixture.account().await).build()] {
        let inserted = fixture.insert_transcription(new.clone()).await;
        assert_eq!(inserted, new.numbered(inserted.parts().number));
        assert_comes_back(fixture, &inserted).await;
    }
}

/// Every state is saved with its time.
pub async fn every_state_comes_back(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    for state in FINAL.into_iter().chain(ACTIVE) {
        let saved = in_state(&queued, state);
        fixture.save_transcription(&saved).await;
        assert_comes_back(fixture, &saved).await;
    }
}

/// Title, error count, revision and time of change are saved too, and the title can be taken away.
pub async fn what_changes_in_a_transcription_is_saved(fixture: &StoreFixture) {
    let inserted = fixture.insert_transcription(fullest(fixture.account().await)).await;
    for title in [Title::parse("Vorlesung über %_'\"; --").ok(), None] {
        let changed = Transcription::from_parts(TranscriptionParts {
            title,
            error_count: MAX_ERRORS,
            revision: u32::MAX,
            updated_at: PRECISE.plus(Duration::from_micros(1)),
            ..inserted.parts().clone()
        });
        fixture.save_transcription(&changed).await;
        assert_comes_back(fixture, &changed).await;
    }
}

/// An id that no transcription has is no error.
pub async fn an_unknown_transcription_is_none(fixture: &StoreFixture) {
    let unknown = transcription(fixture.account().await).build().id;
    assert_eq!(fixture.unit().await.transcription(unknown).await.unwrap(), None);
    assert_eq!(fixture.queries.transcription(unknown).await.unwrap(), None);
}

/// A number finds the transcription that has it, as its id does, and no other.
pub async fn a_transcription_is_found_by_its_number(fixture: &StoreFixture) {
    let (first, second) = (fixture.queued().await, fixture.queued().await);
    fixture.put_chunk(second.id(), &chunk(0, "words").build(), 1).await;
    for expected in [first, second] {
        let found = fixture.queries.transcription_by_number(expected.parts().number).await.unwrap();
        assert_eq!(found, Some(fixture.view(expected.id()).await));
    }
}

/// Whoever reads a transcription sees the number of the account whose it is, whichever way it is read.
pub async fn a_transcription_is_seen_with_its_owners_number(fixture: &StoreFixture) {
    let owners = [fixture.account().await, fixture.account().await];
    for owner in owners {
        let id = fixture.insert_transcription(transcription(owner).build()).await.id();
        let queries = &fixture.queries;
        let number = queries.account(owner).await.unwrap().unwrap().user.parts().number;
        assert_eq!(fixture.view(id).await.owner_number, number);
        let changes = queries.changes_since(id, 0).await.unwrap().unwrap();
        assert_eq!(changes.view.owner_number, number);
        let filter = TranscriptionFilter { owner, state: None, search: None };
        let listed = queries.transcriptions(&filter, PageRequest::FIRST).await.unwrap();
        assert_eq!(listed.items.first().unwrap().owner_number, number);
    }
}

/// A number that no transcription has is no error, be it one that was deleted or none that was ever given.
pub async fn an_unknown_number_has_no_transcription(fixture: &StoreFixture) {
    let deleted = fixture.queued().await;
    fixture.delete_transcription(deleted.id()).await;
    for number in [deleted.parts().number, TranscriptionNumber(i64::MAX), TranscriptionNumber(-1)] {
        assert_eq!(fixture.queries.transcription_by_number(number).await.unwrap(), None);
    }
}

/// Later transcriptions have higher numbers.
pub async fn numbers_of_transcriptions_ascend(fixture: &StoreFixture) {
    let mut numbers = Vec::new();
    for _ in 0..5 {
        numbers.push(fixture.queued().await.parts().number);
    }
    assert!(numbers.is_sorted_by(|earlier, later| earlier < later), "{numbers:?}");
}

/// Numbers are never used twice, even that of the newest after it was deleted.
pub async fn a_deleted_transcriptions_number_is_not_used_again(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let first = fixture.insert_transcription(transcription(owner).build()).await;
    fixture.delete_transcription(first.id()).await;
    let second = fixture.insert_transcription(transcription(owner).build()).await;
    assert!(second.parts().number > first.parts().number);
}

/// A second active transcription of the same owner MUST be a conflict, whatever the first one's active state.
pub async fn a_second_active_transcription_conflicts(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let first = fixture.insert_transcription(transcription(owner).build()).await;
    for state in ACTIVE {
        fixture.save_transcription(&in_state(&first, state)).await;
        let second = fixture.unit().await.insert_transcription(transcription(owner).build()).await;
        assert_conflict(&second, &Constraint::OneActiveTranscription);
    }
}

/// Making a second one active by saving it conflicts as inserting it does.
pub async fn saving_a_second_active_transcription_conflicts(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let first = fixture.insert_finished(transcription(owner).build()).await;
    fixture.insert_transcription(transcription(owner).build()).await;
    for state in ACTIVE {
        let saved = fixture.unit().await.save_transcription(&in_state(&first, state)).await;
        assert_conflict(&saved, &Constraint::OneActiveTranscription);
    }
}

/// Once a transcription is final, its owner may have another.
pub async fn a_final_transcription_makes_room_for_another(fixture: &StoreFixture) {
    for state in FINAL {
        let owner = fixture.account().await;
        let first = fixture.insert_transcription(transcription(owner).build()).await;
        fixture.save_transcription(&in_state(&first, state)).await;
        fixture.insert_transcription(transcription(owner).build()).await;
    }
}

/// One owner's active transcription is nobody else's.
pub async fn every_owner_may_have_an_active_transcription(fixture: &StoreFixture) {
    let first = fixture.queued().await;
    let second = fixture.queued().await;
    for queued in [first, second] {
        let active = fixture.unit().await.active_transcription(queued.parts().owner).await.unwrap();
        let read = fixture.queries.active_transcription(queued.parts().owner).await.unwrap();
        assert_eq!(read, active);
        assert_eq!(active, Some(queued));
    }
}

/// The active transcription is found in every active state, and in no final one.
pub async fn the_active_transcription_is_found(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    let owner = queued.parts().owner;
    for state in ACTIVE.into_iter().chain(FINAL) {
        let saved = in_state(&queued, state);
        fixture.save_transcription(&saved).await;
        let active = fixture.unit().await.active_transcription(owner).await.unwrap();
        assert_eq!(active, Some(saved).filter(|saved| saved.state().is_active()), "{state:?}");
    }
}

/// An owner's transcriptions are counted, active and final, and nobody else's.
pub async fn transcriptions_are_counted_by_owner(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    fixture.queued().await;
    assert_eq!(fixture.unit().await.count_transcriptions(owner).await.unwrap(), 0);
    fixture.insert_finished(transcription(owner).build()).await;
    fixture.insert_finished(transcription(owner).build()).await;
    fixture.insert_transcription(transcription(owner).build()).await;
    assert_eq!(fixture.unit().await.count_transcriptions(owner).await.unwrap(), 3);
}

/// The oldest of those that are not active: neither a newer, nor an active, nor another's.
pub async fn the_oldest_finished_transcription_is_found(fixture: &StoreFixture) {
    let (owner, other) = (fixture.account().await, fixture.account().await);
    fixture.insert_finished(transcription(other).created_at(at(1)).build()).await;
    let oldest = fixture.insert_finished(transcription(owner).created_at(at(2)).build()).await;
    let newer = fixture.insert_finished(transcription(owner).created_at(at(3)).build()).await;
    let found = async || fixture.unit().await.oldest_finished(owner).await.unwrap();
    assert_eq!(found().await, Some(oldest.clone()));

    fixture.save_transcription(&in_state(&oldest, State::InProgress)).await;
    assert_eq!(found().await, Some(newer.clone()));
    fixture.delete_transcription(newer.id()).await;
    assert_eq!(found().await, None);
}

/// A deleted transcription is gone, with its chunks and its job.
pub async fn deleting_a_transcription_takes_its_chunks_and_its_job(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    let id = queued.id();
    fixture.put_chunk(id, &chunk(0, "words").with_segments(&[(0, 9, "words")]).build(), 1).await;
    fixture.put_job(&Job::enqueue(id, at(1))).await;
    fixture.delete_transcription(id).await;

    assert_eq!(fixture.queries.transcription(id).await.unwrap(), None);
    assert_eq!(fixture.queries.transcript(id).await.unwrap(), []);
    let mut work = fixture.unit().await;
    assert_eq!(work.transcription(id).await.unwrap(), None);
    assert!(work.chunk_numbers(id).await.unwrap().is_empty());
    assert_eq!(work.job(id).await.unwrap(), None);
    assert_eq!(work.next_available_job(at(10)).await.unwrap(), None);
    assert_eq!(work.active_transcription(queued.parts().owner).await.unwrap(), None);
}

/// Deleting one leaves the others with their chunks and jobs.
pub async fn deleting_a_transcription_leaves_others_alone(fixture: &StoreFixture) {
    let (kept, deleted) = (fixture.queued().await, fixture.queued().await);
    fixture.put_chunk(kept.id(), &chunk(0, "kept").build(), 1).await;
    fixture.put_job(&Job::enqueue(kept.id(), at(1))).await;
    fixture.delete_transcription(deleted.id()).await;

    assert_comes_back(fixture, &kept).await;
    assert_eq!(fixture.queries.transcript(kept.id()).await.unwrap(), [chunk(0, "kept").build()]);
    assert!(fixture.job(kept.id()).await.is_some());
}

/// Deleting one that isn't there MUST be no error, and dooms nothing.
pub async fn deleting_a_transcription_twice_is_no_error(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    fixture.delete_transcription(queued.id()).await;
    fixture.delete_transcription(queued.id()).await;
}
