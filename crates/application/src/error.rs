//! What all use cases' errors have in common.

use std::time::Duration;

use lectern_domain::{access::PermissionDenied, throttling::TooSoon, transcription::TransitionError};

use crate::ports::{
    AnnouncerError, AudioReadError, AudioStoreError, Constraint, HashError, NoRandomBytes, RenderError,
    SignError, StoreError,
};

/// What kind of failure it is: all that a transport needs to choose a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// It isn't there, or is another's.
    NotFound,
    /// It clashes with what is there.
    Conflict,
    /// The input is wrong.
    Invalid,
    /// The input is larger than allowed.
    TooLarge,
    /// The input is of a kind that can't be read.
    Unsupported,
    /// Nobody knows who is asking.
    Unauthenticated,
    /// Whoever is asking may not.
    Forbidden,
    /// Too often.
    TooMany,
    /// Not now; trying again later may help.
    Unavailable,
    /// There is no room left.
    Full,
    /// A defect, ours or of something we stand on.
    Internal,
}

/// The error of a use case. `Display` is for the caller; sources are for the log and never part of it.
pub trait UseCaseError: std::error::Error + Send + Sync + 'static {
    /// What kind of failure it is.
    fn kind(&self) -> ErrorKind;

    /// A stable name for programs, in snake case.
    fn code(&self) -> &'static str;

    /// The name of the input's field that is wrong, if it is one.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// Whether another unit of work was in the way, and doing all of it again at once helps.
    fn is_contended(&self) -> bool {
        false
    }

    /// How long to wait before trying again, if waiting helps and it is known how long.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

impl UseCaseError for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            // A rule that no caller has an answer for was broken by us.
            Self::Conflict { constraint: Constraint::Other(_) }
            | Self::Corrupt { .. }
            | Self::Backend { .. } => ErrorKind::Internal,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Unavailable { .. } | Self::Contended { .. } => ErrorKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Conflict { constraint: Constraint::Other(_) }
            | Self::Corrupt { .. }
            | Self::Backend { .. } => "internal",
            Self::Conflict { .. } => "conflict",
            Self::Unavailable { .. } | Self::Contended { .. } => "database_unavailable",
        }
    }

    fn is_contended(&self) -> bool {
        matches!(self, Self::Contended { .. })
    }
}

impl UseCaseError for AudioStoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Full { .. } => ErrorKind::Full,
            // The database says that it exists: its loss is ours, not the caller's.
            Self::Missing => ErrorKind::Internal,
            Self::Unavailable { .. } => ErrorKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "storage_full",
            Self::Missing => "audio_missing",
            Self::Unavailable { .. } => "storage_unavailable",
        }
    }
}

impl UseCaseError for AudioReadError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAudio => ErrorKind::Invalid,
            Self::UnsupportedCodec { .. } => ErrorKind::Unsupported,
            Self::Unreadable { .. } => ErrorKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotAudio => "not_audio",
            Self::UnsupportedCodec { .. } => "unsupported_codec",
            Self::Unreadable { .. } => "storage_unavailable",
        }
    }

    fn field(&self) -> Option<&'static str> {
        matches!(self, Self::NotAudio | Self::UnsupportedCodec { .. }).then_some("audio")
    }
}

impl UseCaseError for AnnouncerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable { .. } => ErrorKind::Unavailable,
            Self::Refused { .. } => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "broker_unavailable",
            Self::Refused { .. } => "broker_refused",
        }
    }
}

impl UseCaseError for HashError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy => ErrorKind::Unavailable,
            Self::Invalid { .. } => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Invalid { .. } => "internal",
        }
    }
}

impl UseCaseError for SignError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    fn code(&self) -> &'static str {
        "internal"
    }
}

impl UseCaseError for NoRandomBytes {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    fn code(&self) -> &'static str {
        "internal"
    }
}

impl UseCaseError for RenderError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    fn code(&self) -> &'static str {
        "internal"
    }
}

impl UseCaseError for PermissionDenied {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Forbidden
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::NotHeld | Self::Outranked => "permission_denied",
            Self::CannotInteract => "not_approved",
            Self::Shared => "account_shared",
        }
    }
}

impl UseCaseError for TooSoon {
    fn kind(&self) -> ErrorKind {
        ErrorKind::TooMany
    }

    fn code(&self) -> &'static str {
        "too_many_attempts"
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(self.retry_after)
    }
}

impl UseCaseError for TransitionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Illegal(_) | Self::AudioRemoved => ErrorKind::Conflict,
            Self::ChunkOutOfPlan { .. } => ErrorKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Illegal(_) => "illegal_transition",
            Self::ChunkOutOfPlan { .. } => "chunk_out_of_plan",
            Self::AudioRemoved => "audio_removed",
        }
    }

    fn field(&self) -> Option<&'static str> {
        matches!(self, Self::ChunkOutOfPlan { .. }).then_some("number")
    }
}

/// An error with all that is beneath it, for the log.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

/// Implements [`UseCaseError`] for an enum: variants of its own with kind, code and field, the others delegate.
macro_rules! use_case_error {
    ($error:ident {
        $($own:ident $({ $($fields:tt)* })? => $kind:ident, $code:literal $(, $field:literal)?;)*
        ..$($inner:ident),*
    }) => {
        impl $crate::UseCaseError for $error {
            fn kind(&self) -> $crate::ErrorKind {
                match self {
                    $(Self::$own { .. } => $crate::ErrorKind::$kind,)*
                    $(Self::$inner(inner) => inner.kind(),)*
                }
            }

            fn code(&self) -> &'static str {
                match self {
                    $(Self::$own { .. } => $code,)*
                    $(Self::$inner(inner) => inner.code(),)*
                }
            }

            fn field(&self) -> Option<&'static str> {
                match self {
                    $(Self::$own { .. } => { None::<&'static str>$(.or(Some($field)))? })*
                    $(Self::$inner(inner) => inner.field(),)*
                }
            }

            fn is_contended(&self) -> bool {
                match self {
                    $(Self::$own { .. } => false,)*
                    $(Self::$inner(inner) => inner.is_contended(),)*
                }
            }

            fn retry_after(&self) -> Option<std::time::Duration> {
                match self {
                    $(Self::$own { .. } => None,)*
                    $(Self::$inner(inner) => inner.retry_after(),)*
                }
            }
        }
    };
}
pub(crate) use use_case_error;
