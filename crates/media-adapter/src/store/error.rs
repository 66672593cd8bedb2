//! From what stores and disks say to what the port says.

use std::{error::Error, future::Future, io, time::Duration};

use lectern_application::ports::AudioStoreError;

use super::s3::trouble::Trouble;

/// How long one request to an object store may take, with all that is tried again: a slow answer is waited for, and a
/// store that is gone is given up soon enough for whoever waits.
const REQUEST: Duration = Duration::from_secs(15);

/// Waits for one request to an object store.
pub(super) async fn asked<T>(
    request: impl Future<Output = object_store::Result<T>>,
) -> Result<T, AudioStoreError> {
    match tokio::time::timeout(REQUEST, request).await {
        Ok(answer) => answer.map_err(from_object),
        Err(_elapsed) => Err(AudioStoreError::Unavailable { source: Box::new(Trouble::Silent) }),
    }
}

/// An object store's error.
pub(super) fn from_object(error: object_store::Error) -> AudioStoreError {
    match (Trouble::of(&error), error) {
        (Some(trouble @ Trouble::Full), _) => AudioStoreError::Full { source: trouble.into() },
        // A missing bucket is not a missing recording.
        (Some(trouble @ Trouble::NoBucket), _) => AudioStoreError::Unavailable { source: trouble.into() },
        (_, object_store::Error::NotFound { .. }) => AudioStoreError::Missing,
        (Some(trouble), _) => AudioStoreError::Unavailable { source: trouble.into() },
        (None, error) if is_full(&error) => AudioStoreError::Full { source: error.into() },
        (None, error) => AudioStoreError::Unavailable { source: error.into() },
    }
}

/// The error of keeping under a key that has a recording.
pub(super) fn taken() -> AudioStoreError {
    AudioStoreError::Unavailable { source: "there is another recording under this key".into() }
}

/// The error of a recording whose bytes are not those that were kept.
pub(super) fn altered() -> AudioStoreError {
    AudioStoreError::Unavailable { source: "the bytes are not those that were kept".into() }
}

/// Whether an error can be about the range that was asked for, and not about the store.
pub(super) fn may_be_of_the_range(error: &AudioStoreError) -> bool {
    match error {
        AudioStoreError::Full { .. } | AudioStoreError::Missing => false,
        AudioStoreError::Unavailable { source } => {
            matches!(source.downcast_ref(), None | Some(Trouble::Other(_)))
        }
    }
}

/// A file's error. A missing file is a broken store here, not a missing recording.
pub(super) fn from_io(error: io::Error) -> AudioStoreError {
    if is_full(&error) {
        AudioStoreError::Full { source: error.into() }
    } else {
        AudioStoreError::Unavailable { source: error.into() }
    }
}

/// `error` and what lies beneath it.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// Whether there is ENOSPC, EDQUOT or EFBIG anywhere beneath `error`.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    chain(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(source: impl Into<Box<dyn Error + Send + Sync>>) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: source.into() }
    }

    #[test]
    fn a_full_disk_is_recognised_beneath_other_errors() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert!(
                matches!(from_object(generic(io::Error::from(kind))), AudioStoreError::Full { .. }),
                "{kind}"
            );
        }
    }

    #[test]
    fn other_errors_are_no_full_disk() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(from_io(error), AudioStoreError::Unavailable { .. }));
    }

    #[test]
    fn a_bucket_that_is_not_there_is_no_missing_recording() {
        for (code, missing) in [("NoSuchKey", true), ("NoSuchBucket", false)] {
            let source =
                format!("non-2xx status code: 404 Not Found: <Error><Code>{code}</Code></Error>").into();
            let error = from_object(object_store::Error::NotFound { path: "key".to_owned(), source });
            assert_eq!(matches!(error, AudioStoreError::Missing), missing, "{error:?}");
        }
    }

    #[test]
    fn a_full_bucket_is_full() {
        let error = generic("status code: 507 Insufficient Storage: <Code>XMinioStorageFull</Code>");
        assert!(matches!(from_object(error), AudioStoreError::Full { .. }));
    }
}
