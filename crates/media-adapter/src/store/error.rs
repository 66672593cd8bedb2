//! From what stores and disks say to what the port says.

use std::{error::Error, io};

use lectern_application::ports::AudioStoreError;

/// An object store's error.
pub(super) fn from_object(error: object_store::Error) -> AudioStoreError {
    match error {
        object_store::Error::NotFound { .. } => AudioStoreError::Missing,
        error if is_full(&error) => AudioStoreError::Full { source: error.into() },
        error => AudioStoreError::Unavailable { source: error.into() },
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

/// Whether there is ENOSPC, EDQUOT or EFBIG anywhere beneath `error`.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    std::iter::successors(Some(error), |error| (*error).source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_recognised_beneath_other_errors() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            let error = object_store::Error::Generic { store: "x", source: Box::new(io::Error::from(kind)) };
            assert!(matches!(from_object(error), AudioStoreError::Full { .. }), "{kind}");
        }
    }

    #[test]
    fn other_errors_are_no_full_disk() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(from_io(error), AudioStoreError::Unavailable { .. }));
    }
}
