//! The audio store, on an object store.
//!
//! A recording lies under `<last two digits of its key>/<key>`: keys are UUIDs of version 7, whose first digits are
//! the time and would put a decade's recordings into one folder. Uploads are staged on this machine's disk, because they
//! are probed before they are kept, and the probe needs a file.
//!
//! Invariants: an object is written once and never changed; what is listed is complete. To extend it by another
//! kind of object store, build that store and pass it to [`ObjectAudioStore::remote`].

mod bytes;
mod error;
mod keep;
mod staging;

use std::{os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _, future};
use lectern_application::ports::{
    AudioStore, AudioStoreError, AudioStream, ByteRange, LocalFile, StagedAudio, StagingFile,
};
use lectern_domain::{time::Timestamp, transcription::AudioKey};
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutPayload,
    local::LocalFileSystem, path::Path as ObjectPath,
};
use uuid::Uuid;

use self::staging::StagingDir;

/// What [`AudioStore::ping`] writes. It is never deleted, so that replicas may ping at the same time.
const PING: &str = "ping";
const PING_CONTENT: &[u8] = b"lectern";

/// Keeps recordings in an object store.
#[derive(Debug)]
pub struct ObjectAudioStore {
    objects: Arc<dyn ObjectStore>,
    /// The same store, if it is a folder of this machine: staged files can be moved into it.
    folder: Option<LocalFileSystem>,
    staging: StagingDir,
}

impl ObjectAudioStore {
    /// A store in the folder `audio_dir`, which is best on the same file system as `staging_dir`: uploads are then
    /// moved and not copied. Folders that are missing are made, for this user alone. Staging files that a dead
    /// process left are removed.
    pub fn local(audio_dir: &Path, staging_dir: &Path) -> Result<Self, AudioStoreError> {
        make_private_dir(audio_dir).map_err(error::from_io)?;
        let folder =
            LocalFileSystem::new_with_prefix(audio_dir).map_err(error::from_object)?.with_fsync(true);
        Ok(Self {
            objects: Arc::new(folder.clone()),
            folder: Some(folder),
            staging: StagingDir::open(staging_dir)?,
        })
    }

    /// A store somewhere else. `staging_dir` is treated as by [`ObjectAudioStore::local`].
    pub fn remote(objects: Arc<dyn ObjectStore>, staging_dir: &Path) -> Result<Self, AudioStoreError> {
        Ok(Self { objects, folder: None, staging: StagingDir::open(staging_dir)? })
    }
}

#[async_trait]
impl AudioStore for ObjectAudioStore {
    async fn stage(&self) -> Result<Box<dyn StagingFile>, AudioStoreError> {
        Ok(Box::new(self.staging.create().await?))
    }

    async fn keep(&self, staged: StagedAudio, key: AudioKey) -> Result<(), AudioStoreError> {
        let location = location(key);
        if let Some(folder) = &self.folder {
            let target = folder.path_to_filesystem(&location).map_err(error::from_object)?;
            let source = staged.file.path().to_owned();
            if let keep::Moved::Yes = blocking(move || keep::move_into_place(&source, &target)).await? {
                return Ok(());
            }
        }
        keep::copy(staged.file.path(), self.objects.as_ref(), &location).await
    }

    async fn fetch(&self, key: AudioKey) -> Result<LocalFile, AudioStoreError> {
        match self.objects.get(&location(key)).await.map_err(error::from_object)?.payload {
            GetResultPayload::File(_, path) => Ok(LocalFile::lasting(path)),
            GetResultPayload::Stream(mut stream) => {
                let mut file = self.staging.create().await?;
                while let Some(bytes) = stream.try_next().await.map_err(error::from_object)? {
                    file.write(bytes).await?;
                }
                Ok(Box::new(file).finish().await?.file)
            }
        }
    }

    async fn read(&self, key: AudioKey, range: Option<ByteRange>) -> Result<AudioStream, AudioStoreError> {
        let location = location(key);
        let mut options = GetOptions::default();
        if let Some(ByteRange { start, end }) = range {
            // Object stores refuse empty ranges. Objects never change, so the size of a moment ago still holds.
            let total = self.objects.head(&location).await.map_err(error::from_object)?.size;
            let end = end.unwrap_or(total).min(total);
            if start >= end {
                return Ok(AudioStream {
                    total,
                    range: start..start,
                    bytes: futures::stream::empty().boxed(),
                });
            }
            options.range = Some(GetRange::Bounded(start..end));
        }
        let found = self.objects.get_opts(&location, options).await.map_err(error::from_object)?;
        let (total, range) = (found.meta.size, found.range.clone());
        let bytes = match found.payload {
            GetResultPayload::File(file, _) => bytes::of_file(file, range.clone()).boxed(),
            GetResultPayload::Stream(stream) => stream.map_err(error::from_object).boxed(),
        };
        Ok(AudioStream { total, range, bytes })
    }

    async fn delete(&self, key: AudioKey) -> Result<(), AudioStoreError> {
        // A folder knows what it doesn't have, S3 doesn't: to both callers it is gone.
        match self.objects.delete(&location(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error::from_object(error)),
        }
    }

    async fn kept_before(&self, before: Timestamp, limit: usize) -> Result<Vec<AudioKey>, AudioStoreError> {
        let old = |object: &ObjectMeta| object.last_modified.timestamp_micros() < before.as_micros();
        self.objects
            .list(None)
            .try_filter_map(|object| future::ok(key_of(&object).filter(|_| old(&object))))
            .take(limit)
            .map_err(error::from_object)
            .try_collect()
            .await
    }

    async fn ping(&self) -> Result<(), AudioStoreError> {
        let location = ObjectPath::from(PING);
        let payload = PutPayload::from_static(PING_CONTENT);
        self.objects.put(&location, payload).await.map_err(error::from_object)?;
        let found = self.objects.get(&location).await.map_err(error::from_object)?;
        found.bytes().await.map_err(error::from_object)?;

        let mut upload: Box<dyn StagingFile> = Box::new(self.staging.create().await?);
        upload.write(PING_CONTENT.into()).await?;
        upload.finish().await.map(drop)
    }
}

/// Where a recording lies.
fn location(AudioKey(id): AudioKey) -> ObjectPath {
    let shard = id.as_bytes()[15];
    ObjectPath::from(format!("{shard:02x}/{}", id.hyphenated()))
}

/// Which recording an object is, if it is one.
fn key_of(object: &ObjectMeta) -> Option<AudioKey> {
    let key = AudioKey(Uuid::try_parse(object.location.filename()?).ok()?);
    (location(key) == object.location).then_some(key)
}

/// Makes a folder, and those above it, that only this user can enter.
fn make_private_dir(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Runs file operations where they block nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, AudioStoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(error::from_io),
        Err(source) => Err(AudioStoreError::Unavailable { source: source.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_of_the_same_day_spread_over_folders() {
        let id = Uuid::try_parse("0190f3b4-7c1e-7abc-8def-00112233445f").unwrap();
        assert_eq!(location(AudioKey(id)).as_ref(), "5f/0190f3b4-7c1e-7abc-8def-00112233445f");
    }
}
