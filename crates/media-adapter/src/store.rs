//! The audio store, on an object store.
//!
//! A recording lies under `<last two digits of its key>/<key>`: keys are UUIDs of version 7, whose first digits are
//! the time and would put a decade's recordings into one folder. Uploads are staged on this machine's disk, because they
//! are probed before they are kept, and the probe needs a file. Where the store is a folder of this machine they are
//! moved into it; elsewhere that file, and the copies that [`AudioStore::fetch`] makes, are all the local state there is.
//!
//! Invariants: an object is written once and never changed; what is listed is complete. To extend it by another
//! kind of object store, build that store and pass it to [`ObjectAudioStore::remote`].

mod bytes;
mod download;
mod error;
mod examine;
mod keep;
mod listing;
mod location;
mod s3;
mod shelf;
mod staging;
mod upload;

use std::{os::unix::fs::DirBuilderExt as _, path::Path, pin::pin, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use lectern_application::ports::{
    AudioStore, AudioStoreError, AudioStream, ByteRange, LocalFile, StagedAudio, StagingFile,
};
use lectern_domain::{time::Timestamp, transcription::AudioKey};
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt as _, PutPayload,
    local::LocalFileSystem, path::Path as ObjectPath,
};
use tokio::sync::Semaphore;

pub use self::examine::{BucketReport, ConditionalWrites, examine_bucket};
pub use self::s3::{S3Settings, S3SettingsError};
pub use self::shelf::FolderShelf;
use self::{
    download::Download,
    listing::Page,
    location::location,
    staging::StagingDir,
    upload::{Labels, Upload},
};

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
    /// Room for the parts that are on their way.
    room: Semaphore,
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
            room: Semaphore::new(upload::PARTS_OF_ALL),
        })
    }

    /// A store on S3. Nothing is sent before the first use; [`AudioStore::ping`] tells whether the bucket can be used.
    /// `staging_dir` is treated as by [`ObjectAudioStore::local`].
    pub fn s3(settings: &S3Settings, staging_dir: &Path) -> Result<Self, AudioStoreError> {
        Self::remote(s3::open(settings).map_err(error::from_object)?, staging_dir)
    }

    /// A store somewhere else, which must list its objects in the order of their names, as S3 does. `staging_dir` is
    /// treated as by [`ObjectAudioStore::local`].
    pub fn remote(objects: Arc<dyn ObjectStore>, staging_dir: &Path) -> Result<Self, AudioStoreError> {
        Ok(Self {
            objects,
            folder: None,
            staging: StagingDir::open(staging_dir)?,
            room: Semaphore::new(upload::PARTS_OF_ALL),
        })
    }

    /// What a range is answered that could not be read: stores refuse those without a byte in them.
    async fn read_nothing(
        &self,
        location: &ObjectPath,
        range: Option<ByteRange>,
        error: AudioStoreError,
    ) -> Result<AudioStream, AudioStoreError> {
        let Some(ByteRange { start, end }) = range.filter(|_| error::may_be_of_the_range(&error)) else {
            return Err(error);
        };
        let total = error::asked(self.objects.head(location)).await?.size;
        if start < end.unwrap_or(total).min(total) {
            return Err(error);
        }
        Ok(AudioStream { total, range: start..start, bytes: futures::stream::empty().boxed() })
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
        let labels = if self.folder.is_some() { Labels::None } else { Labels::Kept };
        let upload = Upload {
            source: staged.file.path().to_owned(),
            bytes: staged.bytes,
            sha256: staged.sha256,
            objects: self.objects.as_ref(),
            location: &location,
            labels,
            room: &self.room,
        };
        upload.run().await
    }

    async fn fetch(&self, key: AudioKey) -> Result<LocalFile, AudioStoreError> {
        let location = location(key);
        let found = error::asked(self.objects.get(&location)).await?;
        let bytes = match found.payload {
            GetResultPayload::File(_, path) => return Ok(LocalFile::lasting(path)),
            GetResultPayload::Stream(bytes) => bytes,
        };
        let (objects, e_tag) = (Arc::clone(&self.objects), found.meta.e_tag);
        let download = Download { objects, location, e_tag, rest: found.range, bytes };
        let mut bytes = pin!(download.into_stream());
        let mut file = self.staging.create().await?;
        while let Some(bytes) = bytes.try_next().await? {
            file.write(bytes).await?;
        }
        let staged = Box::new(file).finish().await?;
        match upload::sha256_of(&found.attributes) {
            Some(sha256) if sha256 != staged.sha256.to_string() => Err(error::altered()),
            Some(_) | None => Ok(staged.file),
        }
    }

    async fn read(&self, key: AudioKey, range: Option<ByteRange>) -> Result<AudioStream, AudioStoreError> {
        let location = location(key);
        let options = GetOptions { range: range.map(get_range), ..GetOptions::default() };
        let found = match error::asked(self.objects.get_opts(&location, options)).await {
            Ok(found) => found,
            Err(error) => return self.read_nothing(&location, range, error).await,
        };
        let (total, range) = (found.meta.size, found.range.clone());
        let bytes = match found.payload {
            GetResultPayload::File(file, _) => bytes::of_file(file, range.clone()).boxed(),
            GetResultPayload::Stream(bytes) => {
                let (objects, e_tag) = (Arc::clone(&self.objects), found.meta.e_tag);
                Download { objects, location, e_tag, rest: range.clone(), bytes }.into_stream().boxed()
            }
        };
        Ok(AudioStream { total, range, bytes })
    }

    async fn delete(&self, key: AudioKey) -> Result<(), AudioStoreError> {
        // A folder knows what it doesn't have, S3 doesn't: to both callers it is gone.
        match error::asked(self.objects.delete(&location(key))).await {
            Ok(()) | Err(AudioStoreError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn kept_before(
        &self,
        before: Timestamp,
        after: Option<AudioKey>,
        limit: usize,
    ) -> Result<Vec<AudioKey>, AudioStoreError> {
        let page = Page { before, after, limit };
        match &self.folder {
            Some(folder) => listing::of_folder(folder, page).await,
            None => listing::of_objects(self.objects.as_ref(), page).await,
        }
    }

    async fn ping(&self) -> Result<(), AudioStoreError> {
        let location = ObjectPath::from(PING);
        let payload = PutPayload::from_static(PING_CONTENT);
        error::asked(self.objects.put(&location, payload)).await?;
        let found = error::asked(self.objects.get(&location)).await?;
        error::asked(found.bytes()).await?;

        let mut upload: Box<dyn StagingFile> = Box::new(self.staging.create().await?);
        upload.write(PING_CONTENT.into()).await?;
        upload.finish().await.map(drop)
    }
}

/// The range as stores know it. None has more bytes than fit into `i64`, and some can't read larger numbers.
fn get_range(ByteRange { start, end }: ByteRange) -> GetRange {
    match end {
        Some(end) if i64::try_from(end).is_ok() => GetRange::Bounded(start..end),
        Some(_) | None => GetRange::Offset(start),
    }
}

/// Makes a folder, and those above it, that only this user can enter.
fn make_private_dir(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Runs file operations where they block nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, AudioStoreError> {
    // What is logged there belongs to whoever asked.
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(result) => result.map_err(error::from_io),
        Err(source) => Err(AudioStoreError::Unavailable { source: source.into() }),
    }
}
