//! What the suites of the audio store do again and again.

use std::ops::Range;

use bytes::Bytes;
use futures::TryStreamExt;
use lectern_application::ports::{AudioStoreError, ByteRange, StagedAudio};
use lectern_domain::{time::Timestamp, transcription::AudioKey};

use super::AudioStoreFixture;
use crate::build::fresh_id;

/// A recording of ten bytes.
pub(super) const TEN: &[u8] = b"0123456789";

/// Before any recording of any test, and after all of them, by whatever clock.
pub(super) const LONG_AGO: Timestamp = Timestamp::from_micros(0);
pub(super) const SOME_DAY: Timestamp = Timestamp::from_micros(253_402_300_799_000_000);

pub(super) fn key() -> AudioKey {
    AudioKey(fresh_id())
}

/// Five mebibytes in which no two stretches are alike.
pub(super) fn large() -> Vec<u8> {
    let word = |index: u32| index.wrapping_mul(0x9e37_79b9).rotate_left(13).to_le_bytes();
    (0..5 * 1024 * 1024 / 4).flat_map(word).collect()
}

impl AudioStoreFixture {
    /// Uploads in pieces of that many bytes.
    pub(super) async fn staged(&self, content: &[u8], piece: usize) -> StagedAudio {
        let mut upload = self.store.stage().await.unwrap();
        for piece in content.chunks(piece) {
            upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        upload.finish().await.unwrap()
    }

    pub(super) async fn kept(&self, content: &[u8]) -> AudioKey {
        let key = key();
        let staged = self.staged(content, 1024 * 1024).await;
        self.store.keep(staged, key).await.unwrap();
        key
    }

    /// The bytes of a range, which have to be as many as the range says.
    pub(super) async fn read(&self, key: AudioKey, start: u64, end: Option<u64>) -> (Bytes, Range<u64>) {
        let stream = self.store.read(key, Some(ByteRange { start, end })).await.unwrap();
        let bytes = stream.bytes.try_collect::<Vec<_>>().await.unwrap().concat();
        assert_eq!(u64::try_from(bytes.len()).unwrap(), stream.range.end - stream.range.start);
        (bytes.into(), stream.range)
    }

    /// All bytes, or `None` if there is no such recording.
    pub(super) async fn read_all(&self, key: AudioKey) -> Option<Vec<u8>> {
        let stream = match self.store.read(key, None).await {
            Err(AudioStoreError::Missing) => return None,
            found => found.unwrap(),
        };
        assert_eq!(stream.range, 0..stream.total);
        let bytes = stream.bytes.try_collect::<Vec<_>>().await.unwrap().concat();
        assert_eq!(u64::try_from(bytes.len()).unwrap(), stream.total);
        Some(bytes)
    }

    pub(super) async fn assert_missing(&self, key: AudioKey) {
        assert_eq!(self.read_all(key).await, None);
        assert!(matches!(self.store.fetch(key).await, Err(AudioStoreError::Missing)));
    }
}
