//! Uploads: measured, hashed, and gone when they are dropped.

use bytes::Bytes;
use futures::FutureExt;
use lectern_domain::transcription::Sha256;
use sha2::Digest;

use super::{
    AudioStoreFixture,
    steps::{TEN, large},
};

/// A finished upload knows its size and its hash, and is a file with those bytes.
pub async fn a_staged_upload_is_measured_and_hashed(fixture: &AudioStoreFixture) {
    let staged = fixture.staged(TEN, 3).await;
    assert_eq!(staged.bytes, 10);
    assert_eq!(staged.sha256, Sha256(sha2::Sha256::digest(TEN).into()));
    assert_eq!(std::fs::read(staged.file.path()).unwrap(), TEN);
}

/// An upload without any bytes is one of zero bytes.
pub async fn an_empty_upload_is_staged(fixture: &AudioStoreFixture) {
    let staged = fixture.staged(&[], 1).await;
    assert_eq!(staged.bytes, 0);
    assert_eq!(staged.sha256, Sha256(sha2::Sha256::digest([]).into()));
    assert_eq!(std::fs::read(staged.file.path()).unwrap(), []);
}

/// An upload under way that is dropped MUST leave no file.
pub async fn a_dropped_upload_leaves_no_file(fixture: &AudioStoreFixture) {
    let mut upload = fixture.store.stage().await.unwrap();
    upload.write(Bytes::from_static(TEN)).await.unwrap();
    assert_eq!((fixture.staging_files)(), 1);
    drop(upload);
    assert_eq!((fixture.staging_files)(), 0);
}

/// Nor does one that is dropped in the middle of a write.
pub async fn an_upload_dropped_in_a_write_leaves_no_file(fixture: &AudioStoreFixture) {
    let mut upload = fixture.store.stage().await.unwrap();
    let _ = upload.write(large().into()).now_or_never();
    drop(upload);
    assert_eq!((fixture.staging_files)(), 0);
}

/// A complete upload that is dropped is gone.
pub async fn a_dropped_staged_upload_leaves_no_file(fixture: &AudioStoreFixture) {
    let staged = fixture.staged(TEN, 10).await;
    assert_eq!((fixture.staging_files)(), 1);
    drop(staged);
    assert_eq!((fixture.staging_files)(), 0);
}
