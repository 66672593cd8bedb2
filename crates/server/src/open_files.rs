//! How many files the process may have open: a connection is one of them, or two.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit to the most that this process may ask for, and says what it is then.
pub(crate) fn raise() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::debug!(%error, "the limit of open files can't be raised");
        }
    }
    files(getrlimit(Resource::Nofile).current)
}

fn files(limit: Option<u64>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}
