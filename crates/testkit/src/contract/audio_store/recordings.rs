//! Recordings: kept all or nothing, read in ranges, listed and deleted.

use bytes::Bytes;
use futures::FutureExt;
use lectern_application::ports::{AudioStoreError, ByteRange};
use lectern_domain::transcription::Sha256;
use sha2::Digest;

use super::{
    AudioStoreFixture,
    steps::{LONG_AGO, SOME_DAY, TEN, key, large},
};

/// A kept recording has the bytes that were uploaded, as a stream and as a file.
pub async fn a_kept_recording_comes_back(fixture: &AudioStoreFixture) {
    let (key, other) = (fixture.kept(TEN).await, fixture.kept(b"another").await);
    assert_eq!(fixture.read_all(key).await.as_deref(), Some(TEN));
    let file = fixture.store.fetch(key).await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), TEN);
    assert_eq!(fixture.read_all(other).await.as_deref(), Some(b"another".as_slice()));
}

/// Whatever the pieces in which it came, a large recording comes back byte by byte.
pub async fn a_large_upload_in_odd_pieces_comes_back(fixture: &AudioStoreFixture) {
    let content = large();
    let staged = fixture.staged(&content, 65_521).await;
    assert_eq!(staged.sha256, Sha256(sha2::Sha256::digest(&content).into()));
    let key = key();
    fixture.store.keep(staged, key).await.unwrap();
    assert!(fixture.read_all(key).await.as_ref() == Some(&content), "other bytes came back");
    let (middle, _) = fixture.read(key, 1_000_003, Some(3_000_017)).await;
    assert!(middle == content[1_000_003..3_000_017], "other bytes came back");
}

/// Keeping removes the staging file.
pub async fn keeping_removes_the_staging_file(fixture: &AudioStoreFixture) {
    fixture.kept(TEN).await;
    assert_eq!((fixture.staging_files)(), 0);
}

/// After an error nothing MUST be left under the key.
pub async fn a_failed_keep_leaves_nothing(fixture: &AudioStoreFixture) {
    let staged = fixture.staged(TEN, 10).await;
    std::fs::remove_file(staged.file.path()).unwrap();
    let key = key();
    assert!(fixture.store.keep(staged, key).await.is_err());
    fixture.assert_missing(key).await;
    assert_eq!(fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap(), []);
}

/// A key that has a recording already MUST be refused, and its recording stay as it was.
pub async fn a_recording_is_never_overwritten(fixture: &AudioStoreFixture) {
    let key = fixture.kept(TEN).await;
    for other in [b"another".as_slice(), &large()] {
        let staged = fixture.staged(other, 1024 * 1024).await;
        assert!(fixture.store.keep(staged, key).await.is_err());
        assert_eq!(fixture.read_all(key).await.as_deref(), Some(TEN));
    }
    assert_eq!((fixture.staging_files)(), 0);
}

/// A reader never sees part of a recording, even while it is being kept.
pub async fn a_recording_is_kept_all_or_nothing(fixture: &AudioStoreFixture) {
    let (content, key) = (large(), key());
    let staged = fixture.staged(&content, 1024 * 1024).await;
    let store = fixture.store.clone();
    let keeping = tokio::spawn(async move { store.keep(staged, key).await });
    while !keeping.is_finished() {
        let seen = fixture.read_all(key).await;
        assert!(seen.is_none_or(|seen| seen == content), "part of a recording was seen");
        tokio::task::yield_now().await;
    }
    keeping.await.unwrap().unwrap();
    assert!(fixture.read_all(key).await == Some(content), "other bytes came back");
}

/// Nor after a keep that nobody waited for.
pub async fn a_dropped_keep_is_all_or_nothing(fixture: &AudioStoreFixture) {
    let (content, key) = (large(), key());
    let staged = fixture.staged(&content, 1024 * 1024).await;
    let _ = fixture.store.keep(staged, key).now_or_never();
    let seen = fixture.read_all(key).await;
    assert!(seen.is_none_or(|seen| seen == content), "part of a recording was seen");
}

/// A range within the recording is answered as it was asked for.
pub async fn a_range_is_answered(fixture: &AudioStoreFixture) {
    let key = fixture.kept(TEN).await;
    assert_eq!(fixture.read(key, 2, Some(5)).await, (Bytes::from_static(b"234"), 2..5));
    assert_eq!(fixture.read(key, 0, Some(1)).await, (Bytes::from_static(b"0"), 0..1));
    assert_eq!(fixture.read(key, 9, Some(10)).await, (Bytes::from_static(b"9"), 9..10));
}

/// A range without an end goes to the recording's.
pub async fn a_range_without_end_goes_to_the_end(fixture: &AudioStoreFixture) {
    let key = fixture.kept(TEN).await;
    assert_eq!(fixture.read(key, 7, None).await, (Bytes::from_static(b"789"), 7..10));
    let whole = fixture.store.read(key, Some(ByteRange { start: 0, end: None })).await.unwrap();
    assert_eq!((whole.total, whole.range), (10, 0..10));
}

/// A range's end beyond the recording's MUST be cut to it.
pub async fn a_range_beyond_the_end_is_cut(fixture: &AudioStoreFixture) {
    let key = fixture.kept(TEN).await;
    for end in [11, u64::MAX] {
        assert_eq!(fixture.read(key, 8, Some(end)).await, (Bytes::from_static(b"89"), 8..10));
    }
}

/// A start at or beyond the recording's end MUST answer an empty range there; the total stays right.
pub async fn a_range_from_the_end_is_empty(fixture: &AudioStoreFixture) {
    let key = fixture.kept(TEN).await;
    for start in [10, 11, u64::MAX] {
        for end in [None, Some(u64::MAX)] {
            assert_eq!(fixture.read(key, start, end).await, (Bytes::new(), start..start));
        }
        let stream = fixture.store.read(key, Some(ByteRange { start, end: None })).await.unwrap();
        assert_eq!(stream.total, 10);
    }
}

/// A recording of no bytes is a recording.
pub async fn an_empty_recording_is_read(fixture: &AudioStoreFixture) {
    let key = fixture.kept(&[]).await;
    assert_eq!(fixture.read_all(key).await, Some(vec![]));
    assert_eq!(fixture.read(key, 0, None).await, (Bytes::new(), 0..0));
}

/// A key without a recording is missing, whatever is asked of it.
pub async fn an_unknown_recording_is_missing(fixture: &AudioStoreFixture) {
    fixture.kept(TEN).await;
    let unknown = key();
    fixture.assert_missing(unknown).await;
    let range = Some(ByteRange { start: 20, end: None });
    assert!(matches!(fixture.store.read(unknown, range).await, Err(AudioStoreError::Missing)));
}

/// A deleted recording is missing; the others stay.
pub async fn a_deleted_recording_is_missing(fixture: &AudioStoreFixture) {
    let (deleted, kept) = (fixture.kept(TEN).await, fixture.kept(TEN).await);
    fixture.store.delete(deleted).await.unwrap();
    fixture.assert_missing(deleted).await;
    assert_eq!(fixture.read_all(kept).await.as_deref(), Some(TEN));
    assert_eq!(fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap(), [kept]);
}

/// Deleting one that isn't there MUST be no error.
pub async fn deleting_a_recording_twice_is_no_error(fixture: &AudioStoreFixture) {
    let deleted = fixture.kept(TEN).await;
    for key in [deleted, deleted, key()] {
        fixture.store.delete(key).await.unwrap();
    }
}

/// Recordings are listed by when they were kept: all of them some day, none of them long ago.
pub async fn recordings_are_listed_by_age(fixture: &AudioStoreFixture) {
    let expected = [fixture.kept(TEN).await, fixture.kept(TEN).await, fixture.kept(TEN).await];
    let mut listed = fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap();
    listed.sort_unstable_by_key(|key| key.0);
    assert_eq!(listed, expected);
    assert_eq!(fixture.store.kept_before(LONG_AGO, None, 10).await.unwrap(), []);
}

/// At most `limit` keys are listed.
pub async fn no_more_recordings_are_listed_than_asked_for(fixture: &AudioStoreFixture) {
    for _ in 0..3 {
        fixture.kept(TEN).await;
    }
    for (limit, listed) in [(0, 0), (2, 2), (3, 3), (4, 3)] {
        assert_eq!(fixture.store.kept_before(SOME_DAY, None, limit).await.unwrap().len(), listed);
    }
}

/// Page by page every recording is listed once; fewer than `limit` mean that there are no more.
pub async fn pages_join_without_gap_or_overlap(fixture: &AudioStoreFixture) {
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(fixture.kept(TEN).await);
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = fixture.store.kept_before(SOME_DAY, after, 2).await.unwrap();
        after = page.last().copied();
        listed.extend_from_slice(&page);
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(listed, fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap(), "in the same order");
    listed.sort_unstable_by_key(|key| key.0);
    assert_eq!(listed, expected);
}

/// The key after which a page begins holds its place when its recording is deleted.
pub async fn a_page_goes_on_after_a_deleted_recording(fixture: &AudioStoreFixture) {
    for _ in 0..4 {
        fixture.kept(TEN).await;
    }
    let all = fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap();
    fixture.store.delete(all[1]).await.unwrap();
    let rest = fixture.store.kept_before(SOME_DAY, Some(all[1]), 10).await.unwrap();
    assert_eq!(rest, all[2..]);
}

/// Uploads under way are no recordings.
pub async fn staged_uploads_are_not_listed(fixture: &AudioStoreFixture) {
    let _staged = fixture.staged(TEN, 10).await;
    let _upload = fixture.store.stage().await.unwrap();
    assert_eq!(fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap(), []);
}

/// A working store answers a ping, and what it does for it is neither a recording nor a staging file.
pub async fn a_working_store_answers_a_ping(fixture: &AudioStoreFixture) {
    fixture.store.ping().await.unwrap();
    assert_eq!(fixture.store.kept_before(SOME_DAY, None, 10).await.unwrap(), []);
    assert_eq!((fixture.staging_files)(), 0);
}
