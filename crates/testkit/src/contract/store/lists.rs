//! Lists of transcriptions: whose, in which order and pages, in which states; and recordings that nothing refers to.

use lectern_application::ports::{PageRequest, TranscriptionFilter};
use lectern_domain::{
    account::UserId,
    transcription::{AudioKey, State, StateName, TranscriptionNumber},
};

use super::{StoreFixture, in_state};
use crate::build::{at, chunk, fresh_id, recording, transcription};

fn all_of(owner: UserId) -> TranscriptionFilter {
    TranscriptionFilter { owner, state: None, search: None }
}

/// The numbers on a page, and the total.
async fn listed(
    fixture: &StoreFixture,
    filter: &TranscriptionFilter,
    page: u32,
    size: u32,
) -> (Vec<TranscriptionNumber>, u64) {
    let request = PageRequest::new(page, size).unwrap();
    let page = fixture.queries.transcriptions(filter, request).await.unwrap();
    assert_eq!(page.request, request);
    (page.items.iter().map(|view| view.transcription.parts().number).collect(), page.total)
}

/// An owner's transcriptions are listed newest first; made at the same time, by their numbers.
pub async fn the_newest_transcription_is_listed_first(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        let inserted = fixture.insert_finished(transcription(owner).created_at(at(1)).build()).await;
        expected.insert(0, inserted.parts().number);
    }
    assert_eq!(listed(fixture, &all_of(owner), 1, 10).await, (expected, 3));
}

/// Pages neither overlap nor leave anything out, and beyond the last one the total stays right.
pub async fn lists_come_in_pages(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let mut expected = Vec::new();
    for seconds in 0..5 {
        let inserted = fixture.insert_finished(transcription(owner).created_at(at(seconds)).build()).await;
        expected.insert(0, inserted.parts().number);
    }
    assert_eq!(listed(fixture, &all_of(owner), 1, 2).await, (expected[..2].to_vec(), 5));
    assert_eq!(listed(fixture, &all_of(owner), 2, 2).await, (expected[2..4].to_vec(), 5));
    assert_eq!(listed(fixture, &all_of(owner), 3, 2).await, (expected[4..].to_vec(), 5));
    assert_eq!(listed(fixture, &all_of(owner), 4, 2).await, (vec![], 5));
    assert_eq!(listed(fixture, &all_of(owner), u32::MAX, PageRequest::MAX_SIZE).await, (vec![], 5));
}

/// Who has no transcriptions has an empty list.
pub async fn an_empty_list_is_no_error(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    fixture.queued().await;
    assert_eq!(listed(fixture, &all_of(owner), 1, 10).await, (vec![], 0));
}

/// Others' transcriptions are not listed.
pub async fn only_ones_own_transcriptions_are_listed(fixture: &StoreFixture) {
    fixture.queued().await;
    let own = fixture.queued().await;
    fixture.queued().await;
    let expected = (vec![own.parts().number], 1);
    assert_eq!(listed(fixture, &all_of(own.parts().owner), 1, 10).await, expected);
}

/// A filter by state lists those in that state and counts no others.
pub async fn a_list_is_filtered_by_state(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let mut numbers = Vec::new();
    for name in StateName::ALL.into_iter().filter(|name| !name.is_active()) {
        let inserted = fixture.insert_transcription(transcription(owner).build()).await;
        let state = State::from_name(name, Some(at(9))).unwrap();
        fixture.save_transcription(&in_state(&inserted, state)).await;
        numbers.push((name, inserted.parts().number));
    }
    let active = fixture.insert_transcription(transcription(owner).build()).await;
    for name in StateName::ALL.into_iter().filter(|name| name.is_active()) {
        let state = State::from_name(name, None).unwrap();
        fixture.save_transcription(&in_state(&active, state)).await;
        let expected = (vec![active.parts().number], 1);
        assert_eq!(listed(fixture, &in_that(owner, name), 1, 10).await, expected, "{name}");
    }
    for (name, number) in numbers {
        let expected = (vec![number], 1);
        assert_eq!(listed(fixture, &in_that(owner, name), 1, 10).await, expected, "{name}");
    }
    assert_eq!(listed(fixture, &in_that(owner, StateName::Queued), 1, 10).await, (vec![], 0));
}

fn in_that(owner: UserId, state: StateName) -> TranscriptionFilter {
    TranscriptionFilter { state: Some(state), ..all_of(owner) }
}

/// What is listed is what is viewed: the transcription, its progress, its description.
pub async fn a_list_shows_what_a_view_shows(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let bare = fixture.insert_finished(transcription(owner).created_at(at(1)).build()).await;
    let new = transcription(owner).title("Sorting").language("en").created_at(at(2)).build();
    let begun = fixture.insert_transcription(new).await;
    fixture.put_chunk(begun.id(), &chunk(0, "good morning").build(), 1).await;
    fixture.put_chunk(begun.id(), &chunk(2, "good bye").build(), 2).await;

    let request = PageRequest::new(1, 10).unwrap();
    let page = fixture.queries.transcriptions(&all_of(owner), request).await.unwrap();
    assert_eq!(page.items, [fixture.view(begun.id()).await, fixture.view(bare.id()).await]);
    assert_eq!(page.items[0].chunks_done, 2);
    assert_eq!(page.items[0].description.as_deref(), Some("good morning"));
}

/// Of some keys, those that no transcription refers to: of anybody's, in any state.
pub async fn unreferenced_recordings_are_found(fixture: &StoreFixture) {
    let referenced = fixture.queued().await.parts().recording.key;
    let finished = fixture.insert_finished(transcription(fixture.account().await).build()).await;
    let deleted = fixture.queued().await;
    fixture.delete_transcription(deleted.id()).await;
    let (unknown, deleted) = (recording().key, deleted.parts().recording.key);

    let keys = [referenced, unknown, finished.parts().recording.key, deleted];
    let mut found = fixture.queries.unreferenced_audio(&keys).await.unwrap();
    found.sort_unstable_by_key(|key| key.0);
    let mut expected = vec![unknown, deleted];
    expected.sort_unstable_by_key(|key| key.0);
    assert_eq!(found, expected);
}

/// Any number of keys can be asked for.
pub async fn any_number_of_recordings_is_looked_for(fixture: &StoreFixture) {
    let referenced = fixture.queued().await.parts().recording.key;
    assert_eq!(fixture.queries.unreferenced_audio(&[]).await.unwrap(), []);
    let unknown = std::iter::repeat_with(|| AudioKey(fresh_id())).take(5_000);
    let keys = unknown.chain([referenced]).collect::<Vec<_>>();
    assert_eq!(fixture.queries.unreferenced_audio(&keys).await.unwrap().len(), 5_000);
}
