//! Chunks: round trips, replacement, and what views show of them.

use std::time::Duration;

use lectern_application::ports::PageRequest;
use lectern_domain::transcription::{Chunk, ChunkNumber, ChunkNumbers, Segment};

use super::StoreFixture;
use crate::build::{chunk, transcription};

/// A chunk of each kind comes back: with and without text, with and without segments, in any script.
pub async fn a_chunk_comes_back_as_it_was_stored(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    let chunks = [
        chunk(0, "").build(),
        chunk(1, "one\ttwo\nthree 'four' \"five\" \\ %_").build(),
        chunk(2, "Лекция 講義 👩🏽‍🏫").with_segments(&[(0, 0, ""), (0, 7_199_999, "👩🏽‍🏫 \"\\'")]).build(),
    ];
    for chunk in &chunks {
        fixture.put_chunk(id, chunk, u32::MAX).await;
    }
    assert_eq!(fixture.queries.transcript(id).await.unwrap(), chunks);
}

/// A chunk may be as large as the domain lets it be.
pub async fn the_largest_chunk_comes_back(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    let text = "я".repeat(Chunk::MAX_BYTES / 2);
    let segment = |index: u64| {
        let start = Duration::from_millis(index);
        Segment::new(start, start + Duration::from_millis(1), "word").unwrap()
    };
    let segments = (0..).take(Chunk::MAX_SEGMENTS).map(segment).collect();
    let largest = Chunk::new(ChunkNumber(0), &text, segments).unwrap();
    fixture.put_chunk(id, &largest, 1).await;
    assert!(fixture.queries.transcript(id).await.unwrap() == [largest], "another chunk came back");
}

/// A chunk of the same number MUST be replaced, with its segments.
pub async fn a_chunk_replaces_its_predecessor_with_its_segments(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    let versions = [
        chunk(0, "old").with_segments(&[(0, 1, "o"), (1, 2, "l"), (2, 3, "d")]).build(),
        chunk(0, "new").with_segments(&[(5, 9, "new")]).build(),
        chunk(0, "newest").build(),
    ];
    for (revision, version) in (1..).zip(versions) {
        fixture.put_chunk(id, &version, revision).await;
        assert_eq!(fixture.queries.transcript(id).await.unwrap(), [version]);
    }
}

/// Chunks of the same number in different transcriptions have nothing to do with each other.
pub async fn chunks_belong_to_one_transcription(fixture: &StoreFixture) {
    let (first, second) = (fixture.queued().await.id(), fixture.queued().await.id());
    fixture.put_chunk(first, &chunk(0, "first").build(), 1).await;
    fixture.put_chunk(second, &chunk(0, "second").build(), 1).await;
    assert_eq!(fixture.queries.transcript(first).await.unwrap(), [chunk(0, "first").build()]);
    assert_eq!(fixture.queries.transcript(second).await.unwrap(), [chunk(0, "second").build()]);
}

/// The numbers of the stored chunks, each once, in whatever order they came.
pub async fn the_numbers_of_stored_chunks_are_known(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    assert_eq!(fixture.unit().await.chunk_numbers(id).await.unwrap(), ChunkNumbers::default());
    for number in [2, 0, 2] {
        fixture.put_chunk(id, &chunk(number, "words").build(), 1).await;
    }
    let expected = ChunkNumbers::from_iter([ChunkNumber(0), ChunkNumber(2)]);
    assert_eq!(fixture.unit().await.chunk_numbers(id).await.unwrap(), expected);
}

/// A transcript is in the order of numbers, not of storing.
pub async fn a_transcript_is_in_the_order_of_numbers(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    for (revision, number) in (1..).zip([10, 2, 0, 9]) {
        fixture.put_chunk(id, &chunk(number, "words").build(), revision).await;
    }
    let numbers = fixture.queries.transcript(id).await.unwrap().iter().map(Chunk::number).collect::<Vec<_>>();
    assert_eq!(numbers, [0, 2, 9, 10].map(ChunkNumber));
}

/// Pages of chunks are in the order of numbers, with the right total, beyond the last page too.
pub async fn chunks_come_in_pages(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    for number in [4, 3, 0, 1, 2] {
        fixture.put_chunk(id, &chunk(number, "words").build(), 1).await;
    }
    let pages: [&[u32]; 4] = [&[0, 1], &[2, 3], &[4], &[]];
    for (number, expected) in (1..).zip(pages) {
        let request = PageRequest::new(number, 2).unwrap();
        let page = fixture.queries.chunks(id, request).await.unwrap();
        let numbers = page.items.iter().map(|chunk| chunk.number().0).collect::<Vec<_>>();
        assert_eq!((numbers.as_slice(), page.total, page.request), (expected, 5, request));
    }
}

/// A page may begin anywhere, and is of the number that its first item has.
pub async fn chunks_come_from_anywhere(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    for number in 0..5 {
        fixture.put_chunk(id, &chunk(number, "words").build(), 1).await;
    }
    for (offset, expected, page) in [(1, &[1, 2, 3][..], 1), (4, &[4], 2), (u64::MAX, &[], u32::MAX)] {
        let request = PageRequest::after(offset, 3).unwrap();
        let found = fixture.queries.chunks(id, request).await.unwrap();
        let numbers = found.items.iter().map(|chunk| chunk.number().0).collect::<Vec<_>>();
        assert_eq!((numbers.as_slice(), found.total, found.request.page()), (expected, 5, page));
    }
}

/// A transcription that has no chunks, or doesn't exist, has empty pages.
pub async fn no_chunks_are_an_empty_page(fixture: &StoreFixture) {
    let unknown = transcription(fixture.account().await).build().id;
    let request = PageRequest::new(1, 10).unwrap();
    for id in [fixture.queued().await.id(), unknown] {
        let page = fixture.queries.chunks(id, request).await.unwrap();
        assert_eq!((page.items, page.total), (vec![], 0));
        assert_eq!(fixture.queries.transcript(id).await.unwrap(), []);
    }
}

/// The description is the first 256 characters of chunk 0: characters, not bytes.
pub async fn the_description_is_cut_by_characters(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    for letter in ["я", "a", "𝔘"] {
        for (length, shown) in [(255, 255), (256, 256), (257, 256)] {
            fixture.put_chunk(id, &chunk(0, &letter.repeat(length)).build(), 1).await;
            assert_eq!(fixture.view(id).await.description, Some(letter.repeat(shown)));
        }
    }
}

/// Without chunk 0 there is no description; a silent one is an empty description.
pub async fn only_chunk_0_is_a_description(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    fixture.put_chunk(id, &chunk(1, "words").build(), 1).await;
    assert_eq!(fixture.view(id).await.description, None);
    fixture.put_chunk(id, &chunk(0, "").build(), 2).await;
    assert_eq!(fixture.view(id).await.description.as_deref(), Some(""));
}

/// Of the stored chunks only those that are planned count as done: not the empty one at the end.
pub async fn only_planned_chunks_count_as_done(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let two_minutes = transcription(owner).duration(Duration::from_mins(2)).build();
    assert!(two_minutes.plan.is_valid(ChunkNumber(2)));
    let id = fixture.insert_transcription(two_minutes).await.id();
    for (number, done) in [(2, 0), (0, 1), (1, 2), (1, 2)] {
        fixture.put_chunk(id, &chunk(number, "words").build(), 1).await;
        assert_eq!(fixture.view(id).await.chunks_done, done);
    }
}

/// A shorter last chunk is planned, and so counts.
pub async fn a_short_last_chunk_counts_as_done(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let duration = Duration::from_mins(2) + Duration::from_micros(1);
    let id = fixture.insert_transcription(transcription(owner).duration(duration).build()).await.id();
    fixture.put_chunk(id, &chunk(2, "words").build(), 1).await;
    assert_eq!(fixture.view(id).await.chunks_done, 1);
}
