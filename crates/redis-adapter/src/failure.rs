//! What the log says of a failure.

use redis::{ErrorKind, RedisError};

/// What went wrong, without anything that the server says in words of its own: some servers repeat the command that they
/// refuse, and `AUTH` is one.
pub(crate) fn reason(error: &RedisError) -> String {
    if error.is_io_error() {
        return error.to_string();
    }
    match (error.kind(), error.code()) {
        (ErrorKind::AuthenticationFailed, _) => "it refuses the user or the password".to_owned(),
        (kind, Some(code)) => format!("it answered {code} ({kind:?})"),
        (kind, None) => format!("{kind:?}"),
    }
}
