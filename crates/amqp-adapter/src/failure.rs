//! What went wrong, and whether waiting helps.

use lapin::ErrorKind;
use lectern_application::ports::AnnouncerError;

/// What brokers answer when they know what is asked of them, and say no (AMQP 0-9-1, section 1.2): access refused, not
/// found, locked, precondition failed, not allowed. Everything else may pass by itself.
const REFUSALS: [u16; 5] = [403, 404, 405, 406, 530];

/// What the broker did beyond failing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("RabbitMQ did not answer in time")]
    Silence,
    #[error("the connection to RabbitMQ was lost")]
    Closed,
    #[error("RabbitMQ could not store a message; its log says why")]
    Nacked,
    #[error("RabbitMQ has no queue for a message: {0}")]
    Unroutable(String),
}

impl From<Failure> for AnnouncerError {
    fn from(failure: Failure) -> Self {
        let source = Box::new(failure);
        match *source {
            Failure::Silence | Failure::Closed => Self::Unavailable { source },
            Failure::Nacked | Failure::Unroutable(_) => Self::Refused { source },
        }
    }
}

/// lapin's errors name what the broker said and never a password.
pub(crate) fn failed(error: lapin::Error) -> AnnouncerError {
    let is_refusal =
        matches!(error.kind(), ErrorKind::ProtocolError(said) if REFUSALS.contains(&said.get_id()));
    let source = Box::new(error);
    if is_refusal { AnnouncerError::Refused { source } } else { AnnouncerError::Unavailable { source } }
}

/// An error with what is beneath it, for the log.
pub(crate) fn chain(error: &AnnouncerError) -> String {
    let (AnnouncerError::Unavailable { source } | AnnouncerError::Refused { source }) = error;
    format!("{error}: {source}")
}
