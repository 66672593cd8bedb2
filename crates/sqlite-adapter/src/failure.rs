//! From SQLite's errors to the port's.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error};
use lectern_application::ports::{Constraint, Source, StoreError};

/// Why statements failed: lets them use `?` on what diesel says and on what the domain says alike.
#[derive(Debug)]
pub(crate) enum Failure {
    /// SQLite refused.
    Statement(Error),
    /// The port's error is known already.
    Store(StoreError),
}

impl Failure {
    /// A value that can't be stored, and should never have come here.
    pub(crate) fn unstorable(source: impl Into<Source>) -> Self {
        Self::Store(StoreError::Backend { source: source.into() })
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

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        Self::Store(StoreError::Unavailable { source: Box::new(error) })
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error,
            Failure::Statement(error) => store_error(error),
        }
    }
}

/// The beginnings of what SQLite says when it is the machine's state that keeps it from working (`sqlite3_errstr` of
/// `SQLITE_BUSY`, `LOCKED`, `FULL`, `IOERR`, `CANTOPEN`, `READONLY` and `PROTOCOL`). Diesel passes on no codes.
const UNAVAILABLE: [&str; 7] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "locking protocol",
];

fn store_error(error: Error) -> StoreError {
    let Error::DatabaseError(kind, details) = &error else {
        return StoreError::Backend { source: Box::new(error) };
    };
    let message = details.message();
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation => StoreError::Conflict { constraint: constraint(message) },
        _ if UNAVAILABLE.iter().any(|beginning| message.starts_with(beginning)) => {
            StoreError::Unavailable { source: Box::new(error) }
        }
        _ => StoreError::Backend { source: Box::new(error) },
    }
}

/// SQLite doesn't name the index that a value violates, but its columns: `UNIQUE constraint failed: table.column`.
fn constraint(message: &str) -> Constraint {
    match message.strip_prefix("UNIQUE constraint failed: ") {
        Some("users.username_key") => Constraint::Username,
        Some("users.email_key") => Constraint::Email,
        Some("users.id") => Constraint::UserId,
        Some("roles.name") => Constraint::RoleName,
        Some("transcriptions.owner_id") => Constraint::OneActiveTranscription,
        Some("ledger_entries.user_id, ledger_entries.idempotency_key") => Constraint::LedgerKey,
        Some("idempotency_keys.owner_id, idempotency_keys.operation, idempotency_keys.key") => {
            Constraint::IdempotencyKey
        }
        _ => Constraint::Other(message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

    use super::*;

    fn connection() -> SqliteConnection {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.batch_execute("CREATE TABLE t (a TEXT UNIQUE CHECK (a <> 'bad'))").unwrap();
        connection
    }

    /// What the port says when SQLite refuses these statements.
    fn refused(connection: &mut SqliteConnection, sql: &str) -> StoreError {
        Failure::from(connection.batch_execute(sql).unwrap_err()).into()
    }

    #[test]
    fn a_locked_database_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lectern.db");
        let [mut one, mut other] =
            [(); 2].map(|()| SqliteConnection::establish(path.to_str().unwrap()).unwrap());
        one.batch_execute("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(refused(&mut other, "BEGIN IMMEDIATE"), StoreError::Unavailable { .. }));
    }

    #[test]
    fn a_full_disk_is_unavailable() {
        let sql = "PRAGMA max_page_count = 3; INSERT INTO t VALUES (hex(zeroblob(100000)))";
        assert!(matches!(refused(&mut connection(), sql), StoreError::Unavailable { .. }));
    }

    #[test]
    fn a_database_that_can_only_be_read_is_unavailable() {
        let sql = "PRAGMA query_only = ON; INSERT INTO t VALUES ('good')";
        assert!(matches!(refused(&mut connection(), sql), StoreError::Unavailable { .. }));
    }

    #[test]
    fn a_rule_without_a_name_of_ours_is_another_conflict() {
        let sql = "INSERT INTO t VALUES ('bad')";
        let expected = Constraint::Other("CHECK constraint failed: a <> 'bad'".to_owned());
        let refused = refused(&mut connection(), sql);
        assert!(matches!(refused, StoreError::Conflict { constraint } if constraint == expected));
    }

    #[test]
    fn a_mistake_of_ours_is_neither() {
        let refused = refused(&mut connection(), "SELECT nothing FROM nowhere");
        assert!(matches!(refused, StoreError::Backend { .. }));
    }
}
