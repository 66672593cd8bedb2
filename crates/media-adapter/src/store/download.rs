//! An object's bytes, however often the connection breaks on the way.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream, stream::BoxStream};
use lectern_application::ports::AudioStoreError;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, path::Path as ObjectPath};

use super::error;

/// A download under way. Objects never change, so what is missing can be asked for at any time.
pub(super) struct Download {
    pub(super) objects: Arc<dyn ObjectStore>,
    pub(super) location: ObjectPath,
    /// The object's version, if the store tells: the rest must be of the same.
    pub(super) e_tag: Option<String>,
    /// What has not come yet.
    pub(super) rest: Range<u64>,
    /// What comes now.
    pub(super) bytes: BoxStream<'static, object_store::Result<Bytes>>,
}

impl Download {
    /// The bytes. Where the connection breaks, the rest is asked for anew, as long as each connection brings something;
    /// a stream that ends early is an error, never a short answer.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, AudioStoreError>> + Send {
        stream::try_unfold((self, Progress::None), |(mut download, mut progress)| async move {
            loop {
                if download.rest.is_empty() {
                    return Ok(None);
                }
                let broken = match download.bytes.next().await {
                    Some(Ok(bytes)) if bytes.is_empty() => continue,
                    Some(Ok(bytes)) => {
                        download.advance(&bytes)?;
                        return Ok(Some((bytes, (download, Progress::Some))));
                    }
                    Some(Err(error)) => error::from_object(error),
                    None => unavailable("the object ended early"),
                };
                match progress {
                    Progress::None => return Err(broken),
                    Progress::Some => download.go_on().await?,
                }
                progress = Progress::None;
            }
        })
    }

    fn advance(&mut self, bytes: &Bytes) -> Result<(), AudioStoreError> {
        let start = u64::try_from(bytes.len()).ok().and_then(|len| self.rest.start.checked_add(len));
        match start.filter(|start| *start <= self.rest.end) {
            Some(start) => {
                self.rest.start = start;
                Ok(())
            }
            None => Err(unavailable("more came than was asked for")),
        }
    }

    async fn go_on(&mut self) -> Result<(), AudioStoreError> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(self.rest.clone())),
            if_match: self.e_tag.clone(),
            ..GetOptions::default()
        };
        let found = error::asked(self.objects.get_opts(&self.location, options)).await?;
        if found.range != self.rest {
            return Err(unavailable("other bytes came than were asked for"));
        }
        self.bytes = match found.payload {
            GetResultPayload::Stream(bytes) => bytes,
            GetResultPayload::File(..) => return Err(unavailable("the object became a file")),
        };
        Ok(())
    }
}

/// Whether the present connection has brought anything.
#[derive(Debug, Clone, Copy)]
enum Progress {
    None,
    Some,
}

fn unavailable(what: &'static str) -> AudioStoreError {
    AudioStoreError::Unavailable { source: what.into() }
}
