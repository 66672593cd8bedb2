//! From the staging folder into an object store, all or nothing.
//!
//! A multipart upload appears when it is completed, or never. It is aborted when anything fails on the way, and when
//! nobody waits for it any more. What can't be aborted, because the network or this process died, stays invisible; the
//! bucket's lifecycle rule for incomplete uploads removes it.

use std::{
    fs::File,
    io::{self, Read as _},
    path::PathBuf,
    time::Duration,
};

use futures::{TryStreamExt as _, stream};
use lectern_application::ports::AudioStoreError;
use lectern_domain::transcription::Sha256;
use object_store::{
    Attribute, Attributes, GetOptions, MultipartUpload, ObjectStore, PutMultipartOptions,
    path::Path as ObjectPath,
};
use tokio::{runtime::Handle, sync::Semaphore};

use super::{blocking, error};

/// The smallest part: S3 takes none smaller than 5 MiB, except the last.
const PART: u64 = 5 * 1024 * 1024;
/// The most parts of an upload on S3.
const MOST_PARTS: u64 = 10_000;
/// So many parts of one upload are on their way at once.
const PARTS_AT_ONCE: usize = 4;
/// So many of all uploads: with parts of 5 MiB, 40 MiB of memory.
pub(super) const PARTS_OF_ALL: usize = 8;
/// How long to ask what became of an upload whose end was not heard.
const SETTLING: Duration = Duration::from_secs(5);
/// The name under which an object says what its bytes hash to; on S3 the header `x-amz-meta-sha256`.
const SHA256: &str = "sha256";

/// Whether objects say what their bytes hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Labels {
    /// They do: S3.
    Kept,
    /// There is no place for it: a folder.
    None,
}

/// A file on its way into a store.
pub(super) struct Upload<'a> {
    pub(super) source: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: Sha256,
    pub(super) objects: &'a dyn ObjectStore,
    pub(super) location: &'a ObjectPath,
    pub(super) labels: Labels,
    /// Room for the parts of all uploads.
    pub(super) room: &'a Semaphore,
}

/// What lies at a location.
enum Found {
    Nothing,
    /// This very recording.
    Ours,
    Another,
}

impl Upload<'_> {
    /// Uploads it, unless something lies there.
    pub(super) async fn run(&self) -> Result<(), AudioStoreError> {
        let path = self.source.clone();
        let file = blocking(move || File::open(path)).await?;
        let options = PutMultipartOptions { attributes: self.attributes(), ..Default::default() };
        let begun = error::asked(self.objects.put_multipart_opts(self.location, options));
        let (found, begun) = futures::join!(self.found(), begun);
        let mut upload = Aborting::new(begun.map_err(not_missing)?);
        if !matches!(found?, Found::Nothing) {
            return Err(error::taken());
        }
        self.send_parts(file, &mut upload).await?;
        match upload.complete().await {
            Ok(()) => Ok(()),
            // Its answer may have been lost, or it may have been completed twice, the second time in vain.
            Err(error) => match tokio::time::timeout(SETTLING, self.settle(upload)).await {
                Ok(Ok(Found::Ours)) => Ok(()),
                Ok(Ok(Found::Another)) => Err(error::taken()),
                Ok(Ok(Found::Nothing) | Err(_)) | Err(_) => Err(not_missing(error)),
            },
        }
    }

    async fn send_parts(&self, file: File, upload: &mut Aborting) -> Result<(), AudioStoreError> {
        let size = PART.max(self.bytes.div_ceil(MOST_PARTS));
        let parts = stream::try_unfold(file, |file| async move {
            // Read when there is room, so that the parts in memory are those on their way.
            let room = self.room.acquire().await.map_err(|error| unavailable(error.into()))?;
            let (part, file) = blocking(move || read_part(file, size)).await?;
            Ok((!part.is_empty()).then_some(((part, room), file)))
        });
        let send = |(part, room): (Vec<u8>, _)| {
            let sent = upload.put_part(part);
            async move {
                let result = sent?.await;
                drop(room);
                result
            }
        };
        parts.try_for_each_concurrent(PARTS_AT_ONCE, send).await.map_err(not_missing)
    }

    /// After an end that was not heard: makes sure that nothing appears any more, and looks.
    async fn settle(&self, upload: Aborting) -> Result<Found, AudioStoreError> {
        upload.abort().await;
        self.found().await
    }

    async fn found(&self) -> Result<Found, AudioStoreError> {
        let head = GetOptions { head: true, ..GetOptions::default() };
        match error::asked(self.objects.get_opts(self.location, head)).await {
            Ok(found) if sha256_of(&found.attributes) == Some(self.sha256.to_string().as_str()) => {
                Ok(Found::Ours)
            }
            Ok(_) => Ok(Found::Another),
            Err(AudioStoreError::Missing) => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    fn attributes(&self) -> Attributes {
        match self.labels {
            Labels::Kept => {
                Attributes::from_iter([(Attribute::Metadata(SHA256.into()), self.sha256.to_string())])
            }
            Labels::None => Attributes::new(),
        }
    }
}

/// What the object says that its bytes hash to, in hexadecimal.
pub(super) fn sha256_of(attributes: &Attributes) -> Option<&str> {
    attributes.get(&Attribute::Metadata(SHA256.into())).map(AsRef::as_ref)
}

/// A multipart upload that is aborted when it is dropped before its end.
struct Aborting(Option<Box<dyn MultipartUpload>>);

impl Aborting {
    fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self(Some(upload))
    }

    fn upload(&mut self) -> Result<&mut Box<dyn MultipartUpload>, AudioStoreError> {
        self.0.as_mut().ok_or_else(|| unavailable("the upload has ended".into()))
    }

    /// The sending of a part.
    fn put_part(
        &mut self,
        part: Vec<u8>,
    ) -> Result<impl Future<Output = Result<(), AudioStoreError>> + use<>, AudioStoreError> {
        self.upload().map(|upload| error::asked(upload.put_part(part.into())))
    }

    async fn complete(&mut self) -> Result<(), AudioStoreError> {
        error::asked(self.upload()?.complete()).await?;
        self.0 = None;
        Ok(())
    }

    async fn abort(mut self) {
        if let Some(upload) = self.0.take() {
            abort(upload).await;
        }
    }
}

impl Drop for Aborting {
    /// In the background: whoever waited has their answer, or has gone.
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            drop(runtime.spawn(abort(upload)));
        }
    }
}

async fn abort(mut upload: Box<dyn MultipartUpload>) {
    match error::asked(upload.abort()).await {
        // Without the upload there is nothing left to abort.
        Ok(()) | Err(AudioStoreError::Missing) => {}
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "an upload could not be aborted; the bucket's lifecycle rule removes it");
        }
    }
}

/// An upload, not a recording, is what is missing here.
fn not_missing(error: AudioStoreError) -> AudioStoreError {
    match error {
        AudioStoreError::Missing => unavailable("the upload is gone".into()),
        error => error,
    }
}

fn unavailable(source: Box<dyn std::error::Error + Send + Sync>) -> AudioStoreError {
    AudioStoreError::Unavailable { source }
}

fn read_part(file: File, size: u64) -> io::Result<(Vec<u8>, File)> {
    let mut part = Vec::with_capacity(usize::try_from(size).map_err(io::Error::other)?);
    let mut limited = file.take(size);
    limited.read_to_end(&mut part)?;
    Ok((part, limited.into_inner()))
}
