//! Which recordings workers are to find.

use lectern_application::ports::ShelvedRecording;
use lectern_domain::transcription::{State, Transcription};

use super::{StoreFixture, in_state};
use crate::build::at;

async fn shelved(fixture: &StoreFixture, transcription: &Transcription) -> ShelvedRecording {
    let owner = fixture.queries.account(transcription.parts().owner).await.unwrap().unwrap();
    ShelvedRecording { owner: owner.user.parts().number, key: transcription.parts().recording.key }
}

async fn active(fixture: &StoreFixture) -> Vec<ShelvedRecording> {
    let mut active = fixture.queries.active_recordings().await.unwrap();
    active.sort_unstable_by_key(|recording| recording.owner);
    active
}

/// Nothing to do is no error.
pub async fn without_active_transcriptions_there_is_no_active_recording(fixture: &StoreFixture) {
    assert_eq!(active(fixture).await, []);
}

/// Each active transcription's recording comes with the number of its owner.
pub async fn active_recordings_are_found_with_their_owners(fixture: &StoreFixture) {
    let (one, other) = (fixture.queued().await, fixture.queued().await);
    let expected = [shelved(fixture, &one).await, shelved(fixture, &other).await];
    assert_eq!(active(fixture).await, expected);
}

/// Whatever state it is active in, and in no final one.
pub async fn a_recording_is_active_as_its_transcription_is(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    let expected = shelved(fixture, &queued).await;
    for state in [State::Queued, State::InProgress, State::ProcessingError] {
        fixture.save_transcription(&in_state(&queued, state)).await;
        assert_eq!(active(fixture).await, [expected], "{state:?}");
    }
    for state in [
        State::Completed { at: at(1) },
        State::CompletedPartially { at: at(1) },
        State::ProcessingFail { at: at(1) },
        State::Cancelled { at: at(1) },
    ] {
        fixture.save_transcription(&in_state(&queued, state)).await;
        assert_eq!(active(fixture).await, [], "{state:?}");
    }
}
