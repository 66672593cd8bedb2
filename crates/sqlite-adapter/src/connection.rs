//! What every connection is set up with.

use std::sync::Arc;

use diesel::{
    Connection, SqliteConnection,
    connection::SimpleConnection,
    result::{ConnectionError, ConnectionResult},
};
use lectern_application::slow_queries::SlowQueries;

use crate::slow::SlowStatements;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It may write.
    Write,
    /// It can't write, even by mistake.
    Read,
}

/// `busy_timeout` comes first, as the others may meet the lock of another process: a backup, or the command line.
///
/// `synchronous = FULL` flushes the log at every commit. With `NORMAL`, the cheaper choice in WAL mode, a power cut
/// undoes the last commits. The database stays consistent then, but its clients know better: refresh tokens that were
/// handed out would be of unknown generations, and uploads that were accepted would be gone.
const SETUP: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
";

/// Opens a connection to the file at `path`, an absolute path.
pub(crate) fn connect(
    path: &str,
    access: Access,
    slow: &Arc<SlowQueries>,
) -> ConnectionResult<SqliteConnection> {
    let mut connection = SqliteConnection::establish(path)?;
    connection.batch_execute(SETUP).map_err(ConnectionError::CouldntSetupConfiguration)?;
    if access == Access::Read {
        let read_only = connection.batch_execute("PRAGMA query_only = ON");
        read_only.map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    if let Some(watch) = slow.watch() {
        connection.set_instrumentation(SlowStatements(watch));
    }
    Ok(connection)
}
