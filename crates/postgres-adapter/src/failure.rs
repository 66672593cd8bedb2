//! From PostgreSQL's errors to the port's.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use lectern_application::ports::{Constraint, Source, StoreError};
use tokio_postgres::error::SqlState;

/// Why statements failed: lets them use `?` on what diesel says and on what the domain says alike.
#[derive(Debug)]
pub(crate) enum Failure {
    /// PostgreSQL refused.
    Statement(Error),
    /// The port's error is known already.
    Store(StoreError),
}

impl Failure {
    /// A value that can't be stored, and should never have come here.
    pub(crate) fn unstorable(source: impl Into<Source>) -> Self {
        Self::Store(StoreError::Backend { source: source.into() })
    }

    /// What the port says of it. `code` is what the server gave last.
    pub(crate) fn explained(self, code: Option<&SqlState>) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Statement(error) => store_error(error, code),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Statement(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The classes of codes that say that the server, or the way to it, is not well, and may be later: connections, resources,
/// an operator's doing (timeouts too), the machine around it. Appendix A of PostgreSQL's documentation.
const UNAVAILABLE_CLASSES: [&str; 4] = ["08", "53", "57", "58"];
/// Single codes of other classes that say the same.
const UNAVAILABLE: [SqlState; 3] = [
    // The lock timeout.
    SqlState::LOCK_NOT_AVAILABLE,
    // A standby: the primary is somewhere else.
    SqlState::READ_ONLY_SQL_TRANSACTION,
    SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
];

fn store_error(error: Error, code: Option<&SqlState>) -> StoreError {
    let Error::DatabaseError(kind, details) = &error else {
        return StoreError::Backend { source: Box::new(error) };
    };
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::ExclusionViolation => {
            StoreError::Conflict { constraint: constraint(&**details) }
        }
        DatabaseErrorKind::SerializationFailure => StoreError::Contended { source: Box::new(error) },
        // Nothing came back at all.
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            StoreError::Unavailable { source: Box::new(error) }
        }
        _ => by_code(error, code),
    }
}

fn by_code(error: Error, code: Option<&SqlState>) -> StoreError {
    let Some(code) = code else { return StoreError::Backend { source: Box::new(error) } };
    let source: Source = Box::new(Refused { code: code.code().to_owned(), source: error });
    if [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code) {
        return StoreError::Contended { source };
    }
    let class = code.code().get(..2).unwrap_or_default();
    if UNAVAILABLE_CLASSES.contains(&class) || UNAVAILABLE.contains(code) {
        return StoreError::Unavailable { source };
    }
    StoreError::Backend { source }
}

/// An error with its code, which tells more than its text to whoever reads logs in another language than the server's.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL refused (SQLSTATE {code})")]
struct Refused {
    code: String,
    #[source]
    source: Error,
}

/// By the names that `migrations/postgres` gives.
fn constraint(details: &(dyn DatabaseErrorInformation + Send + Sync)) -> Constraint {
    match details.constraint_name() {
        Some("users_username_key") => Constraint::Username,
        Some("users_email_key") => Constraint::Email,
        Some("users_pkey") => Constraint::UserId,
        Some("roles_pkey") => Constraint::RoleName,
        Some("transcriptions_active") => Constraint::OneActiveTranscription,
        Some("ledger_entries_key") => Constraint::LedgerKey,
        Some("idempotency_keys_owned" | "idempotency_keys_anybodys") => Constraint::IdempotencyKey,
        Some(name) => Constraint::Other(name.to_owned()),
        None => Constraint::Other(details.column_name().unwrap_or_default().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> StoreError {
        let error = Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new("no".to_owned()));
        Failure::from(error).explained(Some(&SqlState::from_code(code)))
    }

    #[test]
    fn who_was_in_anothers_way_may_try_again() {
        assert!(matches!(refused("40P01"), StoreError::Contended { .. }));
        assert!(matches!(refused("40001"), StoreError::Contended { .. }));
    }

    #[test]
    fn a_server_that_is_not_well_is_unavailable() {
        for code in [
            "57014", "57P01", "57P02", "57P03", "53300", "53100", "08006", "58030", "55P03", "25006", "25P03",
        ] {
            assert!(matches!(refused(code), StoreError::Unavailable { .. }), "{code}");
        }
    }

    #[test]
    fn a_connection_that_is_gone_is_unavailable() {
        let error =
            Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new("closed".to_owned()));
        assert!(matches!(Failure::from(error).explained(None), StoreError::Unavailable { .. }));
    }

    #[test]
    fn a_mistake_of_ours_is_neither() {
        for code in ["42P01", "22P02", "22008"] {
            assert!(matches!(refused(code), StoreError::Backend { .. }), "{code}");
        }
        assert!(matches!(Failure::from(Error::NotFound).explained(None), StoreError::Backend { .. }));
    }
}
