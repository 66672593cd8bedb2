//! What kinds of failures the ports' errors are.

use crate::{
    ErrorKind, UseCaseError,
    ports::{BackupsError, DumpError},
};

impl UseCaseError for DumpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Program(_) | Self::Refused(_) | Self::Failed { .. } | Self::File { .. } => {
                ErrorKind::Unavailable
            }
            Self::Damaged { .. } => ErrorKind::Invalid,
            Self::Full { .. } => ErrorKind::Full,
            Self::Store(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Program(_) => "program_missing",
            Self::Refused(_) => "database_refused",
            Self::Failed { .. } => "program_failed",
            Self::Damaged { .. } => "dump_damaged",
            Self::Full { .. } => "storage_full",
            Self::File { .. } => "storage_unavailable",
            Self::Store(inner) => inner.code(),
        }
    }
}

impl UseCaseError for BackupsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy { .. } => ErrorKind::Conflict,
            Self::Full { .. } => ErrorKind::Full,
            Self::Unusable { .. } => ErrorKind::Unavailable,
            Self::Missing { .. } => ErrorKind::NotFound,
            Self::Foreign { .. } | Self::Damaged { .. } => ErrorKind::Invalid,
            Self::Newer { .. } => ErrorKind::Unsupported,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "backup_under_way",
            Self::Full { .. } => "storage_full",
            Self::Unusable { .. } => "storage_unavailable",
            Self::Missing { .. } => "backup_missing",
            Self::Foreign { .. } => "not_a_backup",
            Self::Damaged { .. } => "backup_damaged",
            Self::Newer { .. } => "backup_too_new",
        }
    }
}
